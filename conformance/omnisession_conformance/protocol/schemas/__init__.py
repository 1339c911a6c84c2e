"""The protocol's schemas as data: reads bodies strictly, checks them, and explains what is wrong.

`strict` turns bytes into a body, `check` judges a body by a definition of `schemas/v1`, and
`catalogue` is the view on `subjects.json` and `errors.json`. This package imports nothing else
of the kit, but for how JSON is read and the names of the two sides. `check` is imported by its own
name: whoever only reads needs no judging library.
"""

from omnisession_conformance.protocol.schemas.catalogue import (
    Catalogue,
    ErrorCode,
    ErrorDetail,
    SubjectRow,
    catalogue,
    definition_for,
)
from omnisession_conformance.protocol.schemas.decoded import MAX_SAFE_INTEGER, Decoded, Flaw
from omnisession_conformance.protocol.schemas.location import SchemasNotFoundError, schemas_folder
from omnisession_conformance.protocol.schemas.strict import decode
from omnisession_conformance.protocol.schemas.violation import Violation
from omnisession_conformance.protocol.subjects import Side

__all__ = [
    "MAX_SAFE_INTEGER",
    "Catalogue",
    "Decoded",
    "ErrorCode",
    "ErrorDetail",
    "Flaw",
    "SchemasNotFoundError",
    "Side",
    "SubjectRow",
    "Violation",
    "catalogue",
    "decode",
    "definition_for",
    "schemas_folder",
]

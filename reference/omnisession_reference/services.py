"""What the parts of the server share."""

from dataclasses import dataclass

from omnisession_reference.clock import Clock
from omnisession_reference.errors import Errors
from omnisession_reference.fanout import Fanout
from omnisession_reference.ids import Ids
from omnisession_reference.log import Log
from omnisession_reference.out import Out
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import Versions
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import Store
from omnisession_reference.validate import Schemas


@dataclass(frozen=True, slots=True)
class Services:
    """One of each, for the whole server."""

    clock: Clock
    errors: Errors
    fanout: Fanout
    ids: Ids
    log: Log
    out: Out
    parts: Parts
    schemas: Schemas
    sessions: Sessions
    store: Store
    versions: Versions

"""The log of what nobody had expected: where in the kit it happened, for whoever mends it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.report import ERROR_FILE
from omnisession_conformance.report.text import visible
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from omnisession_conformance.files import Folder


def write_log(
    error: BaseException, folder: Folder | None = None, redactor: Redactor | None = None
) -> Path | None:
    """Write the traceback of an error; returns the file, None where none can be written.

    It goes into the folder where there is one that takes it, else among the temporary files.
    """
    told = "".join(traceback.format_exception(error))
    text = visible((redactor or Redactor()).text(told)).encode("utf-8")
    if folder is not None:
        with contextlib.suppress(OSError):
            folder.write_new(ERROR_FILE, text)
            return folder.path / ERROR_FILE
    with contextlib.suppress(OSError):
        number, name = tempfile.mkstemp(prefix="omnisession-", suffix=".log")
        with os.fdopen(number, "wb") as file:
            file.write(text)
        return Path(name)
    return None


def where_told(
    error: BaseException, folder: Folder | None = None, redactor: Redactor | None = None
) -> str:
    """A sentence that names the log of an error; it is written first."""
    path = write_log(error, folder, redactor)
    if path is None:
        return "No log of it could be written."
    return f"Where it happened is in {path}: please report it."

"""A folder as an `omnisession up --secure` leaves it, without one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.fleet.handing import URL
from omnisession_conformance.fleet.keyring import keyring
from omnisession_conformance.fleet.place import place, secret_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

SERVED = "tls://127.0.0.1:4222"


@pytest.fixture
def data(inside: Inside) -> Path:
    """A folder with keys, as if an `omnisession up --secure` served from it."""
    with place(inside.folder / "data") as folder:
        keyring(folder)
        secret_of(folder, None)
        (folder / URL).write_text(f"{SERVED}\n", "utf-8")
    return folder

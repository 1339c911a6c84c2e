from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.calling import WEB_SOCKETS, Apart, Calling

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside


@pytest.fixture
def calling(name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Calling:
    """The way to call the kit for the row of that name."""
    if not name.startswith("WebSocket"):
        return inside
    assert WEB_SOCKETS.is_dir(), "make .venv/.ready installs it"
    monkeypatch.setattr(sys, "path", [*sys.path, str(WEB_SOCKETS)])
    monkeypatch.setenv("PYTHONPATH", str(WEB_SOCKETS))
    return Apart(inside.folder)

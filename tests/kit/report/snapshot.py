"""Compares a text with the file that was reviewed, or writes that file anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("snapshots")


def matches_snapshot(name: str, text: str) -> None:
    """Assert that a text is the snapshot; UPDATE_SNAPSHOTS=1 in the environment writes it."""
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), f"there is no snapshot {name}; write it with UPDATE_SNAPSHOTS=1"
    assert text == path.read_text(encoding="utf-8")

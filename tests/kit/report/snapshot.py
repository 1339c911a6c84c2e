"""Compares a text with the file that was reviewed, or writes that file anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

FOLDER = Path(__file__).with_name("snapshots")
read: set[str] = set()
"""The snapshots that tests of this process have compared with."""


def matches_snapshot(name: str, text: str) -> None:
    """Assert that a text is the snapshot; UPDATE_SNAPSHOTS=1 in the environment writes it."""
    read.add(name)
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), f"there is no snapshot {name}; write it with UPDATE_SNAPSHOTS=1"
    assert text == path.read_text(encoding="utf-8")


def unread(elsewhere: Collection[str] = ()) -> list[Path]:
    """The snapshots that no test has read, here or in other processes."""
    known = read.union(elsewhere)
    return [path for path in sorted(FOLDER.iterdir()) if path.name not in known]

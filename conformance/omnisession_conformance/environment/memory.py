"""How much memory a process and all that it started take, where the system tells."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
KB = 1_024


def tree_bytes(root: int, most: float) -> int:
    """Bytes that a process and its descendants hold; 0 where the system does not tell.

    Pages that processes share are counted once where the simple sum is above `most`: to tell them apart
    takes longer.
    """
    pids = list(_tree(root))
    simple = sum(map(process_bytes, pids))
    return simple if simple <= most else sum(map(_proportional, pids))


def _tree(pid: int) -> Iterator[int]:
    waiting = [pid]
    while waiting:
        pid = waiting.pop()
        yield pid
        for tasks in _each_task(pid):
            waiting += [int(child) for child in tasks.split()]


def _each_task(pid: int) -> Iterator[str]:
    # A process or thread may be gone between two looks.
    with contextlib.suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                yield (task / "children").read_text()


def process_bytes(pid: int) -> int:
    """Bytes that a process holds by itself; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * KB
    return process_bytes(pid)

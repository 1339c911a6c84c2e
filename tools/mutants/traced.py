"""Runs a Python module as a program and writes down each line of its package that is reached.

    python -P -m mutants.traced FILE PACKAGE ARGUMENTS…

A line is written when it is reached first, so that a process that is killed has told what it reached.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType


def tracer(home: str, write: Callable[[str], object]) -> Callable[..., Any]:
    """Return what `sys.settrace` takes: tells `file:line` once for each line below a folder."""
    left: dict[CodeType, set[int]] = {}

    def on_line(frame: FrameType, event: str, _arg: object) -> Any:
        lines = left[frame.f_code]
        if event == "line" and frame.f_lineno in lines:
            lines.discard(frame.f_lineno)
            write(f"{frame.f_code.co_filename}:{frame.f_lineno}\n")
        return on_line if lines else None

    def on_call(frame: FrameType, _event: str, _arg: object) -> Any:
        code = frame.f_code
        if code not in left:
            is_judged = code.co_filename.startswith(home)
            left[code] = {n for *_, n in code.co_lines() if n is not None} if is_judged else set()
        return on_line if left[code] else None

    return on_call


def main() -> None:
    """Run the program that the arguments name."""
    _, out, package, *arguments = sys.argv
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"There is no module {package}.")
    sys.argv = [package, *arguments]
    with Path(out).open("a", buffering=1, encoding="utf-8") as file:
        trace = tracer(str(Path(spec.origin).parent), file.write)
        threading.settrace(trace)
        sys.settrace(trace)
        try:
            runpy.run_module(package, run_name="__main__", alter_sys=True)
        finally:
            sys.settrace(None)


if __name__ == "__main__":
    main()

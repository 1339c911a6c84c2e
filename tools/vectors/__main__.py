"""Writes traces and rows of the optimistic view: `PYTHONPATH=tools python -m vectors`."""

from __future__ import annotations

import sys
from pathlib import Path

from vectors.made import made

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Write all files, and take away what nobody makes any more."""
    folder = ROOT / "schemas" / "vectors"
    files = made()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    for path in [*folder.glob("traces/*"), *folder.glob("optimistic/*")]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs each row so many times, and prints a table: `python -m tests.durable.kills --runs 20`.

Exit codes: 0 nothing that was acked is lost or there twice, 1 some is, or nobody went on, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError
from tests.durable.kills.rows import ROWS, Row, Run, run

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = "{:52} {:>5} {:>4} {:>6} {:>5} {:>9} {:>9}"
HEAD = COLUMNS.format("what happens", "nodes", "runs", "acked", "wrong", "wait p50", "longest")


def tried(name: str) -> Run | str:
    """Run a row once; what is wrong otherwise."""
    row = next(row for row in ROWS if row.name == name)
    try:
        return run(row)
    except (AssertionError, TimeoutError, NatsError):
        return traceback.format_exc()


def line(row: Row, runs: Sequence[Run | str]) -> str:
    """A row of the table."""
    right = [one for one in runs if isinstance(one, Run)]
    waits = [one.longest_s for one in right] or [0.0]
    median, longest = (f"{one:.1f} s" for one in (statistics.median(waits), max(waits)))
    wrong, acked = len(runs) - len(right), sum(one.acked for one in right)
    return COLUMNS.format(row.what, row.nodes, len(runs), acked, wrong, median, longest)


def tell(text: str) -> None:
    """Write a line, and show it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, and print it."""
    parser = argparse.ArgumentParser(
        prog="tests.durable.kills", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--runs", type=int, default=20, help="of each row; without it 20")
    names = sorted(row.name for row in ROWS)
    parser.add_argument("--row", action="append", choices=names, help="only this row")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time; without it 1")
    options = parser.parse_args(arguments)
    wrong: list[str] = []
    tell(HEAD)
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in ROWS:
            if options.row and row.name not in options.row:
                continue
            runs = list(pool.map(tried, [row.name] * options.runs))
            wrong += [f"{row.name}: {one}" for one in runs if isinstance(one, str)]
            tell(line(row, runs))
    sys.stderr.write("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

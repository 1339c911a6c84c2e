"""Runs each server that stands here with each client, and writes what came of all pairs into one table.

`python tools/check_interop.py FOLDER` writes the report of each pair into a folder of its own below
FOLDER, and the table of them all to FOLDER/matrix.md and FOLDER/matrix.html. It exits with 1 where a pair
does not interoperate. What cannot run here is told as skipped.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

from check_clients import BROWSER, NODE, PYTHON, REQUIRED, TYPESCRIPT, UNAVAILABLE
from judged import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
GO = ROOT / "implementations" / "go"
REFERENCE = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
AT_A_TIME, WIDTH, BUILT_WITHIN_S = 2, 20, 300
NAME_WIDTH, CELL_WIDTH = 12, 26
BUILDING = Lock()


@dataclass(frozen=True, slots=True)
class Side:
    """A server or a client under a name: its command, and what has to run before."""

    name: str
    command: Sequence[str]
    needs: str = ""
    build: tuple[str, ...] = ()
    options: Sequence[str] = ()


def servers(built: Path) -> tuple[Side, ...]:
    """The reference, and the one in Go, which is built into a folder."""
    go = str(built / "omnisession-server")
    build = ("go", "build", "-o", go, "./cmd/omnisession-server")
    return (Side("reference", REFERENCE), Side("go", (go,), needs="go", build=build))


CLIENTS = (
    Side("python", PYTHON),
    Side("node", NODE, needs="node", build=(str(TYPESCRIPT / "build.sh"),)),
    Side(
        "browser",
        BROWSER,
        needs="node",
        build=(str(TYPESCRIPT / "build-browser.sh"),),
        options=("--client-carrier", "subject"),
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of a pair: its exit code, and the words for it; `detail` names the scenarios."""

    server: str
    client: str
    code: int
    words: str
    detail: str = ""


@cache
def why_not(side: Side) -> tuple[str, bool]:
    """Why one cannot run here, "" where it can; and whether that is a fault of its own."""
    if side.needs and shutil.which(side.needs) is None:
        return f"{side.needs} is not installed", False
    if not side.build:
        return "", False
    here = GO if side.needs == "go" else ROOT
    done = subprocess.run(
        side.build, cwd=here, capture_output=True, text=True, check=False, timeout=BUILT_WITHIN_S
    )
    if done.returncode == 0:
        return "", False
    said = done.stderr.strip().splitlines() or ["nothing was said"]
    return said[-1], done.returncode != UNAVAILABLE


def check(pair: tuple[Side, Side], folder: Path) -> Cell:
    """Build both sides of a pair where that is to be done, and run them together."""
    server, client = pair
    with BUILDING:
        reasons = [(side.name, *why_not(side)) for side in pair]
    for name, reason, is_fault in reasons:
        if reason:
            required = os.environ.get(REQUIRED) == "1"
            words = "failed to build" if is_fault else "skipped"
            return Cell(
                server.name, client.name, int(is_fault or required), words, f"{name}: {reason}"
            )
    options = (
        *("--server-cmd", shlex.join(server.command)),
        *("--client-cmd", shlex.join(client.command)),
        *client.options,
    )
    name = f"{server.name}-{client.name}"
    code, told = judged(name, options, folder / name, width=WIDTH)
    return _cell(server.name, client.name, code, told, folder / name / "summary.json")


def _cell(server: str, client: str, code: int, told: str, summary: Path) -> Cell:
    try:
        found: dict[str, Any] = json.loads(summary.read_text("utf-8"))
    except (OSError, ValueError):
        return Cell(server, client, code or 3, "no verdict", told)
    scenarios: list[dict[str, str]] = found.get("scenarios", [])
    claimed = [one for one in scenarios if one["status"] != "NOT_CLAIMED"]
    right = sum(one["status"] == "PASS" for one in claimed)
    seconds = found["wall_ms"] / 1_000
    if code == 0:
        words = f"{right} of {len(claimed)} in {seconds:.1f} s"
    elif found["exit_code"] == 1:
        words = f"FAILED: {right} of {len(claimed)}"
    else:
        words = "no verdict"
    return Cell(server, client, code, words, found["headline"])


def table(cells: Sequence[Cell]) -> str:
    """The pairs as lines: a row a server, a column a client."""
    by_pair = {(cell.server, cell.client): cell.words for cell in cells}
    clients = [side.name for side in CLIENTS]
    lines = [f"{'':<{NAME_WIDTH}}" + "".join(f"{name:<{CELL_WIDTH}}" for name in clients)]
    for server in dict.fromkeys(cell.server for cell in cells):
        row = "".join(f"{by_pair[server, client]:<{CELL_WIDTH}}" for client in clients)
        lines.append(f"{server:<{NAME_WIDTH}}{row}")
    return "\n".join(line.rstrip() for line in lines)


def write_matrix(cells: Sequence[Cell], folder: Path) -> None:
    """The table as Markdown and as a page, each pair with a link to its report."""
    clients = [side.name for side in CLIENTS]
    names = dict.fromkeys(cell.server for cell in cells)
    rows = [(name, [cell for cell in cells if cell.server == name]) for name in names]
    head = f"| server | {' | '.join(clients)} |\n|---|{'---|' * len(clients)}\n"
    body = "".join(
        f"| {name} | {' | '.join(_linked(c, folder) for c in row)} |\n" for name, row in rows
    )
    told = "".join(f"- {c.server} with {c.client}: {c.detail}\n" for c in cells)
    folder.mkdir(parents=True, exist_ok=True)
    text = f"# Servers with clients\n\nScenarios that came out right.\n\n{head}{body}\n{told}"
    (folder / "matrix.md").write_text(text, "utf-8")
    (folder / "matrix.html").write_text(_page(clients, rows, folder), "utf-8")


def _has_report(cell: Cell, folder: Path) -> bool:
    return (folder / f"{cell.server}-{cell.client}" / "report.html").is_file()


def _linked(cell: Cell, folder: Path) -> str:
    if not _has_report(cell, folder):
        return cell.words
    return f"[{cell.words}]({cell.server}-{cell.client}/report.html)"


def _page(clients: Sequence[str], rows: Sequence[tuple[str, list[Cell]]], folder: Path) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in clients)
    lines: list[str] = []
    for name, row in rows:
        cells = "".join(f"<td>{_of_page(cell, folder)}</td>" for cell in row)
        lines.append(f"<tr><th>{html.escape(name)}</th>{cells}</tr>")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Servers with clients</title>'
        "<style>body{font:16px sans-serif;margin:2em}td,th{padding:.4em 1em;text-align:left}</style>"
        f"</head><body><h1>Servers with clients</h1><table><tr><th></th>{head}</tr>\n"
        f"{chr(10).join(lines)}\n</table></body></html>\n"
    )


def _of_page(cell: Cell, folder: Path) -> str:
    words = html.escape(cell.words)
    title = html.escape(cell.detail, quote=True)
    if not _has_report(cell, folder):
        return f'<span title="{title}">{words}</span>'
    return f'<a href="{cell.server}-{cell.client}/report.html" title="{title}">{words}</a>'


def main(argv: Sequence[str] | None = None) -> int:
    """Run two pairs at a time, and tell of them all; 0 if all that could run interoperate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(argv).folder

    def one(pair: tuple[Side, Side]) -> Cell:
        return check(pair, folder)

    with TemporaryDirectory() as built, ThreadPoolExecutor(AT_A_TIME) as pool:
        pairs = [(server, client) for server in servers(Path(built)) for client in CLIENTS]
        cells = list(pool.map(one, pairs))
    write_matrix(cells, folder)
    print(table(cells))
    for cell in cells:
        if cell.words == "skipped" or cell.code:
            print(f"{cell.server} with {cell.client}: {cell.words}: {cell.detail}")
    print(f"the reports are in {folder}")
    return 1 if any(cell.code for cell in cells) else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the guide to Go says that the kit says of its servers is what the kit says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.go.servers import SOURCE, build
from tests.kit.command.tool import omnisession

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "go.md"
SHOWN = re.compile(r"```sh\n(omnisession check [^\n]+)\n```\n\n```text\n(.*?)```", re.DOTALL)
# Times and numbers of messages are those of one run.
OF_ONE_RUN = re.compile(r" · [\d.]+ s · [\d ]+ messages$")
RUNS = [
    (shlex.split(command)[1:], text) for command, text in SHOWN.findall(GUIDE.read_text("utf-8"))
]
PROGRAMS = ("seed-server", "omnisession-server")
# Servers that answer nothing keep the kit waiting for minutes, and `make check-go` runs the whole ones.
WHOLE = ("./omnisession-server", "./omnisession-server -profile secure")
SLOW = (*(f"./seed-server -level {level}" for level in range(3)), *WHOLE)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    for program in PROGRAMS:
        build(folder, program)
    return folder


def lines(text: str) -> Iterator[str]:
    """The lines of a report, without what differs from run to run and what its width makes of it."""
    for line in text.splitlines():
        plain = OF_ONE_RUN.sub("", line).strip()
        if plain:
            yield re.sub(r"\s+", " ", plain)


def test_the_guide_shows_all_levels() -> None:
    assert len(RUNS) == 7
    assert {arguments[2].split()[0] for arguments, _ in RUNS} == {f"./{name}" for name in PROGRAMS}
    assert {arguments[2] for arguments, _ in RUNS} > set(SLOW)


def test_the_go_of_level_3_is_that_of_the_server() -> None:
    """What a reader copies compiles: it stands in an example, and in the interface itself."""
    start, store = (
        [line.strip() for line in block.splitlines()]
        for block in re.findall(r"```go\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
        if block.startswith(("sessions, err", "type Store"))
    )
    example = (SOURCE / "server" / "example_test.go").read_text("utf-8")
    declared = (SOURCE / "internal" / "articles" / "store.go").read_text("utf-8")
    squeezed = {re.sub(r"\s+", " ", line).strip() for line in (example + declared).splitlines()}
    assert [line for line in start + store if re.sub(r"\s+", " ", line) not in squeezed] == []
    assert len(store) == 6


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param(
            *run,
            id=run[0][2],
            marks=pytest.mark.slow if run[0][2] in SLOW else pytest.mark.dear,
        )
        for run in RUNS
    ],
)
def test_the_kit_says_what_the_guide_shows(
    arguments: list[str], shown: str, programs: Path
) -> None:
    ran = omnisession(*arguments, cwd=programs, env={"COLUMNS": "100"})
    said = set(lines(ran.out))
    # A long line of the report is folded at the width of the terminal.
    folded = " ".join(lines(ran.out))
    missing = [line for line in lines(shown) if line not in said and line not in folded]
    assert missing == [], f"{ran.out}\n{ran.err}"

"""A folder that is kept grows: a start takes as long as it needs, says so, and is tried again."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.environment import supervisor
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.node import SHORT, UNBOUNDED, Bounds, Node
from omnisession_conformance.environment.supervisor import keep
from omnisession_conformance.environment.topology import Link
from omnisession_conformance.errors import BrokerError, KitError, cause
from omnisession_conformance.fleet import fleet

if TYPE_CHECKING:
    from pathlib import Path

HANGS_S = 60
ENDED = "the broker has ended (exit code 7), and is started again. Its last words: I cannot"
FAILED = "the broker could not be started, and is tried again: It did not come up."


class Failing:
    """Ends once, then cannot be started some times; ends the test when it can."""

    name = "the broker"
    failed: type[KitError] = BrokerError

    def __init__(self, fails: int, end: asyncio.Event) -> None:
        self.fails, self.end, self.ends = fails, end, [7]

    async def ended(self) -> int:
        if not self.ends:
            await asyncio.Event().wait()
        return self.ends.pop()

    async def start(self) -> None:
        self.fails -= 1
        if self.fails >= 0:
            raise BrokerError("It did not come up. It said:\nno room")
        self.end.set()

    def said(self) -> str:
        return "I begin\nI cannot\n"


def kept(fails: int) -> list[str]:
    """What is said of one that cannot be started so many times."""
    said = list[str]()

    async def run() -> None:
        end = asyncio.Event()
        await asyncio.wait_for(keep([Failing(fails, end)], said.append, end), HANGS_S)

    asyncio.run(run())
    return said


def test_what_could_not_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSE_S", 0.0)
    assert kept(fails=0) == [ENDED]
    assert kept(fails=1) == [ENDED, FAILED]


def test_what_cannot_be_started_again_and_again_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "PAUSE_S", 0.0)
    with pytest.raises(BaseExceptionGroup) as caught:
        kept(fails=supervisor.MOST_SHORT)
    assert str(cause(caught.value)).startswith("It did not come up.")


def script(folder: Path, text: str) -> Path:
    """A program that takes itself for a broker."""
    file = folder / "broker"
    file.write_text(f"#!{sys.executable}\n{text}\n")
    file.chmod(0o700)
    return file


async def started(folder: Path, text: str, bounds: Bounds) -> None:
    node = Node("slow", script(folder, text), folder / "n", Link(), bounds=bounds)
    await asyncio.wait_for(node.start(), HANGS_S)


def test_a_broker_is_waited_for_within_its_bounds_and_as_long_as_it_runs(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="did not come up"):
        asyncio.run(started(tmp_path, "import time; time.sleep(300)", Bounds(start_s=0.05)))
    with pytest.raises(BrokerError, match=r"did not come up\. It said:\nno room"):
        asyncio.run(started(tmp_path, "raise SystemExit('no room')", UNBOUNDED))


@pytest.mark.dear
def test_a_broker_has_bounds_unless_its_folder_is_kept(tmp_path: Path) -> None:
    async def bounds(folder: Path | None) -> Bounds:
        async with embedded_broker(folder=folder) as broker:
            return broker.nodes[0].bounds

    assert asyncio.run(bounds(None)) == SHORT
    assert asyncio.run(bounds(tmp_path)) == UNBOUNDED


def notes(folder: Path, until: str) -> list[str]:
    """What a fleet says until it has said that; nobody is served."""
    said = list[str]()

    async def run() -> None:
        end = asyncio.Event()

        def say(what: str) -> None:
            said.append(what)
            if what == until:
                end.set()

        wanted = fleet.Wanted(folder, "secret", instances=1)
        await asyncio.wait_for(fleet.run(wanted, pytest.fail, say, end), HANGS_S)

    asyncio.run(run())
    return said


def test_a_broker_that_takes_long_is_waited_for_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "SAY_EVERY_S", 1.0)
    slow = script(tmp_path, "import time; time.sleep(300)")
    monkeypatch.setenv("NATS_SERVER_BIN", str(slow))
    slowly = "the broker is still starting: it reads what is in the folder ({} s so far)"
    assert notes(tmp_path, slowly.format(2)) == [slowly.format(1), slowly.format(2)]


def test_instances_that_take_long_are_waited_for_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(fleet, "COMMAND", (sys.executable, "-c", "import time; time.sleep(300)"))
    monkeypatch.setattr(fleet, "SAY_EVERY_S", 1.0)
    monkeypatch.setattr(fleet, "is_served", never)
    slowly = "the instances run, and do not serve anybody yet: the journal is read (1 s so far)"
    assert notes(tmp_path, slowly)[-1] == slowly

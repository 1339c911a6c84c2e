"""What a run takes is bounded: the room of its messages, the time of its verdicts, what is explained."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.core.records import record
from tests.needs import untested

from omnisession_conformance.engine.limits_of_run import watch_memory, watch_time
from omnisession_conformance.engine.round_trips import LOOK_EVERY_S
from omnisession_conformance.engine.settling import settle_sweep
from omnisession_conformance.engine.sweep import Rule, Sweep
from omnisession_conformance.environment import waiting
from omnisession_conformance.environment.bounds import MB, Bounds
from omnisession_conformance.environment.memory import PROC, tree_bytes
from omnisession_conformance.environment.processes import KEPT_CHARACTERS, start_child
from omnisession_conformance.environment.settings import read_settings
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.schemas.strict import decode
from omnisession_conformance.protocol.verdict import CheckId, Status
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.room import Room, weight

if TYPE_CHECKING:
    from pathlib import Path

STATE = "state.schema.json"
MANY = 50_000

# -- memory ------------------------------------------------------------------------------------------


BODIES: list[dict[str, Any]] = [
    {"a": [{}] * MANY},
    {"a": [[]] * MANY},
    {"a": [1] * MANY},
    {"a": [10_000 + i for i in range(MANY)]},
    {"a": [str(i) for i in range(MANY)]},
    {"a": [{"b": i} for i in range(MANY)]},
    {str(i): i for i in range(MANY)},
    {"a": "x" * MANY},
    {"a": "x" * MANY + "\U0001f3d4"},
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_message_weighs_at_least_what_it_takes(body: Any) -> None:
    data = json.dumps(body, ensure_ascii=False).encode()
    tracemalloc.start()
    try:
        kept = decode(data)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept.body is not None
    assert taken <= weight(data)


def test_there_is_room_up_to_a_bound() -> None:
    room = Room(Bounds(messages=3))
    assert [room.take(b"{}") is None for _ in range(5)] == [True, True, True, False, False]
    few = Room(Bounds(memory_mb=1))
    said = [few.take(b"x" * 100_000) for _ in range(5)]
    assert said[:4] == [None] * 4
    assert "[bounds]" in (said[4] or "")


def test_what_a_child_takes_is_seen() -> None:
    if not PROC.exists():
        untested("what processes take: the system has no /proc")
    program = "x = bytes(range(256)) * 200_000; print(len(x), flush=True); input()"
    before = tree_bytes(os.getpid(), 0)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alone, both = tree_bytes(child.pid, 1e12), tree_bytes(os.getpid(), 0)
        child.communicate(b"\n")
    assert alone > 50 * MB
    assert both - before > 40 * MB
    assert tree_bytes(child.pid, 0) == 0


def test_what_was_held_before_a_run_is_not_the_runs() -> None:
    if not PROC.exists():
        untested("what processes take: the system has no /proc")

    async def looked(grown_bytes: int) -> str | None:
        lost = asyncio.get_running_loop().create_future()
        watch = asyncio.create_task(watch_memory(Bounds(memory_mb=200), lost.set_result))
        await asyncio.sleep(0)
        held.append(b"x" * grown_bytes)
        await asyncio.wait((lost,), timeout=3 * LOOK_EVERY_S)
        watch.cancel()
        return lost.result() if lost.done() else None

    held = [b"x" * 300 * MB]
    assert asyncio.run(looked(20 * MB)) is None
    assert "of the 200 MB that they may" in (asyncio.run(looked(250 * MB)) or "")


def test_a_command_that_may_have_little_memory_ends_instead() -> None:
    async def run(memory_mb: int | None) -> int:
        program = (sys.executable, "-c", "print(len(bytes(range(256)) * 1_000_000))")
        return await (await start_child(program, memory_mb=memory_mb)).wait()

    assert asyncio.run(run(None)) == 0
    assert asyncio.run(run(150)) != 0


def test_lines_of_a_child_are_kept_short() -> None:
    async def run() -> list[str]:
        program = (sys.executable, "-c", "print('x' * 900_000); print('y')")
        child = await start_child(program)
        await child.wait()
        return list(child.output)

    assert [len(line) for line in asyncio.run(run())] == [KEPT_CHARACTERS, 1]


# -- time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout_s", [1, 60, 180, 3_600])
def test_there_is_time_for_verdicts_and_reports(timeout_s: float) -> None:
    bounds = Bounds(timeout_s=timeout_s)
    assert timeout_s / 2 < bounds.cases_s < bounds.verdicts_s < timeout_s


def test_a_busy_machine_gives_a_run_more_time_up_to_half_as_much_again() -> None:
    bounds = Bounds(timeout_s=60)
    assert [bounds.longer_s(waited) for waited in (0.0, 7.5, 30.0, 900.0)] == [0.0, 7.5, 30.0, 30.0]


def test_waiting_for_a_processor_is_told() -> None:
    """Two that want the same processor wait for each other."""
    one = min(os.sched_getaffinity(0))
    program = (
        f"import os, time; os.sched_setaffinity(0, {{{one}}})\n"
        "from omnisession_conformance.environment.waiting import waited_s\n"
        "end = time.monotonic() + 20\n"
        "while waited_s() < 0.2 and time.monotonic() < end: pass\n"
        "print(waited_s() >= 0.2)"
    )
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=-1, text=True) for _ in "ab"]
    assert {p.communicate(timeout=60)[0].strip() for p in both} == {"True"}


def test_where_the_system_does_not_tell_nobody_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (None, "", "odd", "1 2", "0 0 0"):
        monkeypatch.setattr(waiting, "TOLD", tmp_path / "schedstat")
        if text is not None:
            waiting.TOLD.write_text(text)
        assert waiting.waited_s() == (2e-9 if text == "1 2" else 0.0)


def test_the_watch_looks_again_when_its_time_is_over() -> None:
    left, told = iter((0.001, 0.001, 0.0)), list[str]()

    async def watch() -> None:
        watching = asyncio.create_task(watch_time(Bounds(), lambda _: next(left), told.append))
        while not told:
            await asyncio.sleep(0)
        watching.cancel()

    asyncio.run(watch())
    assert next(left, None) is None
    assert told[0].startswith("the run took longer than 600 s")


def test_what_there_is_no_time_to_judge_is_not_run_and_what_failed_stays() -> None:
    blamed = record(Log(), "a")

    def judge(_: None, sweep: Sweep) -> None:
        sweep.broken("CTRL-001", blamed, expected="one", seen="two")
        sweep.until_s = time.monotonic() - 1
        sweep.ok("CTRL-002")
        pytest.fail("there was no time left")

    sweep = Sweep()
    rules: list[Rule[None]] = [
        Rule("first", ("CTRL-001", "CTRL-002"), judge),
        Rule("second", ("CTRL-003",), judge),
    ]
    for rule in rules:
        rule.judge(None, sweep)
    names = ("CTRL-001", "CTRL-002", "CTRL-003")
    settled = [settle_sweep(CheckId(name, "sweep"), "MUST", sweep, None) for name in names]
    assert [v.status for v in settled] == [Status.FAIL, Status.NOT_RUN, Status.NOT_RUN]
    assert not any(v.excused for v in settled)


# -- settings ----------------------------------------------------------------------------------------


def test_bounds_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "omnisession.toml"
    file.write_text("[bounds]\ntimeout = 9.5\nmemory = 300\nmessages = 7\n")
    assert read_settings(file, None, None, None)[0].bounds == Bounds(9.5, 300, 7)


@pytest.mark.parametrize("text", ["timeout = 0", "memory = 1.5", "messages = true", "memory = -1"])
def test_what_is_no_bound_is_said(text: str, tmp_path: Path) -> None:
    file = tmp_path / "omnisession.toml"
    file.write_text(f"[bounds]\n{text}\n")
    with pytest.raises(UsageError, match=f"bounds.{text.partition(' ')[0]}"):
        read_settings(file, None, None, None)


# -- what is explained -------------------------------------------------------------------------------


def _state(entries: list[Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"type": "url", "urls": entries}
    head = {"epoch": 1, "seq": 1, "last_action_seq": 0, "reason": "change"}
    ids = {"user_id": "u", "session_id": "s", "timestamp": 1_790_000_000_000}
    return {"v": "1.0", "type": "session.state", **ids, **head, "data": data}


def _url(number: int) -> dict[str, Any]:
    return {
        "id": f"u-{number}",
        "short_code": "c",
        "target_url": "https://example.org",
        "is_active": True,
        "access_count": 0,
        "created_by": "u",
        "created_at": 1_790_000_000_000,
        "updated_at": 1_790_000_000_000,
    }


def test_a_fault_far_down_a_long_list_is_found_at_its_place() -> None:
    checker = Checker()
    short = _state([_url(0), {**_url(1), "id": 5}])
    wanted = checker.explain(STATE, short)
    assert [v.pointer for v in wanted] == ["/data/urls/1/id"]
    long = _state([_url(n) for n in range(5_000)])
    long["data"]["urls"][4_321]["id"] = 5
    found = checker.explain(STATE, long)
    assert [v.pointer.replace("/4321", "/1") for v in found] == [v.pointer for v in wanted]
    assert [v.requirement for v in found] == [v.requirement for v in wanted]


def test_a_fault_of_a_body_beyond_measure_is_told_without_a_place() -> None:
    found = Checker().explain(STATE, _state([[[0] * MANY]]))
    assert [(v.pointer, v.requirement) for v in found] == [("", "ENV-002")]


def test_only_the_first_flaws_of_a_body_are_kept() -> None:
    data = b'{"a":[' + b",".join([b"1.0"] * 1_000) + b"]}"
    assert len(decode(data).flaws) == 100

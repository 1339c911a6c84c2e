"""Processes that leave their group, their session or their parent end with the command that they are of."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import alive
from tests.kit.core.leaving import WAYS
from tests.needs import untested

from omnisession_conformance.environment.processes import GUARD, start_child

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVING = Path(__file__).with_name("leaving.py")
WITHIN_S = 20.0


@pytest.fixture(autouse=True)
def linux() -> None:
    if sys.platform != "linux":
        untested("processes that leave: only Linux tells who descends from whom")


def command(folder: Path, end: str, *ways: str) -> list[str]:
    return [sys.executable, str(LEAVING), str(folder), end, *ways]


def pids(folder: Path) -> dict[str, int]:
    return {file.name: int(file.read_text()) for file in folder.iterdir() if file.name in WAYS}


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not there():
            await asyncio.sleep(0.005)


def assert_gone(folder: Path, *ways: str) -> None:
    found = pids(folder)
    assert set(found) == set(ways)
    left = {way for way, pid in found.items() if alive(pid)}
    try:
        assert not left
    finally:
        for way in left:
            os.kill(found[way], signal.SIGKILL)


@pytest.mark.parametrize("end", ["stop", "kill", "ends"])
def test_they_end_with_the_command(end: str, tmp_path: Path) -> None:
    async def run() -> None:
        child = await start_child(command(tmp_path, "ends" if end == "ends" else "waits", *WAYS))
        if end == "ends":
            await child.wait()
            return
        await until((tmp_path / "ready").exists)
        if end == "kill":
            child.kill()
            await child.wait()
        else:
            await child.stop()

    asyncio.run(run(), debug=True)
    assert_gone(tmp_path, *WAYS)


def test_they_end_though_the_guard_was_killed(tmp_path: Path) -> None:
    # One without any environment is not known any more.
    ways = [way for way in WAYS if way != "bare"]

    async def run() -> int:
        child = await start_child(command(tmp_path, "murder", *ways))
        return await child.wait()

    assert asyncio.run(run()) == -signal.SIGKILL
    end = time.monotonic() + WITHIN_S
    while any(map(alive, pids(tmp_path).values())) and time.monotonic() < end:
        time.sleep(0.01)
    assert_gone(tmp_path, *ways)


def test_they_end_when_the_kit_is_killed(tmp_path: Path) -> None:
    program = "import asyncio, sys\nfrom omnisession_conformance.environment.processes import start_child\n"
    program += (
        "async def run():\n    await start_child(sys.argv[1:])\n    await asyncio.sleep(60)\n"
    )
    kit = subprocess.Popen(
        [sys.executable, "-c", f"{program}asyncio.run(run())", *command(tmp_path, "waits", *WAYS)]
    )
    try:
        asyncio.run(until((tmp_path / "ready").exists))
    finally:
        kit.kill()
        kit.wait(WITHIN_S)
    found = pids(tmp_path)
    asyncio.run(until(lambda: not any(map(alive, found.values()))))
    assert_gone(tmp_path, *WAYS)


def test_one_that_left_is_asked_to_end_before_it_is_killed(tmp_path: Path) -> None:
    script = "trap 'echo bye > said; exit' TERM; echo > ready; while :; do sleep 0.01; done"

    async def run() -> None:
        child = await start_child(["sh", "-c", 'setsid sh -c "$0" & wait', script], cwd=tmp_path)
        await until((tmp_path / "ready").exists)
        await child.stop()

    asyncio.run(run())
    assert (tmp_path / "said").read_text() == "bye\n"


def test_what_a_hook_starts_stays(tmp_path: Path) -> None:
    async def run() -> None:
        child = await start_child(command(tmp_path, "ends", "session", "double"), may_leave=True)
        await child.wait()

    asyncio.run(run())
    for pid in pids(tmp_path).values():
        assert alive(pid)
        os.kill(pid, signal.SIGKILL)


def test_nobody_complains_of_output_that_is_held_open(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom omnisession_conformance.environment.processes import start_child\n"
        "async def run():\n"
        # How long a step takes on a busy machine is another complaint.
        "    asyncio.get_running_loop().slow_callback_duration = 60\n"
        "    await (await start_child(sys.argv[1:], may_leave=True)).wait()\n"
        "asyncio.run(run())"
    )
    held = command(tmp_path, "ends", "session")
    kit = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program, *held],
        capture_output=True,
        text=True,
        check=True,
    )
    os.kill(pids(tmp_path)["session"], signal.SIGKILL)
    assert kit.stderr == ""
    assert GUARD.is_file()

"""A command that the kit starts goes with the kit, whenever it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omnisession_conformance.environment.processes import GUARD, start_child

WITHIN_S = 20.0
MOST_TURNS = 40
"""Turns of the loop after which a start has ended for sure."""

SIGNALLED_AT_ITS_WORST = """
import os, runpy, signal, sys
guard, number, *command = sys.argv[1:]
kit, made = os.getpid(), os.setpgid
def setpgid(*of):
    try:
        made(*of)
    finally:  # too late for a command that runs already, which made the group itself
        if os.getpid() == kit:
            os.kill(kit, int(number))
os.setpgid = setpgid
sys.argv = [guard, *command]
runpy.run_path(guard, run_name="__main__")
"""
"""The guard, which gets a signal when its command has just been forked."""


def guarded(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def assert_over(process: subprocess.Popen[bytes]) -> None:
    """The guard ends, and everybody else who holds its output; its input stays open till then."""
    assert process.stdout is not None
    with process:
        try:
            while select.select([process.stdout], [], [], WITHIN_S)[0]:
                if not os.read(process.stdout.fileno(), 4096):
                    return
            gone = process.poll() is not None
            pytest.fail(
                "the guard is gone, and its command is not" if gone else "the guard goes on"
            )
        finally:
            process.kill()


@pytest.mark.parametrize("after_ms", range(0, 60, 5))
def test_a_signal_at_any_moment_leaves_no_command(after_ms: int) -> None:
    process = guarded(str(GUARD), "sleep", "60")
    time.sleep(after_ms / 1_000)  # the moment is what this is about
    process.terminate()
    assert_over(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_right_after_the_fork_leaves_no_command(number: signal.Signals) -> None:
    process = guarded("-c", SIGNALLED_AT_ITS_WORST, str(GUARD), str(int(number)), "sleep", "60")
    assert_over(process)
    assert process.returncode == 128 + number


def running(word: str) -> set[int]:
    """The processes that have a word among their arguments."""
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found


def hold_until_forked(word: str) -> None:
    """Hold the loop, as a starved kit does, until a guard that is there has forked its command."""
    end = time.monotonic() + WITHIN_S
    while len(running(word)) == 1:
        assert time.monotonic() < end


async def start_and_cancel(word: str, turns: int) -> bool:
    """Start a command and cancel that; whether it was in time."""
    task = asyncio.create_task(start_child(["sleep", word]))
    for _ in range(turns):
        await asyncio.sleep(0)
    hold_until_forked(word)
    task.cancel()
    try:
        await (await task).stop()
    except asyncio.CancelledError:
        return True
    return False


def test_a_start_that_is_cancelled_leaves_no_command() -> None:
    for turns in range(MOST_TURNS):
        word = f"60.{secrets.randbelow(10**9):09}"
        in_time = asyncio.run(start_and_cancel(word, turns))
        assert not running(word), f"cancelled after {turns} turns of the loop"
        if not in_time:
            assert turns > 1, "a start was cut off at least once"
            return
    pytest.fail(f"a start takes more than {MOST_TURNS} turns of the loop")


def test_a_command_that_does_not_stop_is_killed() -> None:
    async def stop() -> tuple[int, bool]:
        child = await start_child(["sh", "-c", "trap '' TERM; echo ready; sleep 60; sleep 60"])
        async with asyncio.timeout(WITHIN_S):
            while not child.output:
                await asyncio.sleep(0.001)
            return await child.stop(grace_s=0.1), child.running

    assert asyncio.run(stop()) == (128 + signal.SIGKILL, False)

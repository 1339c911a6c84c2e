"""Adapters of a few lines, each right or with one fault, as programs of their own."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

PATIENCE_S = 20
REFERENCE = (sys.executable, "-m", "omnisession_client.testee")
_BEGIN = """\
import json, os, sys, time
HELLO = {"contract": 1, "client": {"name": "few lines", "version": "1"}, "profiles": ["states", "chat"]}
def say(**answer):
    write(json.dumps(answer))
def write(text):
    sys.stdout.write(text + "\\n")
    sys.stdout.flush()
def ok(ask, **result):
    say(id=ask["id"], ok=HELLO if ask["do"] == "hello" else result)
def take(ask):
    ok(ask)
"""
_END = """
for line in sys.stdin:
    take(json.loads(line))
"""


def adapter(folder: Path, text: str = "") -> tuple[str, ...]:
    """The command of one; `text` may say anew what it does with a request, in `take`."""
    program = folder / "adapter.py"
    program.write_text(_BEGIN + text + _END, encoding="utf-8")
    return sys.executable, str(program)


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test, within a bound."""

    async def bounded() -> None:
        async with asyncio.timeout(2 * PATIENCE_S):
            await play()

    asyncio.run(bounded())


def wrong_client(folder: Path, text: str) -> tuple[str, ...]:
    """The command of the reference client with a shell of another class, `Wrong`, that a text defines."""
    program = folder / "wrong.py"
    begin = "import asyncio, sys\nfrom omnisession_client import shell, testee\n"
    end = "\ntestee.Shell = Wrong\nsys.exit(testee.main([]))\n"
    program.write_text(begin + text + end, encoding="utf-8")
    return sys.executable, str(program)

"""Every variant is one: it takes the place of what it is made from, keeps the schemas, and differs."""

from __future__ import annotations

import asyncio
import inspect
import re
import subprocess
import sys
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from tests.reference.bench import Bench
from tests.reference.story import tell

from omnisession_reference import actions, control, discovery, protocol, store, wire
from omnisession_reference.clock import LoopClock
from omnisession_reference.connection import Connection
from omnisession_reference.control import Control
from omnisession_reference.core import Settings
from omnisession_reference.discovery import Discovery
from omnisession_reference.kinds import articles, urls
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import LIMITS
from omnisession_reference.validate import schemas_folder
from omnisession_reference.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Generator

    from omnisession_reference.variants import Variant

CHANGED = (actions, articles, control, discovery, protocol, store, urls, wire)
# What no bench shows: how long real time takes, the connection, and what a library does on it.
NOT_ON_THE_BENCH = (
    "clock-is-off",
    "connects-again-in-four-seconds",
    "drops-what-nobody-can-hear",
    "echo-on",
    "new-epoch-with-a-new-connection",
    "no-service",
    "one-line-for-all",
    "secure",
    "service-with-endpoints",
    "silent-with-a-new-connection",
)

SHOWN_LATE = ("busy-now-and-then", "remembers-just-enough")


@pytest.fixture(autouse=True)
def as_it_was() -> Generator[None]:
    """Undo what `prepare` changes."""
    kept = [(vars(module), dict(vars(module))) for module in CHANGED]
    limits, now_ms = dict(LIMITS), LoopClock.now_ms
    yield
    for names, before in kept:
        names.update(before)
    LIMITS.clear()
    LIMITS.update(limits)
    type.__setattr__(LoopClock, "now_ms", now_ms)


def bench_of(variant: Variant) -> Bench:
    variant.prepare()
    LIMITS.update(variant.limits)
    for name in variant.untold:
        del LIMITS[name]
    settings = Settings(variant.kinds or Settings().kinds, variant.rate)
    return Bench(variant.parts, settings=settings)


def told(bench: Bench, *, long: bool = False) -> list[Any]:
    """What the server says to the story, with ids that come in the same order each time."""
    numbers = count(1)

    def next_bytes(size: int) -> bytes:
        return next(numbers).to_bytes(size, "big")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bench.core.router.services.ids, "_source", next_bytes)
        tell(bench, long=long)
    return [(s.subject, s.body, s.size, s.trace) for s in bench.sent]


@cache
def told_by_the_usual_server(*, long: bool = False) -> list[Any]:
    return told(Bench(), long=long)


def test_the_story_is_the_same_each_time() -> None:
    assert told(Bench()) == told_by_the_usual_server()


def test_the_parts_of_a_variant_are_small_and_stand_in_for_what_they_are_made_from() -> None:
    for name, variant in VARIANTS.items():
        for part in variant.parts:
            assert Parts(variant.parts).of(part.__bases__[0]) is part, name
            assert len(inspect.getsource(part).splitlines()) <= 40, part


ON_THE_BENCH = sorted(
    name for name, v in VARIANTS.items() if name not in NOT_ON_THE_BENCH and not v.durable
)
"""The server on a journal is another one."""
QUICK = {*ON_THE_BENCH[::8], *SHOWN_LATE}
"""Looked at by every `make test`; the others by `make test-all`."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in QUICK else pytest.mark.dear) for n in ON_THE_BENCH],
)
def test_a_variant_keeps_the_schemas_and_differs(name: str) -> None:
    long = name in SHOWN_LATE
    usual = told_by_the_usual_server(long=long)
    unusual = told(bench_of(VARIANTS[name]), long=long)
    assert len(unusual) > 100
    assert unusual != usual


def test_the_clock_is_off() -> None:
    async def now_ms() -> int:
        return LoopClock().now_ms()

    right = asyncio.run(now_ms())
    VARIANTS["clock-is-off"].prepare()
    assert 5_000 < right - asyncio.run(now_ms()) < 9_000


@pytest.mark.parametrize(
    ("name", "base", "method"),
    [
        ("connects-again-in-four-seconds", Connection, "reach"),
        ("drops-what-nobody-can-hear", Connection, "send"),
        ("echo-on", Connection, "connect"),
        ("new-epoch-with-a-new-connection", Control, "reconnected"),
        ("no-service", Discovery, "start"),
        ("service-with-endpoints", Discovery, "start"),
        ("silent-with-a-new-connection", Control, "reconnected"),
    ],
)
def test_what_is_not_on_the_bench(name: str, base: type, method: str) -> None:
    [part] = VARIANTS[name].parts
    assert getattr(part, method) is not getattr(base, method)


def test_what_a_variant_leaves_unkept_is_a_should_of_the_registry() -> None:
    text = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    levels = dict(re.findall(r"^ *- id: (\S+)\n *level: (\S+)", text, re.MULTILINE))
    assert {levels[id_] for v in VARIANTS.values() for id_ in v.warns} <= {"SHOULD"}


def test_the_command_lists_and_takes_them() -> None:
    command = [sys.executable, "-m", "omnisession_reference"]
    listed = subprocess.run(
        [*command, "--list-variants"], capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    assert [row[0] for row in rows] == list(VARIANTS)
    profiles = {row[0]: row[3:] for row in rows}
    assert profiles == {n: ["durable"] if v.durable else [] for n, v in VARIANTS.items()}
    unknown = subprocess.run(
        [*command, "--secret", "s" * 32, "--variant", "unknown"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (unknown.returncode, "there is no variant 'unknown'" in unknown.stderr) == (4, True)

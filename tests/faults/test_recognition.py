"""Servers that have learned a kit by heart know yesterday's by each sign, and today's by none.

Yesterday's is the one whose transcript was saved before runs drew what they send.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.settings import Settings
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.suite import catalogue
from omnisession_conformance.traffic.record import Party
from omnisession_faults.faults.safety.recognition import SIGNS
from omnisession_reference.wire import Incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_reference.wire import JsonObject

    Heard = list[tuple[Incoming, JsonObject]]

SAVED = Path(__file__).parents[1] / "kit" / "saved" / "before" / "transcript.jsonl"
TITLE = b'{"type":"article.create","data":{"title":"title-kf47ddbbd0123456789ab"}}'
SEEDS = range(3)
ONLY = ("CTRL-007", "SEC-001", "ACTION-005", "ART-004")
"""Of each kind of case a few, so that a run is short and has texts, copies and several users."""


def incoming(subject: str, reply: str, data: bytes) -> tuple[Incoming, JsonObject]:
    try:
        body: JsonObject = as_object(json.loads(data))
    except ValueError:
        body = {}
    return Incoming(subject, reply, data), body


def opened(type_: str, **data: Any) -> tuple[Incoming, JsonObject]:
    body = {"type": type_, "user_id": "probe-0-author-kf47ddbbd51758d96", "data": data}
    return incoming("session.x.y.control", "_INBOX.z", json.dumps(body).encode())


def yesterday() -> Heard:
    """What the kit sent then: its look at the server, which no transcript has, and the rest."""
    kinds, features = ["articles", "chat", "url", "user"], ["events", "digests"]
    found = [opened("session.open", kinds=kinds, features=features), opened("session.close")]
    for line in SAVED.read_text("utf-8").splitlines():
        told = json.loads(line)
        if told.get("from") == "kit" and not told["subject"].startswith("$"):
            data = told.get("text", "").encode()
            found.append(incoming(told["subject"], told.get("reply", ""), data))
    return [*found, incoming("user.actions.x", "_INBOX.z", TITLE)]


def first_sessions() -> Heard:
    """The sessions that whole runs of it began with."""
    asked = (
        *((["user"], 200), (["articles", "chat", "url", "user"], 200), (["user"], 200)),
        *((["articles"], None), (["articles"], 200), (["user"], 200), (["user"], 200)),
        (["articles"], 200),
    )
    return [
        opened("session.open", kinds=["user"]),
        *(
            opened("session.open", kinds=kinds, timers={"heartbeat_ms": beat} if beat else {})
            for kinds, beat in asked
        ),
    ]


def knows(sign: Callable[[Heard], bool], heard: Heard) -> bool:
    return any(sign(heard[: at + 1]) for at in range(len(heard)))


@pytest.mark.parametrize("name", SIGNS)
def test_yesterdays_kit_is_known_by_each_sign(name: str) -> None:
    assert knows(SIGNS[name], first_sessions() if name == "first-sessions" else yesterday())


async def sent(seed: int, only: Iterable[str]) -> Heard:
    """What a run of today sends to the reference server."""
    settings = Settings(seed=seed)
    chosen = choose(catalogue(), Selection(only=tuple(only)))
    outcome = await conduct(settings, chosen, (), Stopper())
    assert outcome.lost is None
    return [
        incoming(r.subject, r.reply, r.data)
        for r in outcome.records
        if r.party is Party.KIT and not r.subject.startswith(("$", "_INBOX."))
    ]


@pytest.mark.parametrize(
    "seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.dear) for seed in SEEDS[1:])]
)
def test_todays_kit_is_known_by_none(seed: int) -> None:
    heard = asyncio.run(sent(seed, ONLY))
    assert len(heard) > 100
    assert [name for name, sign in SIGNS.items() if knows(sign, heard)] == []

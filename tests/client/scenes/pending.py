"""Scenes of actions that are kept pending, and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.client.bench import ACTIONS, LIMITS, Body, message, position
from tests.client.scenes.stage import Scene, scene

if TYPE_CHECKING:
    from tests.client.scenes.stage import Watched

GAP, RATE = 4091, 4290
TYPES = [*ACTIONS, "article.create", "article.select", "chat.edit", "chat.delete", "chat.typing"]


def keeping(stage: Scene, *kinds: str) -> Watched:
    return stage.bench(*kinds, mode="optimistic")


def living(stage: Scene, *kinds: str, las: int = 0, **limits: int) -> Watched:
    bench = keeping(stage, *kinds)
    bench.begin()
    bench.ready()
    bench.opens(las=las, actions=TYPES, limits={**LIMITS, **limits})
    for seq, kind in enumerate(bench.state.config.kinds, 1):
        bench.hears("state", bench.shown(seq, las=las, type=kind))
    return bench


@scene
def before_the_session(stage: Scene) -> None:
    bench = keeping(stage)
    bench.begin()
    bench.dispatch("x1")
    bench.dispatch("x2", "x-acme.jump")
    bench.dispatch("x3", content="x" * LIMITS["action"])
    bench.dispatch("x4", content=7)
    bench.ready()
    bench.opens(las=4)
    for number in range(40):
        bench.dispatch(f"y{number}")


@scene
def unknown(stage: Scene) -> None:
    bench = living(stage)
    bench.dispatch("x1", content="content")
    bench.nack("x1", 1, 5040, retryable=True)
    bench.dispatch("x2", content="content 2")
    bench.rings("resend")
    bench.ack("x1", 1, 1)


@scene
def outcomes(stage: Scene) -> None:
    bench = living(stage, las=2)
    for number in range(1, 6):
        bench.dispatch(f"x{number}", content=f"content {number}")
    bench.ack("x1", 3, 2)
    event = bench.event(2, "chat.message_added", las=3, message=message(2))
    cause = {"action_id": "x1", "session_id": bench.state.session_id, "client_seq": 3}
    bench.hears("events", event | {"cause": cause})
    bench.nack("x3", 5, 4030)
    bench.dispatch("x6")
    bench.ack("x2", 4, 4, status="duplicate")
    bench.adds(3, 4)
    bench.beats(4, las=6)
    bench.nack("x4", 6, 4220)
    bench.rings("ping")
    bench.answers("session.pong", **position(4, las=8))


@scene
def waits(stage: Scene) -> None:
    bench = living(stage)
    for number in range(1, 4):
        bench.dispatch(f"x{number}")
    for turn in range(3):
        bench.nack("x1", 1, RATE, retryable=True, retry_after_ms=400 * turn)
        bench.nack("x2", 2, GAP, retryable=True)
        bench.now += 1_000
        bench.rings("again")
    bench.rings("outcome x3")
    bench.rings("again")
    bench.nack("x1", 1, RATE, retryable=True, retry_after_ms=9_000)
    bench.lost()
    bench.ready()
    bench.resumed("current", 1)
    bench.now += 9_000
    bench.rings("again")
    bench.adds(3)
    bench.rings("outcome x2")
    bench.rings("again")
    bench.resumed("replay", 3, bench.added(2), bench.added(3, las=2))


@scene
def numbers_that_are_missing(stage: Scene) -> None:
    bench = living(stage)
    bench.dispatch("x1")
    for _ in range(20):
        bench.nack("x1", 1, GAP, retryable=True)
        bench.rings("again")
    bench.opens()


@scene
def cuts(stage: Scene) -> None:
    bench = living(stage)
    bench.dispatch("x1")
    bench.dispatch("x2")
    bench.ack("x1", 1, 5)
    bench.lost()
    bench.dispatch("x3")
    bench.rings("outcome x2")
    bench.rings("again")
    bench.ready()
    bench.dispatch("x4")
    bench.resumed("replay", 2, bench.added(2, las=1), las=1)
    bench.hears("events", b"{")
    bench.dispatch("x5")
    bench.syncing(2, las=2)


@scene
def new_sessions(stage: Scene) -> None:
    for away_ms in (1_000, 200_000):
        bench = living(stage, "articles", "chat", outcomes_ms=20_000)
        bench.dispatch("x1")
        bench.dispatch("x2", "article.select", article_id=None)
        bench.nack("x1", 1, RATE, retryable=True, retry_after_ms=500)
        bench.now += away_ms
        bench.lost()
        bench.dispatch("x3")
        bench.ready()
        bench.refuses(4041)
        bench.dispatch("x4")
        bench.opens(las=6, actions=TYPES)
        bench.now += 1_000
        bench.rings("again")
        bench.ack("x1", 7, 0, status="duplicate")
        bench.dispatch("x5")
        closing = {"reason": "revoked", "reconnect": False, "after_ms": None}
        bench.hears("control", bench.envelope("session.closing") | {"data": closing})
        bench.dispatch("x6")


@scene
def views(stage: Scene) -> None:
    bench = living(stage, "articles", "chat")
    bench.hears("state", bench.shown(3, type="chat", messages=[message(2), message(1)]))
    doings: list[tuple[str, Body]] = [
        ("chat.send", {"content": "hi"}),
        ("chat.edit", {"message_id": "m-1", "content": "better"}),
        ("chat.edit", {"message_id": "local:x0", "content": "better"}),
        ("chat.delete", {"message_id": "m-2"}),
        ("article.create", {"title": "T", "content": "C"}),
        ("article.update", {"article_id": "a-1", "changes": {"title": "N", "revision": 9}}),
        ("article.select", {"article_id": None}),
    ]
    for number, (type_, data) in enumerate(doings):
        bench.dispatch(f"x{number}", type_, **data)
    bench.ack("x0", 1, 9)
    bench.nack("x3", 3, 4030)
    bench.hears("state", bench.shown(4, type="chat", las=2, messages=[message(3), message(2)]))

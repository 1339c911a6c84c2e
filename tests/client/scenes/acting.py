"""Scenes of actions."""

from __future__ import annotations

from tests.client.bench import LIMITS, TIMERS, USER, Body, message
from tests.client.scenes.stage import FAR, Scene, scene

from omnisession_client.effects import Publish


@scene
def numbers(stage: Scene) -> None:
    for las in (0, 4, FAR):
        bench = stage.bench("chat", "articles")
        bench.begin()
        bench.ready()
        bench.opens(0, las)
        for number in range(1, 6):
            kind = ("chat.send", "article.update")[number % 2]
            none: Body = {}
            data: Body = none if kind == "chat.send" else {"article_id": "a-1", "changes": none}
            bench.dispatch(f"x{number}", kind, **data)
            bench.ack(f"x{number}", las + number, number)
        bench.dispatch("x6")
        bench.lost()
        bench.ready()
        bench.resumed("current", 0, las=las + 5)
        bench.ack("x6", las + 6)
        bench.dispatch("x7")
        bench.rings("ping")
        bench.refuses(4041)
        bench.opens()
        bench.dispatch("x8")


@scene
def causes(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    for number in (1, 9):
        cause = {"action_id": "y", "session_id": "another", "client_seq": number}
        told = {"cause": cause, "actor": USER}
        seq = bench.state.place.seq + 1 if bench.state.place else 0
        bench.hears("events", bench.added(seq) | told)
    bench.rings("outcome")
    bench.ack("x1", 1)
    bench.dispatch("x2")


@scene
def nacks(stage: Scene) -> None:
    bench = stage.live()
    for number in range(1, 5):
        bench.dispatch(f"x{number}")
        bench.nack(f"x{number}", number, 4030 if number < 3 else 4090)
        bench.rings("resend")
    bench.dispatch("x5", content="é" * 9_000)
    bench.dispatch("x6")


@scene
def copies(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    for _ in range(3):
        bench.now += 3_000
        bench.rings("outcome")
        bench.rings("resend")
    bench.nack("x1", 1, 4290, retryable=True, retry_after_ms=500)
    bench.lost()
    bench.ready()
    bench.resumed("current", 1)
    bench.rings("resend")
    bench.lost()
    bench.ready()
    bench.resumed("current", 1)
    bench.adds(3)
    bench.rings("outcome")
    bench.rings("resend")
    bench.resumed("replay", 3, bench.added(2), bench.added(3))
    bench.nack("x1", 1, 5030, retryable=True)
    bench.adds(6)
    bench.rings("resend")
    bench.resumed("snapshot", 6)
    bench.ack("x1", 1)
    bench.dispatch("x2")


@scene
def unknown(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    bench.nack("x1", 1, 5040, retryable=True)
    bench.dispatch("x2")
    bench.rings("resend")
    bench.ack("x1", 1)


@scene
def silence(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    for _ in range(18):
        bench.rings("outcome")
        bench.rings("resend")


@scene
def given_up(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    bench.rings("ping")
    bench.refuses(4041)


@scene
def duplicates(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    bench.ack("x1", 1, status="duplicate")
    bench.dispatch("x2")


@scene
def sizes(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x", content="")
    bench.ack("x", 1)
    [empty] = [len(effect.body) for effect in bench.effects if isinstance(effect, Publish)]
    for above in range(-2, 3):
        bench.dispatch("y", content="x" * (LIMITS["action"] - empty + above))
        bench.ack("y", bench.state.next_number)
    for content in ("é" * 4_090, "x" * 8_100, "x" * 5_000, "x" * 20_000, "é"):
        bench.dispatch("b", content=content)
        bench.ack("b", bench.state.next_number)
    bench.ready(max_payload=5_000)
    bench.dispatch("c", content="x" * 6_000)
    bench.dispatch("d", "x-acme.jump")


@scene
def types_of_the_server(stage: Scene) -> None:
    bench = stage.bench()
    bench.begin()
    bench.ready()
    bench.opens(actions=["x-acme.jump", "chat.send"], timers=TIMERS | {"heartbeat_ms": 300})
    bench.dispatch("x1", "x-acme.jump")
    bench.ack("x1", 1)
    bench.dispatch("x2")


@scene
def two_clients(stage: Scene) -> None:
    one, two = stage.live(), stage.live()
    one.adds(2, 3)
    one.dispatch("x1")
    two.dispatch("x2")
    two.hears("state", two.shown(2, messages=[message(8)]))
    one.ack("x1", 1)
    one.dispatch("x3")
    stage.bench().begin()

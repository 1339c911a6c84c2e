"""Scenes of digests, connections, sessions, requests and answers."""

from __future__ import annotations

from tests.client.bench import Body, message, position
from tests.client.scenes.stage import Scene, scene

from omnisession_client.digests import digest


@scene
def compared_digests(stage: Scene) -> None:
    for wrong in ("chat", "url"):
        bench = stage.live("chat", "url", features=("events", "digests"))
        content = message(3) | {"content": "Zoë 😀"}
        bench.hears("events", bench.event(3, "chat.message_added", message=content))
        right = {kind: digest(held) for kind, held in bench.state.slices.items()}
        bench.beats(2, digests=right | {wrong: "0" * 64})
        bench.beats(3, digests=right)
        for _ in range(3):
            bench.beats(3, digests=right | {wrong: "0" * 64})
            bench.rings("retry")
            if bench.state.asked:
                bench.syncing(1)
                bench.hears("state", bench.shown(2))
                bench.hears("state", bench.shown(3, type="url"))
        bench.beats(4, digests=right | {wrong: "0" * 64})


@scene
def signs_of_life(stage: Scene) -> None:
    bench = stage.live()
    for _ in range(5):
        bench.beats(1)
        bench.rings("ping")
        bench.answers("session.pong", **position(1))
    bench.rings("ping")
    bench.nobody_answers()
    bench.lost()
    bench.ready()
    bench.resumed("current", 1)
    bench.rings("ping")


@scene
def cuts(stage: Scene) -> None:
    bench = stage.live()
    for _ in range(3):
        bench.adds(3)
        bench.lost()
        bench.ready()
        bench.resumed("current", 1)


@scene
def closings(stage: Scene) -> None:
    for data in ({"reconnect": False}, {"reconnect": True, "after_ms": 700}):
        for recovering in (False, True):
            bench = stage.live()
            if recovering:
                bench.adds(3)
            bench.hears("control", bench.envelope("session.closing") | {"data": data})
            bench.dispatch("x1")
            bench.lost()
            bench.now += 100
            bench.ready()
            bench.now += 700
            bench.rings("retry")
            bench.rings("ping")
            if bench.state.asked:
                bench.resumed("current", 1)
                bench.hears("control", bench.envelope("session.closing") | {"data": data})


@scene
def leaving(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    bench.stops()


@scene
def gone_sessions(stage: Scene) -> None:
    for code in (4041, 4101):
        for _ in range(2):
            bench = stage.live()
            bench.adds(2)
            bench.rings("ping")
            bench.refuses(code)
            bench.opens()
            bench.adds(3)
            bench.refuses(code)
            bench.rings("retry")
            bench.opens()
        bench = stage.live()
        bench.hears("events", b"{")
        bench.refuses(code)


@scene
def refused_opens(stage: Scene) -> None:
    for code in (4010, 4011, 4030, 4101, 4777):
        bench = stage.bench(token="secret")
        bench.begin()
        bench.ready()
        bench.refuses(code)
        bench.rings("retry")


@scene
def unknown_codes(stage: Scene) -> None:
    for code in (4777, 5777):
        for retryable in (False, True):
            bench = stage.live()
            bench.dispatch("x1")
            bench.nack("x1", 1, code, retryable=retryable)
            bench.dispatch("x2")
            bench.adds(3)
            bench.refuses(code, retryable=retryable)


@scene
def requests_that_fail(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(3, 5)
    bench.beats(7)
    bench.hears("events", b"{")
    first = bench.state.asked[-1].number
    bench.nobody_answers()
    for _ in range(6):
        bench.rings("retry")
        bench.refuses(5030, retryable=True)
    bench.rings("retry")
    told: Body = {"mode": "snapshot", "messages": [], **position(0)}
    bench.answers("session.resumed", first, **told)
    bench.answers("session.resumed", **{**told, **position(3)})


@scene
def opens_that_fail(stage: Scene) -> None:
    bench = stage.bench()
    bench.begin()
    bench.ready()
    for _ in range(3):
        bench.nobody_answers()
        bench.rings("retry")
    bench.opens()


@scene
def syncs_that_fail(stage: Scene) -> None:
    bench = stage.live()
    bench.hears("events", b"{")
    for _ in range(4):
        bench.nobody_answers()
        bench.rings("retry")


@scene
def answers_that_are_none(stage: Scene) -> None:
    for wrong in (b"{", b"\xff", b"[]", b"", b"null"):
        bench = stage.live()
        bench.adds(3)
        bench.answers_with(wrong)


@scene
def pushes_that_are_none(stage: Scene) -> None:
    bench = stage.live()
    envelope = bench.envelope("session.heartbeat")
    empty: Body = {}
    for told in (envelope, envelope | {"data": None}, envelope | {"data": empty}):
        bench.hears("control", told)


@scene
def versions(stage: Scene) -> None:
    for version in ("1.9", "1.12", "2.0", "10.0", "12.3", 1.0, None):
        bench = stage.live()
        bench.hears("events", bench.added(2) | {"v": version})
        bench.adds(3)

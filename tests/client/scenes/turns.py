"""Scenes of turns that come seldom: a stop before an answer, a ping that a cut takes, a gap in a replay."""

from __future__ import annotations

from tests.client.bench import opened
from tests.client.scenes.stage import Scene, scene


@scene
def closing_before_an_answer(stage: Scene) -> None:
    for answered in (False, True):
        bench = stage.bench()
        bench.begin()
        bench.ready()
        number = bench.state.asked[-1].number
        data = {"reconnect": True, "after_ms": 700}
        bench.hears("control", bench.envelope("session.closing") | {"data": data})
        if answered:
            bench.answers("session.opened", number, **opened(bench.state.config, 0, 0))
        bench.now += 700
        bench.rings("retry")


@scene
def pings_that_are_lost(stage: Scene) -> None:
    bench = stage.live()
    bench.rings("ping")
    bench.lost()
    bench.ready()
    bench.resumed("current", 1)
    bench.rings("ping")


@scene
def pings_that_are_refused(stage: Scene) -> None:
    bench = stage.live()
    bench.rings("ping")
    bench.refuses(5030, retryable=True)


@scene
def replays_with_a_hole(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(5)
    bench.resumed("replay", 4, bench.added(2), bench.added(4))

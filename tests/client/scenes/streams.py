"""Scenes of states and events: what is missing, late, old, foreign or of no use."""

from __future__ import annotations

from dataclasses import replace

from tests.client.bench import Body, message, position
from tests.client.scenes.stage import FAR, Scene, scene


@scene
def hold_while_opening(stage: Scene) -> None:
    bench = stage.bench()
    bench.begin()
    bench.ready()
    bench.hears("state", bench.shown(1))
    bench.adds(2, 3, 4)
    bench.opens()
    bench.adds(5)


@scene
def hold_while_recovering(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(2, 4, 5, 6, 8)
    bench.resumed("replay", 4, bench.added(3), bench.added(4))
    bench.adds(7, 8, 9)


@scene
def hold_states_while_recovering(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(2, 4)
    bench.hears("state", bench.shown(8, messages=[message(8)]))
    bench.resumed("snapshot", 7)
    bench.hears("state", bench.shown(9, messages=[message(9)]))


@scene
def hold_offline(stage: Scene) -> None:
    bench = stage.live()
    bench.lost()
    bench.ready()
    bench.adds(3, 4)
    bench.resumed("replay", 3, bench.added(2), bench.added(3))
    bench.adds(5)


@scene
def replace_slices(stage: Scene) -> None:
    bench = stage.live("chat", "articles", "user")
    talk: Body = {"messages": [message(2), message(1)], "typing_indicators": ["ann"]}
    bench.hears("state", bench.shown(4, **talk))
    current: Body = {"id": "a-1", "published_at": None, "content": "x"}
    articles: Body = {"articles": [current], "current_article": current}
    bench.hears("state", bench.shown(5, type="articles", **articles))
    bench.hears("state", bench.shown(6, messages=[message(3)], typing_indicators=[]))
    bench.hears("state", bench.shown(7, messages=[message(4), message(3)]))
    bench.hears("state", bench.shown(8, type="articles"))
    bench.hears("state", bench.shown(9))


@scene
def old_and_equal(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(2, 3, 4)
    bench.hears("state", bench.shown(4, messages=[message(1)]))
    bench.hears("state", bench.shown(3, messages=[message(1)]))
    bench.adds(2, 3, 4, 4, 5, 6)
    bench.hears("events", bench.event(6, "chat.message_deleted", message_id="m-2"))
    bench.hears("events", bench.event(5, "chat.message_deleted", message_id="m-3"))
    bench.adds(7)


@scene
def old_epochs(stage: Scene) -> None:
    bench = stage.live()
    bench.hears("state", bench.shown(1, epoch=3))
    bench.adds(2, epoch=3)
    bench.hears("state", bench.shown(3, epoch=2, messages=[message(9)]))
    bench.hears("state", bench.shown(8, epoch=1, messages=[message(9)]))
    bench.adds(3, epoch=3)


@scene
def far_numbers(stage: Scene) -> None:
    bench = stage.bench()
    bench.begin()
    bench.ready()
    bench.opens(FAR - 2, FAR)
    bench.hears("state", bench.shown(FAR - 1))
    bench.adds(FAR, FAR + 1, FAR + 3)
    bench.resumed("replay", FAR + 2, bench.added(FAR + 2))
    bench.beats(FAR + 5)
    bench.beats(FAR + 5)


@scene
def far_epochs(stage: Scene) -> None:
    bench = stage.live()
    bench.hears("state", bench.shown(1, epoch=FAR + 1))


@scene
def odd_ids(stage: Scene) -> None:
    bench = stage.bench()
    bench.state = replace(bench.state, config=replace(bench.state.config, user_id="a:b ~Ü*.>"))
    bench.begin()
    bench.ready()


@scene
def told_over_32_bits(stage: Scene) -> None:
    bench = stage.bench()
    bench.begin()
    bench.ready()
    bench.opens(FAR - 2)
    bench.hears("state", bench.shown(FAR - 1))
    bench.beats(FAR)
    bench.beats(FAR)


@scene
def gaps(stage: Scene) -> None:
    for far in (3, 4):
        bench = stage.live("chat", "url")
        bench.adds(far + 1)
        bench.hears("state", bench.shown(far + 2, messages=[message(9)]))
        bench.resumed("replay", far, *(bench.added(seq) for seq in range(3, far + 1)))
        bench.adds(far + 5, far + 6, far + 7)
    bench = stage.live("chat", "url")
    bench.hears("state", bench.shown(4, messages=[message(9)]))


@scene
def gaps_of_two_kinds(stage: Scene) -> None:
    bench = stage.live("url", "chat")
    url: Body = {"id": "u-1", "created_at": 5}
    bench.hears("events", bench.event(3, "url.created", url=url))
    bench.adds(5)


@scene
def late_ones(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(2, 4, 3, 5)
    bench.resumed("replay", 4, *(bench.added(seq) for seq in (3, 4)))
    bench.adds(3, 5, 5, 6)


@scene
def replays(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(6, 8)
    deleted = bench.event(3, "chat.message_deleted", message_id="m-2")
    shown = bench.shown(5, messages=[message(5)])
    bench.resumed("replay", 6, bench.added(2), deleted, bench.added(4), shown, bench.added(6))
    bench.adds(7)


@scene
def a_replay_of_what_was_held(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(4, 5)
    bench.hears("events", bench.event(6, "chat.message_deleted", message_id="m-4"))
    replay = [bench.added(seq) for seq in (2, 3, 4, 5)]
    gone = bench.event(6, "chat.message_deleted", message_id="m-4")
    bench.resumed("replay", 7, *replay, gone, bench.added(7))
    bench.adds(8)


@scene
def lower_snapshots(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(*range(2, 8), 9)
    bench.resumed("snapshot", 3)
    bench.hears("state", bench.shown(4, messages=[message(4)]))
    bench.adds(5, 6)


@scene
def higher_snapshots(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(3)
    bench.resumed("snapshot", 0, epoch=2)
    bench.hears("state", bench.shown(1, epoch=2, messages=[message(4)]))


@scene
def lower_syncs(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(*range(2, 8))
    bench.hears("events", b"{")
    bench.syncing(3)
    bench.hears("state", bench.shown(4, messages=[message(4)]))
    bench.adds(5)


@scene
def takeovers(stage: Scene) -> None:
    bench = stage.live("chat", "url")
    bench.adds(3, 4)
    for epoch in (2, 3):
        bench.hears("state", bench.shown(1, epoch=epoch))
        bench.hears("state", bench.shown(2, epoch=epoch, type="url"))
        bench.adds(3, 4, epoch=epoch)
    bench.hears("events", bench.added(1, epoch=4))
    bench.resumed("snapshot", 0, epoch=4)
    bench.hears("state", bench.shown(1, epoch=4))
    bench = stage.live("chat", "url")
    bench.hears("state", bench.shown(2, epoch=2, type="url"))


@scene
def unknown_ones(stage: Scene) -> None:
    bench = stage.live()
    bench.hears("events", bench.event(2, "x-acme.thing_done"))
    bench.hears("events", bench.event(3, "chat.thing_done"))
    bench.hears("state", bench.shown(4, type="weather"))
    bench.adds(5)
    bench.hears("control", bench.envelope("session.news") | {"data": {}})


@scene
def not_its_own(stage: Scene) -> None:
    bench = stage.live()
    name = bench.state.session_id
    for wrong in (
        {"session_id": name + "x"},
        {"session_id": name.swapcase()},
        {"session_id": "another"},
        {"user_id": "ann"},
        {"user_id": None},
        {"user_id": "ann", "session_id": "another"},
    ):
        bench.hears("events", bench.added(2) | wrong)
        bench.hears(
            "control", bench.envelope("session.closing") | {"data": {"reconnect": False}} | wrong
        )
    lacks = {name: value for name, value in bench.added(2).items() if name != "session_id"}
    bench.hears("events", lacks)
    bench.hears("more", bench.added(2))
    bench.hears("control", bench.shown(2, messages=[message(7)]))


@scene
def unusable_ones(stage: Scene) -> None:
    for wrong in (b"{", b"", b"\xff\xfe", b"[1]", b"[" * 500 + b"]" * 500, b'{"v": "1.0"}', b"3"):
        bench = stage.live()
        bench.adds(2)
        bench.hears("control", wrong)
        bench.hears("events", wrong)
        bench.hears("events", wrong)
        bench.adds(4)
        bench.syncing(4)
        bench.hears("state", bench.shown(5))
        bench.hears("events", wrong)


@scene
def unusable_in_a_replay(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(5)
    bench.resumed("replay", 4, bench.added(2), ["no body"], bench.added(4))
    bench.rings("retry")
    bench.syncing(4)
    bench.hears("state", bench.shown(5))


@scene
def told_heads(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(2)
    for seq in (3, 3, 3):
        bench.beats(seq)
    bench.resumed("replay", 3, bench.added(3))
    for _ in range(4):
        bench.beats(12)
    bench.resumed("replay", 12, *(bench.added(seq) for seq in range(4, 13)))
    bench.beats(1, epoch=2)
    bench.beats(1, epoch=2)


@scene
def heads_at_nine(stage: Scene) -> None:
    bench = stage.live()
    bench.adds(*range(2, 10))
    bench.beats(10)
    bench.beats(11)


@scene
def heads_of_acks_and_pongs(stage: Scene) -> None:
    bench = stage.live()
    bench.dispatch("x1")
    bench.ack("x1", 1, 3)
    bench.beats(3)
    bench.resumed("replay", 3, bench.added(2), bench.added(3))
    bench.rings("ping")
    bench.answers("session.pong", **position(5))
    bench.beats(5)
    bench = stage.live()
    for _ in range(2):
        bench.rings("ping")
        bench.answers("session.pong", **position(3))

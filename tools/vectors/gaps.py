"""Traces of what is missing in the stream, and of what cannot be used there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors import lines
from vectors.entries import article
from vectors.listed import Setting, trace
from vectors.script import LONGEST_MS, MOMENT_MS
from vectors.stream import STATES, changed

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.served import Message
    from vectors.lines import Json
    from vectors.script import Script

DIGESTS = Setting(("core", "events", "digests", "chat"), features=("events", "digests"))


@trace("gap-replay", "CLI-006", "CLI-007", "CLI-024")
def gap_replay(t: Script) -> None:
    """Two messages are lost; what comes behind them waits for the replay, and counts once."""
    t.begins()
    t.tells(t.added("m-1"))
    t.holds()
    mark = t.mark()
    lost = [t.added("m-2"), t.added("m-3")]
    seen = t.added("m-4")
    t.tells(seen)
    t.holds(mark)
    t.recovers(mark)
    t.beats()
    t.beats()
    t.asks_nothing()
    t.replays(*lost, seen)
    t.holds()
    t.asks_nothing()
    t.tells(t.added("m-5"))
    t.holds()
    mark = t.mark()
    lost, seen = [t.added("m-6")], t.added("m-7")
    t.tells(seen)
    t.recovers(mark)
    t.replays(*lost, seen)
    t.holds()


@trace("gap-before-another-kind", "CLI-006", "CLI-004", setting=STATES)
def gap_of_kinds(t: Script) -> None:
    """A state of one kind is lost, and the next one is of another: it is whole, and a gap all the same."""
    t.begins()
    t.tells(t.state("chat", typing_indicators=["bob"]))
    t.holds()
    mark = t.mark()
    t.state("chat", typing_indicators=[])
    t.tells(t.state("articles", articles=[article("a-1", t.at_ms)]))
    t.recovers(mark)
    t.snapshot()
    t.holds()


@trace("gap-held", "CLI-003", "CLI-006", "CLI-007")
def gap_held(t: Script) -> None:
    """What comes while a recovery is under way counts behind its answer as far as it connects."""
    t.begins()
    mark = t.mark()
    lost, seen = t.added("m-1"), t.added("m-2")
    t.tells(seen)
    t.recovers(mark)
    resumed = t.resumed("replay", lost.body, seen.body)
    synced = t.body("session.syncing", position=t.position, kinds=["chat"])
    t.tells(*t.states("sync"))
    near = t.mark()
    lost = t.added("m-3")
    far = t.added("m-4")
    t.tells(far)
    t.line(
        "answer",
        to="recovery",
        resume={"body": resumed, "messages": []},
        sync={"body": synced, "messages": []},
    )
    t.holds(near)
    t.beats()
    t.beats()
    t.recovers(near, LONGEST_MS)
    t.replays(lost, far)
    t.holds()


@trace("gap-snapshot-lower", "CLI-008", "CLI-007")
def snapshot_lower(t: Script) -> None:
    """The server has lost its end: its states are at a lower place, and what was held is gone."""
    t.begins()
    early = t.mark()
    t.tells(t.added("m-1"), t.added("m-2"))
    t.holds()
    mark = t.mark()
    t.added("m-3")
    t.tells(t.added("m-4"))
    t.recovers(mark)
    t.server.fall_back(early.position.seq, early.slices)
    t.snapshot()
    t.holds()
    t.is_current(may_not_ask=True)
    t.holds()
    t.tells(t.added("m-5"))
    t.holds()


@trace("gap-snapshot-higher-epoch", "CLI-008", "CLI-005")
def snapshot_epoch(t: Script) -> None:
    """A recovery is answered by states of a higher epoch; what was held of the old one is old."""
    t.begins()
    mark = t.mark()
    t.added("m-1")
    held = t.added("m-2")
    t.tells(held)
    t.recovers(mark)
    t.server.begin_epoch(7)
    t.snapshot()
    t.holds()
    t.tells(held)
    t.holds()
    t.asks_nothing()
    t.tells(t.added("m-3"))
    t.holds()


@trace("tail-by-heartbeat", "CLI-013", "CLI-024")
def tail_by_heartbeat(t: Script) -> None:
    """The last messages are lost, and heartbeats tell of them."""
    t.begins()
    t.beats()
    t.asks_nothing()
    mark = t.mark()
    lost = [t.added("m-1"), t.added("m-2")]
    t.beats()
    t.beats()
    t.holds(mark)
    t.recovers(mark)
    t.replays(*lost)
    t.holds()
    mark = t.mark()
    lost = [t.added("m-3")]
    t.beats()
    t.beats()
    t.recovers(mark)
    t.replays(*lost)
    t.holds()


@trace("tail-of-a-new-epoch", "CLI-013", "CLI-009", "CLI-008")
def tail_of_an_epoch(t: Script) -> None:
    """All of a takeover is lost, and heartbeats tell of its epoch."""
    t.begins()
    t.tells(t.added("m-1"), t.added("m-2"))
    t.holds()
    mark = t.mark()
    t.server.begin_epoch()
    t.states("takeover")
    t.beats()
    t.beats()
    t.recovers(mark)
    t.snapshot()
    t.holds()


@trace("tail-by-pong", "CLI-013", "CLI-015", "CLI-036")
def tail_by_pong(t: Script) -> None:
    """A pong tells of a head that has not come by the next heartbeat."""
    t.begins()
    mark = t.mark()
    lost = t.added("m-1")
    t.passes(t.timers["resume_window_ms"], "session.ping")
    pong = t.body("session.pong", position=t.position)
    t.line("answer", to="session.ping", body=pong)
    t.beats()
    t.recovers(mark)
    t.replays(lost)
    t.holds()


def bad(t: Script, wrong: Message, why: str) -> None:
    """A message that cannot be used comes, then a right one; and both come again in a replay."""
    place = {"epoch": wrong.body["epoch"], "seq": wrong.body["seq"] - 1}
    t.line("message", **lines.placed(wrong), wrong=why)
    seen = t.added("m-2")
    t.tells(seen)
    t.passes(MOMENT_MS, "recovery")
    t.then(position=place, requests=[{"type": "recovery", "from": place}])
    answers(t, [wrong.body, seen.body], why)


def answers(t: Script, messages: list[Json], why: str) -> None:
    """A resume brings what cannot be used, so that a sync has to follow; a sync does without it."""
    at = t.position
    resumed = t.resumed("replay", *messages)
    synced = t.body("session.syncing", position=at, kinds=["chat"])
    states = lines.listed(t.states("sync"))
    t.line(
        "answer",
        to="recovery",
        resume={"body": resumed, "wrong": why, "messages": []},
        sync={"body": synced, "messages": states},
    )
    # Who has had states already is where the sync of the others brings them.
    t.line(
        "answer",
        to="recovery",
        within_ms=LONGEST_MS,
        resume={"body": resumed, "wrong": why, "messages": []},
        sync={"body": synced, "messages": states},
        none={"messages": []},
    )
    t.holds()
    t.tells(t.added("m-9"))
    t.holds()
    t.asks_nothing()


@trace("unusable", "CLI-012", "CLI-029")
def unusable_body(t: Script) -> None:
    """A message lacks what its type has: only states do without it."""
    t.begins()
    bad(t, changed(t.added("m-1"), data={}), "The message is missing.")
    bad(t, changed(t.states("change")[0], data={"type": "chat"}), "The state has no lists.")


@trace("unusable-major", "CLI-012", "CLI-035")
def unusable_major(t: Script) -> None:
    """A message of another major version cannot be used."""
    t.begins()
    bad(t, changed(t.added("m-1"), v="2.0"), "It is of another major version.")


@trace("unusable-in-replay", "CLI-012", "CLI-007")
def unusable_in_replay(t: Script) -> None:
    """One message of a replay cannot be used, and spoils none of those before it."""
    t.begins()
    mark = t.mark()
    first, second = t.added("m-1"), t.added("m-2")
    wrong = changed(second, data={"message": "m-2"})
    last = t.added("m-3")
    t.tells(last)
    t.recovers(mark)
    answers(t, [first.body, wrong.body, last.body], "The second message has no data.")


@trace("garbage", "CLI-029", "CLI-012")
def garbage(t: Script) -> None:
    """Bytes that are no body end nothing; where a message of the stream is lost by them, it comes again."""
    t.begins()
    mark = t.mark()
    for data in (b"", b"\xff\xfe", b"null", b"[" * 2_000, b'{"v":"1.0"}'):
        t.line("message", on="control", raw=lines.raw(data), wrong="It is no body.")
    t.holds(mark)
    t.asks_nothing()
    t.tells(t.added("m-1"))
    t.holds()
    mark = t.mark()
    good, seen = t.added("m-2"), t.added("m-3")
    t.line("message", on="events", raw=lines.raw(b'{"type": "chat.mess'), wrong="It is cut off.")
    t.tells(seen)
    t.recovers(mark)
    t.replays(good, seen)
    t.holds()


@trace("digests", "CLI-014", setting=DIGESTS)
def digests(t: Script) -> None:
    """Digests are compared at the same place only; where they differ, the core syncs."""
    t.begins()
    t.beats(digests=t.server.digests)
    early = t.position
    t.tells(t.added("m-1"))
    other = {"chat": "0" * 64}
    t.pushes("session.heartbeat", position=early, digests=other)
    t.beats(digests=t.server.digests)
    t.asks_nothing(4_000)
    mark = t.mark()
    t.server.slices["chat"] = {**t.server.slices["chat"], "typing_indicators": ["bob"]}
    t.beats(digests=t.server.digests)
    t.passes(MOMENT_MS, "recovery")
    t.holds(mark)
    t.then(requests=[{"type": "session.sync"}])
    t.snapshot()
    t.holds()
    t.beats(digests=t.server.digests)
    t.asks_nothing(4_000)

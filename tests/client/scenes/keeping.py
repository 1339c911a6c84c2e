"""Scenes of actions that are kept pending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.client.bench import LIMITS, NOW, TIMERS, Body, message, position
from tests.client.scenes.stage import Scene, Watched, scene

from omnisession_client.messages import Dispatched

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = ("create", "update", "delete", "select")
OTHERS = ("chat.send", "chat.edit", "chat.delete", "chat.typing", "session.noop", "user.update")
ACTIONS = [
    *(f"article.{type_}" for type_ in TYPES),
    *OTHERS,
    *(f"url.{type_}" for type_ in TYPES[:3]),
]
AWAY_MS = 60_000


def begun(stage: Scene, *kinds: str, **more: Any) -> Watched:
    """A client that keeps what is pending and shows it, in a session that has its first states."""
    bench = stage.bench(*(kinds or ("chat", "articles")), mode="optimistic")
    bench.begin()
    bench.ready()
    opens(bench, **more)
    return bench


def opens(bench: Watched, slices: Mapping[str, Body] | None = None, **more: Any) -> None:
    """Answer an open, and bring the first states."""
    told: Body = {"actions": ACTIONS, **more}
    bench.opens(**told)
    for seq, kind in enumerate(bench.state.config.kinds, 1):
        bench.hears("state", bench.shown(seq, type=kind, **(slices or {}).get(kind, {})))


def does(bench: Watched, action_id: str, revision: int = 3) -> None:
    """Change an article with an `expect`."""
    data = {"article_id": "a-1", "changes": {"title": action_id}}
    expect = {"revision": revision}
    doing: Body = {"type": "article.update", "data": data, "expect": expect}
    bench.put(Dispatched(at_ms=0, action_id=action_id, **doing))


def caused(bench: Watched, action_id: str, seq: int, las: int = 0) -> None:
    """An event that an action has caused, counted or not."""
    cause = {"action_id": action_id, "session_id": bench.state.session_id, "client_seq": 1}
    bench.hears("events", bench.added(seq, las=las) | {"cause": cause})


def nacked(bench: Watched, action_id: str, number: int, code: int, **error: Any) -> None:
    """A nack at a position that counts nothing."""
    told = {"code": code, "name": "X", "message": "x", "retryable": False, **error}
    data = {"action_id": action_id, "client_seq": number, **position(1), "error": told}
    bench.hears("control", bench.envelope("action.nack") | {"data": data})


def back(bench: Watched, seq: int, las: int = 0, mode: str = "current") -> None:
    """Lose the connection, and come back."""
    bench.lost()
    bench.ready()
    bench.resumed(mode, seq, las=las)


@scene
def counts(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(1, 8):
        bench.dispatch(f"x{number}")
    bench.ack("x2", 2, 6)
    caused(bench, "x1", 3)
    bench.adds(4, las=2)
    bench.hears("state", bench.shown(5, las=3, messages=[message(8)]))
    bench.ack("x4", 4, 5)
    bench.beats(5, las=5)
    bench.beats(8, las=6)
    bench.beats(8, las=6)
    bench.resumed("current", 5, las=6)
    bench.rings("ping")
    bench.refuses(4041)
    opens(bench)


@scene
def nacks_behind_their_count(stage: Scene) -> None:
    bench = begun(stage)
    bench.dispatch("x1")
    bench.beats(1, las=1)
    nacked(bench, "x1", 1, 4030)


@scene
def brokers_that_take_less(stage: Scene) -> None:
    bench = begun(stage)
    bench.dispatch("x1", content="x" * 400)
    bench.lost()
    bench.ready(max_payload=400)
    bench.resumed("current", 2)


@scene
def counts_ahead(stage: Scene) -> None:
    bench = begun(stage)
    bench.dispatch("x1", "session.noop", text="x")
    bench.ack("x1", 1, 3)
    bench.adds(3)


@scene
def heads_that_count(stage: Scene) -> None:
    bench = begun(stage)
    bench.dispatch("x1")
    bench.beats(2, las=1)


@scene
def final_nacks(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(1, 4):
        bench.dispatch(f"x{number}")
    nacked(bench, "x2", 2, 4030)
    back(bench, 2)
    bench.adds(3, las=3)


@scene
def copies_of_pending(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(1, 4):
        bench.dispatch(f"x{number}")
    bench.now += 2_000
    bench.rings("outcome x2")
    bench.rings("again")
    nacked(bench, "x2", 2, 4290, retryable=True, retry_after_ms=900)
    bench.rings("outcome x2")
    back(bench, 2)
    bench.now += 2_000
    bench.rings("again")
    bench.rings("outcome x2")


@scene
def dispatched_meanwhile(stage: Scene) -> None:
    bench = stage.bench("chat", "articles", mode="optimistic")
    bench.dispatch("x0")
    bench.begin()
    bench.dispatch("x1")
    bench.ready()
    bench.dispatch("x2")
    bench.dispatch("x3", content="x" * 9_000)
    opens(bench)
    bench.lost()
    bench.dispatch("x4")
    bench.dispatch("x5")
    bench.ready()
    bench.dispatch("x6")
    bench.resumed("current", 2)
    bench.hears("events", b"{")
    bench.dispatch("x7")
    bench.syncing(2)
    for number in (1, 2):
        bench.ack(f"x{number}", number, 2)
    closing: Body = {"reconnect": True, "after_ms": 700}
    bench.hears("control", bench.envelope("session.closing") | {"data": closing})
    bench.dispatch("x8")
    bench.now += 700
    bench.rings("retry")
    bench.resumed("current", 2)
    bench.dispatch("x9")


@scene
def cuts_with_pending(stage: Scene) -> None:
    for mode in ("current", "snapshot"):
        bench = begun(stage)
        for number in range(1, 5):
            bench.dispatch(f"x{number}")
        bench.ack("x2", 2, 8)
        bench.lost()
        bench.dispatch("x5")
        bench.ready()
        bench.resumed(mode, 2, las=1)
        bench.ack("x3", 3, 9)
        back(bench, 2, las=1, mode=mode)
        bench.dispatch("x6")
        for number in range(3, 7):
            bench.rings(f"outcome x{number}")
            bench.ack(f"x{number}", number, 2)


@scene
def new_sessions(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(1, 4):
        does(bench, f"x{number}")
    bench.ack("x2", 2, 8)
    bench.rings("ping")
    bench.refuses(4041)
    bench.dispatch("x4")
    opens(bench)
    bench.lost()
    bench.dispatch("x5")
    bench.ready()
    bench.refuses(4041)
    opens(bench)
    bench.rings("ping")
    bench.refuses(4041)
    opens(bench)
    for number in range(1, 6):
        bench.ack(f"x{number}", number, 2, status="duplicate")
        bench.adds(2 + number, las=number)
    bench.rings("ping")
    bench.refuses(4041)
    opens(bench)


@scene
def absences(stage: Scene) -> None:
    limits = LIMITS | {"outcomes_ms": AWAY_MS}
    whole = AWAY_MS + TIMERS["resume_window_ms"]
    for away in (20_000, whole - 12_000, whole - 3_000, whole * 3 // 2, whole * 3):
        for doing in ("x1", None):
            bench = begun(stage, limits=limits)
            if doing:
                bench.dispatch(doing)
            bench.now += 100
            bench.rings("ping")
            bench.answers("session.pong", position={"epoch": 1, "seq": 2, "last_action_seq": 0})
            bench.dispatch("x2")
            bench.dispatch("x3", "article.select", article_id=None)
            does(bench, "x4")
            bench.lost()
            bench.dispatch("x5")
            bench.now += away
            bench.ready()
            bench.refuses(4041)
            opens(bench, limits=limits)
            bench.dispatch("x6")
            bench.now = NOW


@scene
def duplicates_and_lost_acks(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(1, 4):
        bench.dispatch(f"x{number}")
    bench.ack("x1", 1, 3, status="duplicate")
    bench.adds(3, las=1)
    bench.adds(4, las=2)
    bench.rings("outcome x2")
    bench.rings("again")
    bench.adds(5, las=3)
    bench.adds(6, las=3)


@scene
def many(stage: Scene) -> None:
    bench = begun(stage)
    for number in range(34):
        bench.dispatch(f"x{number}")


@scene
def own_subjects(stage: Scene) -> None:
    bench = begun(stage)
    bench.dispatch("x1")
    bench.lost()
    bench.now += 5
    bench.dispatch("x2")
    bench.now += 5
    bench.ready()
    bench.dispatch("x3")
    bench.resumed("current", 2)

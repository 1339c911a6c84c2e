"""Whatever comes, the core goes on, and what it sends is valid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.bench import SESSION, USER, Bench, Body, opened, sent_by

from omnisession_client.kinds import KINDS
from omnisession_client.messages import Answered, Heard
from omnisession_client.report import report
from omnisession_reference.wire import encode, tok

EVENTS = [event for kind in KINDS.values() for event in kind.reducers]
PUSHES = ["session.heartbeat", "session.closing", "action.ack", "action.nack", "session.ping"]
REPLIES = ["session.opened", "session.resumed", "session.syncing", "session.pong", "error"]
TYPES = st.sampled_from(["session.state", *EVENTS, *PUSHES, *REPLIES, "x-acme.thing", "", "."])
NUMBERS = st.integers(-1, 9) | st.sampled_from([2**53, 10**400])
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.sampled_from(
    ["", "ann", "m-1", "chat", "articles", "replay", "snapshot", "current", "é"]
)
NAMES = sorted(
    {name for kind in KINDS.values() for name in kind.empty}
    | {"article", "message", "url", "user", "session", "revision", "id", "user_id", "article_id"}
    | {"epoch", "seq", "last_action_seq", "position", "mode", "digests", "error", "code", "kinds"}
    | {"retryable", "retry_after_ms", "reconnect", "after_ms", "action_id", "published_at"}
)
VALUES: Any = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
DATA = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES
OWN: Body = {"v": "1.0", "user_id": USER, "session_id": SESSION}


def body(type_: str, place: Body, data: Any, more: Body) -> bytes:
    """A body of the session, but for one member that may be anything."""
    return encode(OWN | place | {"type": type_, "data": data} | more)


BODIES = st.builds(
    body,
    TYPES,
    st.fixed_dictionaries({"epoch": st.sampled_from([1, 2]), "seq": st.integers(1, 6)}),
    DATA,
    st.dictionaries(st.sampled_from([*OWN, "type", "data", "epoch", "seq"]), VALUES, max_size=1),
)
RAW = BODIES | st.binary(max_size=12)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["state", "events", "control"]), RAW),
    st.tuples(st.just("answer"), RAW | st.none()),
    st.tuples(st.just("rings"), st.sampled_from(["ping", "retry", "outcome", "resend"])),
    st.tuples(st.sampled_from(["lost", "ready", "dispatch", "opens", "replay"]), st.none()),
)


def step(bench: Bench, what: str, value: Any) -> None:
    match what:
        case "answer" if bench.state.asked:
            number = bench.state.asked[-1].number
            bench.put(Answered(at_ms=0, number=number, data=value))
        case "replay" if bench.state.asked:
            told: Body = {
                "mode": "replay",
                "position": {"epoch": 1, "seq": 9, "last_action_seq": 0},
            }
            bench.answers("session.resumed", **told, messages=[bench.added(2), 7, None])
        case "opens" if bench.state.asked:
            bench.answers("session.opened", **opened(bench.state.config))
        case "rings":
            bench.rings(value)
        case "lost":
            bench.lost()
        case "ready":
            bench.ready()
        case "dispatch":
            bench.dispatch(f"x-{len(bench.effects)}")
        case "state" | "events" | "control":
            name = f"session.{tok(USER)}.{tok(bench.state.session_id)}.{what}"
            bench.put(Heard(at_ms=0, subject=name, data=value))
        case _:
            pass


def assert_goes_on(steps: list[tuple[str, Any]]) -> None:
    bench = Bench(*KINDS, features=("events", "digests")).live()
    for what, value in steps:
        step(bench, what, value)
    sent_by(bench.effects)  # held to the schemas
    told = report(bench.state)
    assert told["slices"].keys() <= KINDS.keys()
    for kind, held in told["slices"].items():
        assert KINDS[kind].usable(held)
    if told["phase"] == "live":
        bench.stops()
        assert sent_by(bench.effects)[-1].type == "session.close"


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_nothing_stops_it(steps: list[tuple[str, Any]]) -> None:
    assert_goes_on(steps)


@pytest.mark.dear
@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_nothing_else_stops_it_either(steps: list[tuple[str, Any]]) -> None:
    assert_goes_on(steps)

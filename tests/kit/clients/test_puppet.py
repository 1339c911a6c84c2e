"""The puppet without a broker: what it says is valid, true, and what a server would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.clients.puppetbench import Bench, Told

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.fold import fold
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.effects import EFFECTS
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS, UntrueError
from omnisession_conformance.roles.client.puppet.terms import Terms, granted

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.served import Served

Json = dict[str, Any]


def types(said: list[tuple[str, Json]]) -> list[str]:
    return [body["type"] for _, body in said]


@pytest.mark.parametrize("features", [[], ["events"], ["digests", "events"]])
def test_an_open_makes_a_session_as_it_was_asked(features: list[str]) -> None:
    bench = Bench()
    asked: Json = {"kinds": ["chat", "weather", "user"], "features": [*features, "magic"]}
    session = bench.open(**asked, timers={"heartbeat_ms": 1, "resume_window_ms": 5})
    (inbox, opened), *states = bench.said.messages or bench.ask("session.sync", session="s")
    assert inbox == "_INBOX.a.1"
    assert session.kinds == ("chat", "user")
    assert session.features == frozenset(features)
    assert session.timers == {
        "heartbeat_ms": 200,
        "resume_window_ms": 1_000,
        "coalesce_ms": 0,
        "gap_ms": 0,
    }
    assert opened["type"] == "session.syncing"
    assert [body["seq"] for _, body in states] == [3, 4]
    for _, body in states:
        assert body.get("digest") == (digest(body["data"]) if "digests" in features else None)
    assert bench.folded() == session.slices


def test_opened_comes_before_the_states_and_again_with_the_head() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat"])
    more = {
        "protocol": ["1.0"],
        "client": {"name": "", "version": ""},
        "auth": None,
        "features": [],
    }
    (_, opened), (_, state) = bench.ask("session.open", "s", kinds=["url"], **more)
    assert opened["data"]["position"] == {"epoch": 1, "seq": 1, "last_action_seq": 0}
    assert opened["data"]["kinds"] == ["chat"]
    assert (state["seq"], state["reason"], session.seq) == (2, "open", 2)


@pytest.mark.parametrize(
    ("asked", "granted_ms"),
    [({}, (15_000, 120_000)), ({"heartbeat_ms": 300, "resume_window_ms": 1}, (300, 1_000))],
)
def test_timers_are_clamped(asked: Json, granted_ms: tuple[int, int]) -> None:
    found = granted(Terms(), asked)
    assert (found["heartbeat_ms"], found["resume_window_ms"]) == granted_ms


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 4000),
        (b"\xff", 4000),
        (b'{"a":1,"a":2}', 4000),
        ({}, 4001),
        ({"v": "1.0", "type": "session.resume", "data": {}}, 4001),
        ({"type": "session.ping", "user_id": "bob"}, 4031),
        ({"type": "session.ping", "session_id": "t"}, 4031),
        ({"type": "session.sing"}, 4002),
        ({"type": "session.ping"}, 4041),
        ({"type": "session.sync", "data": {"kinds": ["url"]}, "session_id": "s"}, 4220),
    ],
)
def test_refusals(body: Any, code: int) -> None:
    bench = Bench()
    told = as_object(body)
    session = "s" if told.get("session_id") == "s" else "u"
    bench.open(kinds=["chat"])
    whole = {**bench.body("", session, {}), **told} if told else body
    said = bench.hear(f"session.{tok(bench.user)}.{session}.control", whole)
    assert [told["data"]["error"]["code"] for _, told in said] == [code]


def test_a_closed_session_is_over_and_a_lost_one_unknown() -> None:
    bench = Bench()
    bench.open()
    assert types(bench.ask("session.close")) == ["session.closed"]
    assert bench.ask("session.ping")[0][1]["data"]["error"]["code"] == 4101
    other = bench.open("t")
    bench.puppet.lose(other)
    assert bench.ask("session.ping", "t")[0][1]["data"]["error"]["code"] == 4041


def test_a_resume_is_answered_by_what_is_known() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat"])
    lost = [bench.puppet.step(session, deliver=False) for _ in range(3)]

    def resumed(epoch: int, seq: int) -> tuple[str, list[Json], list[str]]:
        (_, answer), *after = bench.ask("session.resume", epoch=epoch, seq=seq)
        assert answer["data"]["position"]["seq"] == session.seq - len(after)
        return answer["data"]["mode"], answer["data"]["messages"], types(after)

    assert resumed(1, 4) == ("current", [], [])
    assert resumed(1, 2) == ("replay", [message.body for message in lost[1:]], [])
    assert resumed(1, 9) == ("snapshot", [], ["session.state"])
    assert resumed(2, 1) == ("snapshot", [], ["session.state"])
    session.forget()
    assert resumed(1, 1) == ("snapshot", [], ["session.state"])


ACTS: list[tuple[str, Json]] = [
    ("chat.send", {"content": "hello"}),
    ("chat.edit", {"message_id": "m", "content": "bye"}),
    ("chat.typing", {"active": True}),
    ("chat.typing", {"active": False}),
    ("chat.delete", {"message_id": "m"}),
    ("article.create", {"title": "T", "content": "x", "tags": ["a"]}),
    ("article.update", {"article_id": "a", "changes": {"title": "U"}}),
    ("article.select", {"article_id": "a"}),
    ("article.update", {"article_id": "a", "changes": {"content": "y"}}),
    ("article.select", {"article_id": None}),
    ("article.edit_start", {"article_id": "a"}),
    ("article.edit_start", {"article_id": "a"}),
    ("article.delete", {"article_id": "a"}),
    ("url.create", {"target_url": "https://example.org/"}),
    ("url.create", {"target_url": "https://example.org/", "short_code": "go"}),
    ("url.update", {"url_id": "l", "changes": {"is_active": False}}),
    ("url.delete", {"url_id": "l"}),
    ("user.update", {"changes": {"username": "Zoë"}}),
    ("session.noop", {}),
]


def first_id(session: Served, kind: str, list_: str) -> str:
    entries = session.slices[kind][list_]
    return entries[0]["id"] if entries else "nothing"


def played(bench: Bench, session: Served, number: int, act: tuple[str, Json]) -> Json:
    type_, data = act
    places = {"message_id": ("chat", "messages"), "article_id": ("articles", "articles")}
    places["url_id"] = ("url", "urls")
    named = {
        name: first_id(session, *places[name]) for name in places if data.get(name) is not None
    }
    return bench.act(type_, number, **{**data, **named})


def test_every_type_that_it_takes_is_tried() -> None:
    assert {type_ for type_, _ in ACTS} == set(EFFECTS)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(ACTS), max_size=12), st.booleans())
def test_actions_have_true_effects_and_outcomes(acts: list[tuple[str, Json]], events: bool) -> None:
    bench = Bench()
    features = ["events"] if events else ["digests"]
    session, other = bench.open(features=features), bench.open("t", features=["events"])
    for number, act in enumerate((*ACTS, *acts), 1):
        before = session.seq
        outcome = played(bench, session, number, act)
        assert session.counted == number
        assert outcome["position"]["last_action_seq"] == number
        assert outcome["position"]["seq"] == session.seq
        if (changed := session.seq > before) and outcome.get("status") == "applied":
            counts = [m.body["last_action_seq"] for m in session.history.values()][before:]
            assert counts[-1] == number
            assert set(counts[:-1]) <= {number - 1}
        if act[0] in ("chat.send", "article.create", "url.create"):
            assert changed
            assert outcome["result"]
    assert bench.folded("s") == session.slices
    assert bench.folded("t") == other.slices
    assert other.counted == 0


def test_copies_numbers_and_revisions() -> None:
    bench = Bench()
    session = bench.open()
    first = bench.act("article.create", 1, title="T", content="x")
    assert (first["status"], session.counted) == ("applied", 1)
    copy = bench.act("article.create", 1, title="T", content="x")
    assert copy == {**first, "status": "duplicate"}
    ahead = bench.act("session.noop", 3)
    assert ahead["error"]["details"] == {"expected": 2}
    assert bench.act("session.noop", 1, id_="another")["error"]["code"] == 4092
    other = bench.open("t")
    again = bench.act("article.create", 1, "t", "a1", title="T", content="x")
    assert (again["status"], again["result"]) == ("duplicate", first["result"])
    assert other.counted == 1
    article = first["result"]["article_id"]
    data = {"article_id": article, "changes": {"title": "U"}}
    named = {"action_id": "x", "client_seq": 2, "expect": {"revision": 7}}
    body = bench.body("article.update", "s", data, **named)
    *_, (_, stale) = bench.hear(f"user.actions.{tok(bench.user)}", body)
    assert stale["data"]["error"]["details"] == {"revision": 1}
    assert session.counted == 2


def test_the_two_subjects_of_their_own_carry_actions() -> None:
    bench = Bench()
    session = bench.open()
    body = bench.body("chat.send", "s", {}, action_id="x", client_seq=1, content="hi")
    del body["data"]
    said = bench.hear("chat.messages", body, reply="")
    assert types(said) == ["chat.message_added", "action.ack"]
    assert session.slices["chat"]["messages"][0]["content"] == "hi"
    assert bench.hear("chat.messages", {**body, "user_id": "bob"}) == []


def test_a_reply_subject_that_no_server_may_use_gets_nothing() -> None:
    bench = Bench()
    bench.open()
    subject = f"session.{tok(bench.user)}.s.control"
    for reply in ("", "user.actions.bob"):
        assert bench.hear(subject, bench.body("session.ping", "s", {}), reply) == []


def test_what_a_case_overrides_is_otherwise_and_all_else_is_true() -> None:
    bench = Bench()
    session, puppet = bench.open(), bench.puppet
    puppet.instead("session.ping", lambda asked: puppet.refuse(asked, 5030), times=2)
    codes = [bench.ask("session.ping")[0][1]["type"] for _ in range(3)]
    assert codes == ["error", "error", "session.pong"]
    puppet.instead("session.ping", puppet.swallow)
    assert [bench.ask("session.ping") for _ in range(2)] == [[], []]
    puppet.truthful_again("session.ping")
    held = puppet.hold("session.ping")
    assert bench.ask("session.ping") == []
    assert types(bench.ask("session.ping")) == ["session.pong"]
    puppet.step(session)
    bench.said.take()
    held.release()
    held.release()
    ((_, late),) = bench.said.take()
    assert late["data"]["position"]["seq"] == session.seq
    puppet.instead(ACTIONS, lambda asked: puppet.refuse(asked, 5000), times=1)
    assert bench.act("session.noop", 1)["error"]["retryable"]
    assert bench.act("session.noop", 1)["status"] == "applied"


def test_what_is_no_true_message_is_a_fault_of_the_kit() -> None:
    bench = Bench()
    session = bench.open()
    with pytest.raises(UntrueError, match="no server says this on session"):
        bench.puppet.event(session, "chat.message_added", {"message": 1})
    bench.puppet.instead("session.ping", lambda _: 1 / 0)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ZeroDivisionError):
        bench.ask("session.ping")


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("features", [[], ["events", "digests"]])
def test_a_step_changes_any_kind_and_never_twice_alike(kind: str, features: list[str]) -> None:
    bench = Bench()
    session = bench.open(kinds=[kind], features=features)
    seen = [session.slices[kind]]
    for _ in range(5):
        bench.puppet.step(session)
        assert session.slices[kind] not in seen
        seen.append(session.slices[kind])
    bench.puppet.take_over(session)
    bench.puppet.heartbeat(session)
    bench.puppet.closing(session, 5030, reconnect=True, after_ms=1)
    said = bench.said.take()
    assert [body["seq"] for _, body in said if "seq" in body] == [2, 3, 4, 5, 6, 1]
    assert (session.epoch, session.seq) == (2, 1)
    assert fold([Told(body) for _, body in said]) == session.slices


def test_its_own_pushes_and_what_servers_say_are_no_requests() -> None:
    bench = Bench()
    bench.open()
    assert bench.ask("session.heartbeat", position={}) == []
    assert [asked.type for asked in bench.puppet.asked] == ["session.open"]


def test_a_new_session_begins_with_what_there_is() -> None:
    bench = Bench()
    session = bench.open(kinds=["articles", "chat"], features=["events"])
    made = bench.act("article.create", 1, title="T", content="x")
    article = made["result"]["article_id"]
    bench.act("article.select", 2, article_id=article)
    bench.act("chat.send", 3, content="hello")
    bench.puppet.step(session, "articles")
    bench.puppet.lose(session)
    after = bench.open("t")
    assert len(after.slices["articles"]["articles"]) == 2
    assert after.slices["articles"]["current_article"] is None
    assert after.slices["chat"]["messages"][0]["content"] == "hello"
    assert [one["session_id"] for one in after.slices["user"]["sessions"]] == ["t"]
    bench.act("article.select", 1, "t", "z1", article_id=article)
    assert as_object(after.slices["articles"]["current_article"])["content"] == "x"
    bench.act("user.update", 2, "t", "z2", changes={"username": "Zoë"})
    assert after.slices["chat"]["participants"] == [{"id": bench.user, "username": "Zoë"}]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("features", [[], ["events"]])
def test_a_step_is_undone(kind: str, features: list[str]) -> None:
    bench = Bench()
    session = bench.open(kinds=[kind], features=features)
    bench.puppet.step(session)
    before = dict(session.slices)
    bench.puppet.step(session)
    assert session.slices != before
    bench.puppet.undo(session, bench.puppet.steps)
    if kind != "user":  # its permissions are told whole
        assert session.slices == before
    assert len(bench.said.take()) == 3


def test_what_is_lost_of_an_epoch_and_of_an_end_is_not_said() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat", "user"])
    kept, slices = session.seq, dict(session.slices)
    bench.puppet.step(session)
    bench.said.take()
    session.fall_back(kept, slices)
    (_, resumed), *states = bench.ask("session.resume", epoch=1, seq=kept + 1)
    assert (resumed["data"]["mode"], resumed["data"]["position"]["seq"]) == ("snapshot", kept)
    assert [body["data"] for _, body in states] == list(slices.values())
    bench.puppet.take_over(session, lost=1)
    ((_, state),) = bench.said.take()
    assert (state["epoch"], state["seq"], state["data"]["type"]) == (2, 2, "user")


def test_a_request_that_is_kept_has_its_effect_and_its_parts_come_in_any_order() -> None:
    bench = Bench()
    kept = bench.puppet.keep("session.open")
    kept.answer()
    kept.stream()
    session = bench.open(kinds=["chat", "user"])
    assert bench.said.messages == []
    bench.puppet.step(session)
    kept.stream(1)
    assert [body["type"] for _, body in bench.said.messages][1:] == ["session.state"]
    kept.stream()
    kept.stream()
    kept.answer()
    *_, first, second, opened = [body for _, body in bench.said.messages]
    assert (first["seq"], second["seq"]) == (1, 2)
    assert opened["data"]["position"]["seq"] == 0


def test_a_session_that_expires_is_known_to_be_over() -> None:
    bench = Bench()
    session = bench.open(kinds=["chat"])
    bench.puppet.expire(session)
    ((_, answer),) = bench.ask("session.ping", "s")
    assert answer["data"]["error"]["code"] == 4101


def test_an_error_of_another_version_is_said_as_it_is() -> None:
    bench = Bench()
    bench.open(kinds=["chat"])
    bench.said.checks = False
    refusal = bodies.unknown_error(4777, retryable=True)
    bench.puppet.instead("session.ping", lambda asked: bench.puppet.refuse_as(asked, refusal))
    ((_, answer),) = bench.ask("session.ping", "s")
    assert answer["data"]["error"] == refusal

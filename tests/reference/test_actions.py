"""Numbers, copies, gaps and outcomes."""

from __future__ import annotations

import json

import pytest
from tests.reference.bench import START, Bench, Body, action

from omnisession_reference.protocol import LIMITS


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    bench = Bench()
    bench.open("ann", "s", ["events"], gap_ms=0)
    return bench


def code_of(outcome: Body) -> int:
    return outcome["error"]["code"]


def place(seq: int, last_action_seq: int) -> Body:
    return {"epoch": START, "seq": seq, "last_action_seq": last_action_seq}


def test_an_outcome_goes_to_control_and_inbox_alike(bench: Bench) -> None:
    outcome = bench.act("ann", "s", 1, "article.create", title="T")
    assert (outcome["status"], outcome["position"]) == ("applied", place(2, 1))
    control, inbox = bench.sent[-2:]
    assert (control.subject, inbox.subject) == ("session.ann.s.control", "_INBOX.a")
    assert control.body == inbox.body
    assert bench.stream("ann", "s")[-1]["seq"] == 2


def test_without_reply_subject_the_outcome_is_on_control(bench: Bench) -> None:
    sent = bench.deliver("user.actions.ann", action("ann", "s", 1, "session.noop"))
    assert [s.subject for s in sent] == ["session.ann.s.control"]


def test_only_the_last_effect_counts_the_action(bench: Bench) -> None:
    article = bench.article("ann", "s", 1)
    bench.act("ann", "s", 2, "article.select", article_id=article)
    bench.act("ann", "s", 3, "article.update", article_id=article, changes={"title": "U"})
    first, last = bench.stream("ann", "s")[-2:]
    assert (first["type"], first["last_action_seq"]) == ("article.updated", 2)
    assert (last["type"], last["last_action_seq"]) == ("article.revision_added", 3)


def test_a_copy_gets_the_first_outcome_and_has_no_effect(bench: Bench) -> None:
    first = bench.act("ann", "s", 1, "article.create", title="T")
    bench.act("ann", "s", 2, "session.noop")
    copy = action("ann", "s", 1, "article.create", title="T") | {"timestamp": START + 9, "x": 1}
    assert bench.send(copy) == {**first, "status": "duplicate"}
    assert bench.ping("ann", "s") == place(2, 2)


def test_a_refused_action_stays_refused(bench: Bench) -> None:
    article = bench.article("ann", "s", 1)
    body = action("ann", "s", 2, "article.publish", article_id=article)
    first = bench.send(body | {"expect": {"revision": 2}})
    assert (code_of(first), first["error"]["details"]) == (4090, {"revision": 1})
    bench.act("ann", "s", 3, "article.update", article_id=article, changes={"title": "U"})
    assert bench.send(body | {"expect": {"revision": 2}}) == first
    assert bench.slice("ann", "s")["articles"][0]["published_at"] is None


def test_a_known_id_with_another_body_is_refused(bench: Bench) -> None:
    bench.article("ann", "s", 1)
    known = action("ann", "s", 1, "article.create", title="T")
    for change in (
        {"data": {"title": "U"}},
        {"type": "session.noop"},
        {"expect": {"revision": 1}},
    ):
        assert code_of(bench.send(known | change)) == 4092
    under_next = known | {"client_seq": 2, "data": {"title": "U"}}
    assert code_of(bench.send(under_next)) == 4092
    assert bench.send(under_next) == bench.send(under_next)
    assert bench.act("ann", "s", 3, "session.noop")["position"] == place(2, 3)


def test_a_used_number_under_another_id_is_refused(bench: Bench) -> None:
    for number in range(1, 6):
        bench.act("ann", "s", number, "session.noop")
    fresh = action("ann", "s", 1, "article.create", title="T") | {"action_id": "fresh"}
    assert code_of(bench.send(fresh)) == 4092
    assert bench.ping("ann", "s") == place(1, 5)
    # The refusal is final: the same action is refused under a right number too.
    assert code_of(bench.send(fresh | {"client_seq": 6})) == 4092
    assert bench.act("ann", "s", 7, "session.noop")["status"] == "applied"


def test_ahead_of_the_count_without_patience(bench: Bench) -> None:
    refused = bench.act("ann", "s", 2, "session.noop")
    assert (code_of(refused), refused["error"]["details"]) == (4091, {"expected": 1})
    assert refused["error"]["retryable"]
    assert refused["position"] == place(1, 0)
    assert bench.act("ann", "s", 1, "session.noop")["status"] == "applied"
    assert bench.act("ann", "s", 2, "session.noop")["status"] == "applied"


def outcomes(bench: Bench) -> list[tuple[int, str]]:
    told = [p["data"] for p in bench.pushes("ann", "s") if p["type"].startswith("action.")]
    return [(d["client_seq"], d.get("status") or d["error"]["name"]) for d in told]


def deliver(bench: Bench, number: int) -> None:
    bench.deliver("user.actions.ann", action("ann", "s", number, "session.noop"))


def test_held_actions_are_taken_in_order_when_the_gap_closes() -> None:
    bench = Bench()
    bench.open("ann", "s", gap_ms=100)
    for number in (3, 2, 2, 4):
        deliver(bench, number)
    assert outcomes(bench) == []
    deliver(bench, 1)
    assert outcomes(bench) == [
        (1, "applied"),
        (2, "applied"),
        (2, "duplicate"),
        (3, "applied"),
        (4, "applied"),
    ]
    bench.clock.move(1_000)
    assert len(outcomes(bench)) == 5


def test_held_actions_are_refused_when_the_gap_stays() -> None:
    bench = Bench()
    bench.open("ann", "s", gap_ms=100)
    deliver(bench, 2)
    bench.clock.move(60)
    deliver(bench, 2)
    bench.clock.move(60)
    assert outcomes(bench) == [(2, "CLIENT_SEQ_GAP")]
    bench.clock.move(60)
    assert outcomes(bench) == [(2, "CLIENT_SEQ_GAP")] * 2


def test_held_actions_are_refused_when_the_session_ends() -> None:
    bench = Bench()
    bench.open("ann", "s", gap_ms=100)
    deliver(bench, 2)
    bench.request("ann", "s", "session.close")
    assert outcomes(bench) == [(2, "CLIENT_SEQ_GAP")]
    bench.clock.move(1_000)
    assert len(outcomes(bench)) == 1


def test_a_copy_in_a_later_session_takes_its_number_and_its_place(bench: Bench) -> None:
    first = bench.act("ann", "s", 1, "article.create", title="T")
    bench.request("ann", "s", "session.close")
    bench.open("ann", "s2")
    copy = action("ann", "s2", 1, "article.create", title="T") | {"action_id": "s-1"}
    for _ in range(2):
        outcome = bench.send(copy)
        assert (outcome["status"], outcome["result"]) == ("duplicate", first["result"])
        assert outcome["position"] == place(1, 1)
    assert len(bench.slice("ann", "s2")["articles"]) == 1


def test_a_copy_on_another_subject_is_a_copy(bench: Bench) -> None:
    article = bench.article("ann", "s", 1)
    first = bench.act("ann", "s", 2, "article.edit_start", article_id=article)
    shared = action("ann", "s", 2, "article.edit_start")
    del shared["data"]
    shared["article_id"] = article
    again = bench.send(shared, "article.edit.start")
    assert again == {**first, "status": "duplicate"}


def test_the_ids_of_one_user_do_not_touch_another(bench: Bench) -> None:
    bench.open("bob", "b")
    bench.article("ann", "s", 1)
    same_id = action("bob", "b", 1, "article.create", title="B") | {"action_id": "s-1"}
    assert bench.send(same_id)["status"] == "applied"


def test_the_last_256_outcomes_are_remembered_across_sessions(bench: Bench) -> None:
    first = bench.act("ann", "s", 1, "article.create", title="T")
    bench.open("ann", "s2")
    for number in range(1, 256):
        bench.act("ann", "s2", number, "session.noop")
    copy = action("ann", "s", 1, "article.create", title="T")
    assert bench.send(copy) == {**first, "status": "duplicate"}
    in_s2 = copy | {"session_id": "s2", "client_seq": 256}
    assert bench.send(in_s2)["result"] == first["result"]


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f600"])
def test_the_longest_id_is_known_by_its_whole_length(bench: Bench, letter: str) -> None:
    longest = letter * 128
    for number, id_ in enumerate([longest, longest[:-1] + "b", longest[1:]], 1):
        body = action("ann", "s", number, "session.noop") | {"action_id": id_}
        assert bench.send(body)["status"] == "applied"
        assert bench.send(body)["status"] == "duplicate"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": "2.0"}, 4003),
        ({"v": None}, 4001),
        ({"timestamp": None}, 4001),
        ({"type": 7}, 4001),
        ({"type": "article.unknown"}, 4002),
        ({"type": "x-unknown.do", "data": {"content": "hi"}}, 4002),
        ({"type": "article.create", "data": {}}, 4001),
        ({"type": "article.create", "data": {"title": None}}, 4001),
        ({"type": "article.create", "data": {"title": "T", "tags": [1]}}, 4001),
        ({"type": "article.create", "data": None}, 4001),
        ({"type": "article.select", "data": {"article_id": "none"}}, 4040),
        ({"expect": None}, 4001),
    ],
)
def test_refusals_of_the_next_action_are_final_and_counted(
    bench: Bench, change: Body, code: int
) -> None:
    body = action("ann", "s", 1, "session.noop") | change
    outcome = bench.send(body)
    assert (code_of(outcome), outcome["position"]) == (code, place(1, 1))
    assert bench.send(body) == outcome
    assert bench.act("ann", "s", 2, "session.noop")["status"] == "applied"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_id": "bob", "session_id": "b"}, 4031),
        ({"session_id": "none"}, 4041),
        ({"session_id": "b"}, 4041),
        ({"action_id": None}, 4001),
        ({"action_id": ""}, 4001),
        ({"action_id": "x" * 129}, 4001),
        ({"client_seq": 0}, 4001),
        ({"client_seq": True}, 4001),
        ({"client_seq": 1.5}, 4001),
        ({"client_seq": 2**53}, 4001),
        ({"client_seq": "1"}, 4001),
        ({"session_id": 5}, 4001),
    ],
)
def test_what_cannot_be_attributed_is_told_to_the_inbox_alone(
    bench: Bench, change: Body, code: int
) -> None:
    bench.open("bob", "b")
    body = action("ann", "s", 1, "session.noop") | change
    [answer] = bench.deliver("user.actions.ann", body, "_INBOX.a")
    assert (answer.subject, answer.body["type"]) == ("_INBOX.a", "error")
    assert code_of(answer.body["data"]) == code
    assert (answer.body["user_id"], answer.body["session_id"]) == ("ann", None)
    assert bench.deliver("user.actions.ann", body) == []
    assert bench.act("ann", "s", 1, "session.noop")["status"] == "applied"


def test_an_action_of_a_closed_session_is_refused(bench: Bench) -> None:
    bench.request("ann", "s", "session.close")
    assert code_of(bench.act("ann", "s", 1, "session.noop")) == 4101


def padded(number: int, size: int) -> Body:
    body = action("ann", "s", number, "session.noop")
    return body | {
        "pad": "x" * (size - len(json.dumps(body, separators=(",", ":"))) - len(',"pad":""'))
    }


def test_the_size_of_an_action_is_limited(bench: Bench) -> None:
    assert code_of(bench.send(padded(1, LIMITS["action"] + 1))) == 4130
    assert bench.send(padded(1, LIMITS["action"]))["status"] == "applied"


def test_number_written_with_a_fraction_is_told_as_it_should_be(bench: Bench) -> None:
    body = action("ann", "s", 1, "session.noop") | {"client_seq": 1.0}
    outcome = bench.send(body)
    assert (outcome["client_seq"], type(outcome["client_seq"])) == (1, int)


def test_the_trace_of_an_action_is_on_all_that_it_causes() -> None:
    bench = Bench()
    for session in ("s", "s2"):
        bench.open("ann", session, coalesce_ms=50)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    bench.send(action("ann", "s", 1, "article.create", title="T"), trace=trace)
    bench.clock.move(50)
    bench.act("ann", "s", 2, "session.noop")
    caused, others = bench.sent[-6:-2], bench.sent[-2:]
    assert [s.subject.rpartition(".")[2] for s in caused] == ["state", "control", "a", "state"]
    assert {s.trace for s in caused} == {trace}
    assert {s.trace for s in others} == {None}


def test_an_inner_fault_is_told_to_be_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    from omnisession_reference.kinds.articles import Articles

    class Broken(Articles):
        def check_sizes(self, article: Body) -> None:
            del article
            raise ZeroDivisionError

    bench = Bench([Broken])
    bench.open("ann", "s")
    outcome = bench.act("ann", "s", 1, "article.create", title="secret words")
    assert (code_of(outcome), outcome["error"]["retryable"]) == (5000, True)
    assert outcome["position"]["last_action_seq"] == 0
    assert bench.act("ann", "s", 1, "session.noop")["status"] == "applied"
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert "secret words" not in logged

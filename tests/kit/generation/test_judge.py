"""What the model lets come of an action, and what it calls broken."""

from __future__ import annotations

import pytest
from tests.kit.generation.making import Bench, again, broken

from omnisession_conformance.roles.server.generation.judge import forecast
from omnisession_conformance.roles.server.generation.outcome import NONE, Told
from omnisession_conformance.roles.server.generation.world import (
    BAD,
    HUGE,
    ODD,
    SURELY_KEPT,
    Value,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_is_acked_is_there(bench: Bench) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    bench.do("s0", "article.update", "a1", give={"title": "two"})
    article = bench.world.articles["a1"]
    assert article.values["title"] == "two"
    assert article.values["leading"] == ""
    assert [revision.place for revision in article.revisions] == [1, 2]
    assert bench.world.sessions["s0"].last == 2


@pytest.mark.parametrize(
    ("session", "type_", "code", "requirement"),
    [
        ("s1", "article.update", 4040, "ART-008"),
        ("s3", "article.select", 4040, "ART-008"),
        ("s2", "article.update", 0, "ART-010"),
        ("s0", "article.edit_start", 0, "EDIT-002"),
    ],
)
def test_who_may_do_what_with_a_draft(
    bench: Bench, session: str, type_: str, code: int, requirement: str
) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    sent = bench.sent(session, type_, "a1")
    wrong = bench.ack(sent) if code else bench.nack(sent, 4040)
    assert requirement in broken(bench.take(sent, wrong))


def test_a_reader_may_not_write_what_is_published_and_for_others_the_server_says(
    bench: Bench,
) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    bench.do("s0", "article.publish", "a1")
    sent = bench.sent("s3", "article.update", "a1", give={"title": "x"})
    assert broken(bench.take(sent, bench.ack(sent))) == {"ART-009"}
    for told in (4030, 0):
        sent = bench.sent("s1", "article.update", "a1", give={"title": "x"})
        assert not bench.take(sent, bench.nack(sent, told) if told else bench.ack(sent))


def test_expect_is_compared_behind_the_rights(bench: Bench) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    sent = bench.sent("s0", "article.update", "a1", expect=("a1", -1))
    assert broken(bench.take(sent, bench.ack(sent))) == {"ART-007"}
    sent = bench.sent("s1", "article.update", "a1", expect=("a1", -1))
    assert not bench.take(sent, bench.nack(sent, 4040))


@pytest.mark.parametrize(("quality", "allowed"), [(ODD, {0, 4220}), (BAD, {4001}), (HUGE, {4130})])
def test_what_is_known_of_a_value_decides(bench: Bench, quality: str, allowed: set[int]) -> None:
    for code in (0, 4001, 4130, 4220):
        sent = bench.sent("s0", "url.create", give={"target_url": Value("x", quality)})
        told = bench.nack(sent, code) if code else bench.ack(sent)
        assert (not bench.take(sent, told)) == (code in allowed), code


def test_a_code_that_a_url_had_may_be_given_once(bench: Bench) -> None:
    for number in (1, 2):
        give = {"target_url": f"https://example.org/{number}", "short_code": f"c{number}"}
        bench.do("s0", "url.create", name=f"u{number}", give=give)
    bench.do("s0", "url.update", "u1", give={"short_code": "c3"})
    again = bench.sent("s0", "url.update", "u2", give={"short_code": "c1"})
    expected = forecast(bench.world, bench.world.sessions["s0"], again)
    assert expected.allows(0)
    assert expected.allows(4220)
    own = bench.sent("s0", "url.update", "u1", give={"short_code": "c1"})
    assert not forecast(bench.world, bench.world.sessions["s0"], own).allows(4220)


def test_what_is_many_actions_ago_may_be_forgotten(bench: Bench) -> None:
    first = bench.do("s0", "session.noop")
    for _ in range(SURELY_KEPT - 1):
        bench.do("s0", "session.noop")
        bench.do("s1", "session.noop")
    assert bench.world.remembers(0, first.action_id)
    bench.do("s0", "session.noop")
    assert not bench.world.remembers(0, first.action_id)
    assert not bench.world.remembers(1, first.action_id), "it is of another user"


def test_a_rule_comes_before_a_size(bench: Bench) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "t"})
    bench.do("s0", "url.create", name="u1", give={"target_url": "https://example.org/1"})
    huge, odd = Value("x", HUGE), Value("", ODD)
    for type_, on, names in (
        ("user.update", "", ("username", "email")),
        ("article.create", "", ("title", "slug")),
        ("article.update", "a1", ("title", "slug")),
        ("url.update", "u1", ("target_url", "short_code")),
    ):
        sent = bench.sent("s0", type_, on, give=dict(zip(names, (huge, odd), strict=True)))
        expected = forecast(bench.world, bench.world.sessions["s0"], sent)
        assert expected.allows(4130)
        assert expected.allows(4220), type_
        assert not expected.allows(0)


def test_a_code_that_is_taken_stays_with_its_url(bench: Bench) -> None:
    bench.do("s0", "url.create", name="u1", give={"target_url": "x", "short_code": "c"})
    sent = bench.sent("s1", "url.create", give={"target_url": "y", "short_code": "c"})
    assert broken(bench.take(sent, bench.ack(sent))) == {"URL-002"}
    bench.do("s0", "url.update", "u1", give={"short_code": "c"})
    bench.do("s0", "url.delete", "u1")
    sent = bench.sent("s0", "url.create", give={"target_url": "y", "short_code": "c"})
    assert not bench.take(sent, bench.nack(sent, 4220)), "the server may keep it for ever"


@pytest.mark.parametrize("type_", ["article.create", "article.update"])
def test_a_slug_of_another_article_may_be_against_a_rule(bench: Bench, type_: str) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one", "slug": "s"})
    bench.do("s0", "article.create", name="a2", give={"title": "two", "slug": "t"})
    on = "a2" if type_ == "article.update" else ""
    for slug, codes in (("s", {0, 4220}), ("u", {0})):
        for code in (4220, 0):
            sent = bench.sent("s0", type_, on, give={"title": "three", "slug": slug})
            told = bench.nack(sent, code) if code else bench.ack(sent)
            assert (not bench.take(sent, told)) == (code in codes), (slug, code)


def test_copies_have_the_outcome_of_the_first_and_no_effect(bench: Bench) -> None:
    sent = bench.do("s0", "chat.send", name="m1", give={"content": "hi"})
    first = {"status": "duplicate", "position": (1, 5, 1)}
    assert not bench.take(again(sent), bench.ack(sent, **first))
    assert broken(bench.take(again(sent), bench.ack(sent))) == {"ACTION-005"}
    moved = first | {"position": (1, 6, 1)}
    assert broken(bench.take(again(sent), bench.ack(sent, **moved))) == {"ACTION-005"}
    other = first | {"result": {"message_id": "another"}}
    assert broken(bench.take(again(sent), bench.ack(sent, **other))) == {"ACTION-024"}
    assert list(bench.world.messages) == ["m1"]


def test_a_copy_in_another_session_takes_its_number(bench: Bench) -> None:
    sent = bench.do("s0", "chat.send", name="m1", give={"content": "hi"})
    bench.open("t0", 0)
    copy = again(sent, session="t0", seq=1)
    assert not bench.take(copy, bench.ack(copy, status="duplicate"))
    assert bench.world.sessions["t0"].last == 1
    copy = again(sent, session="t0", seq=2)
    assert broken(bench.take(copy, bench.ack(copy))) == {"ACTION-020"}


def test_another_body_under_a_known_id_is_4092(bench: Bench) -> None:
    sent = bench.do("s0", "chat.send", name="m1", give={"content": "hi"})
    same = again(sent, body="another")
    assert not bench.take(same, bench.nack(same, 4092))
    following = again(sent, body="another", seq=2)
    assert broken(bench.take(following, bench.ack(following))) == {"ACTION-009"}
    used = bench.sent("s0", "session.noop", seq=1)
    assert broken(bench.take(used, bench.ack(used))) == {"ACTION-010"}


def test_what_is_ahead_is_told_the_next_number(bench: Bench) -> None:
    sent = bench.sent("s0", "session.noop", seq=3)
    error = {"code": 4091, "retryable": True, "details": {"expected": 1}}
    assert not bench.take(sent, Told(4091, "action.nack", error=error))
    wrong = error | {"details": {"expected": 2}}
    assert broken(bench.take(sent, Told(4091, "action.nack", error=wrong))) == {"ACTION-012"}
    assert bench.world.sessions["s0"].last == 0


def test_an_id_of_another_user_makes_no_difference(bench: Bench) -> None:
    bench.do("s0", "session.noop", action_id="one")
    sent = bench.sent("s1", "session.noop", action_id="one")
    assert broken(bench.take(sent, bench.ack(sent, status="duplicate"))) == {"ACTION-021"}


def test_an_id_that_is_too_long_is_no_action(bench: Bench) -> None:
    sent = again(bench.sent("s0", "session.noop"), crooked="long", near=True)
    assert broken(bench.take(sent, bench.ack(sent))) == {"ACTION-027"}
    assert not bench.take(sent, bench.nack(sent, 4001))
    assert bench.world.sessions["s0"].last == 0, "it takes no number"


def test_no_outcome_is_its_own_finding(bench: Bench) -> None:
    sent = bench.sent("s0", "session.noop")
    (found,) = bench.take(sent, Told(NONE))
    assert (found.requirement, found.absent) == ("ACTION-001", True)


def test_refusals_of_drafts_are_those_of_nothing(bench: Bench) -> None:
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    missing = bench.sent("s1", "article.publish", "?")
    assert not bench.take(missing, bench.nack(missing, 4040))
    sent = bench.sent("s1", "article.publish", "a1")
    told = bench.nack(sent, 4040)
    assert broken(
        bench.take(sent, Told(4040, "action.nack", error={**told.error, "message": "draft"}))
    ) == {"ART-008"}


def test_edits_are_held_by_the_sessions_that_started_them(bench: Bench) -> None:
    bench.open("t0", 0)
    bench.do("s0", "article.create", name="a1", give={"title": "one"})
    bench.do("s0", "article.edit_start", "a1")
    bench.do("t0", "article.edit_start", "a1")
    bench.do("s0", "article.edit_end", "a1")
    assert bench.world.edits["a1", 0].holders == {"t0"}
    bench.world.end("t0", "closed", 0.0)
    assert not bench.world.edits

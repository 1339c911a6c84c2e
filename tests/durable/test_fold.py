"""What an entry counts for: place, session and domain are judged, and nothing else decides."""

from __future__ import annotations

import pytest
from tests.durable.bench import LIMITS, Journal, act

from omnisession_durable.digests import short
from omnisession_durable.entries import (
    Act,
    Beat,
    Conf,
    Decided,
    End,
    Nil,
    Open,
    Outcome,
    Own,
    Place,
    encode,
)
from omnisession_durable.fold import Verdict


def journal() -> Journal:
    made = Journal()
    made.begin()
    return made


def test_before_a_configuration_nothing_counts() -> None:
    made = Journal()
    assert made.write(Own("i1", "i1", 0)).why == "no configuration"
    assert made.write(Conf(0, 1, LIMITS)).verdict is Verdict.COUNTS
    assert made.write(Conf(0, 1, LIMITS)).verdict is Verdict.VOID
    assert made.write(Own("i1", "i1", 0)).verdict is Verdict.COUNTS


def test_of_two_claims_over_one_term_the_first_wins() -> None:
    made = journal()
    term = made.fold.term
    assert made.write(Own("i2", "i2", term)).verdict is Verdict.COUNTS
    assert made.write(Own("i3", "i3", term)).why == "over another term"
    assert (made.fold.owner, made.fold.term, made.fold.n) == ("i2", term + 20, 0)


def test_a_term_is_a_time_and_above_all_that_was_before() -> None:
    made = journal()
    first = made.fold.term
    assert first == 1_020 + 1
    made.write(Own("i2", "i2", first), made.at_ms)
    made.write(Own("i3", "i3", made.fold.term), made.at_ms)
    assert made.fold.term == made.at_ms + 2
    made.write(Own("i4", "i4", made.fold.term), made.at_ms - 500)
    assert made.fold.term == made.fold.at_ms + 3
    anew = Journal()
    anew.at_ms = made.at_ms + 600
    anew.begin()
    assert anew.seq < made.seq
    assert anew.fold.term > made.fold.term


@pytest.mark.parametrize(
    ("n", "term", "why"),
    [(1, None, "another number"), (3, None, "another number"), (2, 1, "another term")],
)
def test_a_decision_counts_at_its_place_only(n: int, term: int | None, why: str) -> None:
    made = journal()
    judged = made.decide(act(1), n, term)
    assert (judged.verdict, judged.why, made.fold.n) == (Verdict.VOID, why, 1)
    assert made.decide(act(1)).verdict is Verdict.COUNTS


def test_another_partition_is_nobodys_yet() -> None:
    made = journal()
    assert made.write(Own("i2", "i2", made.fold.term, 1)).why == "another partition"
    place = Place(made.fold.term, 2, 1)
    assert made.write(Decided(place, act(1))).why == "another partition"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (act(3), "not the next number"),
        (act(2, "a1"), "the id is known"),
        (act(2, user="bob"), "no such session"),
        (act(2, reads={"article/x": 4}), "article/x has changed"),
        (act(2, writes=({"op": "patch", "key": "article/x", "value": {}, "by": "a2"},)), "a write"),
        (act(2, writes=({"op": "fly"},)), "a write does not fit"),
    ],
)
def test_what_does_not_hold_any_more_takes_its_number_and_no_effect(entry: Act, why: str) -> None:
    made = journal()
    made.decide(act(1))
    before = (made.board.as_json(), made.fold.people.as_json())
    judged = made.decide(entry)
    assert judged.verdict is Verdict.CONFLICT
    assert judged.why.startswith(why)
    assert made.fold.n == 3
    assert (made.board.as_json(), made.fold.people.as_json()) == before
    assert made.decide(act(2)).verdict is Verdict.COUNTS


def test_an_outcome_may_take_its_id_alone_and_a_copy_its_number_alone() -> None:
    made = journal()
    made.decide(act(1))
    refused = act(0, "a9", outcome=Outcome(error={"code": 4092}), writes=())
    assert made.decide(refused).verdict is Verdict.COUNTS
    made.decide(Open("ann", "s2", {"kinds": ["chat"]}))
    copy = act(1, "a1", session="s2", copy=True, writes=())
    assert made.decide(copy).verdict is Verdict.COUNTS
    heads = {head.key[1]: head.last_action_seq for head in made.fold.people.heads()}
    assert heads == {"s1": 1, "s2": 1}
    assert made.board.messages == ["a1"]
    known = made.fold.people.known("ann", "a9")
    assert known is not None
    assert not known.outcome.ok


def test_a_copy_of_what_was_forgotten_meanwhile_takes_its_number_and_no_effect() -> None:
    made = journal()
    assert made.decide(act(1, "gone", copy=True)).verdict is Verdict.COUNTS
    assert made.fold.people.known("ann", "gone") is None
    assert made.board.messages == []
    assert made.decide(act(1)).why == "not the next number"


def test_rooms_ends_and_numbers_are_judged() -> None:
    made = journal()
    assert made.decide(Open("ann", "s1", {"kinds": []})).why == "the session is known"
    made.decide(Open("ann", "s2", {"kinds": []}))
    assert made.decide(Open("ann", "s3", {"kinds": []})).why == "no room for one session more"
    assert made.decide(End("ann", "s2", "closed")).verdict is Verdict.COUNTS
    assert made.decide(End("ann", "s2", "closed")).why == "no such session"
    assert made.decide(Open("ann", "s2", {"kinds": []})).why == "the session is known"
    assert made.decide(Nil()).verdict is Verdict.COUNTS


def test_what_is_over_is_forgotten_by_the_time_of_the_journal() -> None:
    made = journal()
    made.decide(act(1))
    made.decide(End("ann", "s1", "expired"))
    made.write(Beat("i1", 1, 1, speaks=True, digest="0" * 16), made.at_ms + 5_000)
    assert made.fold.people.is_over(("ann", "s1"))
    made.write(b"", made.at_ms - 4_900)
    assert made.fold.people.is_over(("ann", "s1"))
    made.write(b"", made.at_ms + 501)
    assert not made.fold.people.is_over(("ann", "s1"))
    assert made.fold.people.known("ann", "a1") is not None
    made.write(b"", made.at_ms + 1_000)
    assert made.fold.people.known("ann", "a1") is None


def test_time_never_goes_back_and_beats_do_not_move_it() -> None:
    made = journal()
    at_ms = made.fold.at_ms
    assert made.write(b"", at_ms - 500).at_ms == at_ms
    made.write(Beat("i1", 1, 1, speaks=False, digest="0" * 16), at_ms + 9_000)
    assert made.fold.at_ms == at_ms


def test_the_oldest_outcomes_of_a_user_go() -> None:
    made = journal()
    for number in range(1, 5):
        made.decide(act(number))
    assert made.fold.people.known("ann", "a1") is None
    assert made.fold.people.known("ann", "a2") is not None


def test_two_folds_of_one_journal_are_equal_with_beats_and_without() -> None:
    one, other = journal(), journal()
    term = one.fold.term
    entries = [encode(Decided(Place(term, 2), act(1))), b"junk", encode(Own("i2", "i2", term))]
    for entry in entries:
        one.write(Beat("i1", 1, 1, speaks=True, digest="0" * 16), one.at_ms)
        one.seq = other.seq  # the sequence of the beat is taken by nothing in the other one
        at_ms = one.at_ms + 5
        one.write(entry, at_ms)
        other.write(entry, at_ms)
    assert one.fold.digest == other.fold.digest
    assert one.fold.people.as_json() == other.fold.people.as_json()


def test_a_window_is_renewed_once_and_counts_while_an_owner_is_there() -> None:
    made = journal()

    def wait(until_ms: int) -> None:
        while (
            made.at_ms < until_ms
        ):  # a standby is there all the time: the journal's time does not jump
            at_ms = min(made.at_ms + 400, until_ms)
            made.write(Beat("i9", 0, made.seq, False, short(made.fold.digest)), at_ms)

    def take_over(name: str, at_ms: int) -> int:
        wait(at_ms)
        made.write(Own(name, name, made.fold.term), at_ms)
        (head,) = made.fold.people.heads()
        return head.left_ms(made.fold.at_ms, 2_000)

    def speak(name: str, at_ms: int) -> None:
        wait(at_ms)
        made.write(Beat(name, 0, made.seq, True, short(made.fold.digest)), at_ms)

    opened_ms = made.fold.at_ms
    assert take_over("i2", opened_ms + 3_500) == 2_000
    # By then i2 has been there for a second, and has told of no sign of the client.
    speak("i2", opened_ms + 4_500)
    assert take_over("i3", opened_ms + 4_500) == 1_000
    # It is there for a moment only, and clients reach nobody after that.
    speak("i3", opened_ms + 4_700)
    assert take_over("i4", opened_ms + 6_700) == 800

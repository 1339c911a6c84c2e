"""A relay publishes for the kit with reply subjects of its own; nothing of a server's hides behind that.

Each test has a message given to a relay, and something else that a wrong server might say beside it.
"""

from __future__ import annotations

import asyncio

import pytest
from tests.kit.core.taps import new_tap

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.traffic.connection import connect
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.record import Party

SUBJECT = "session.u.s.control"
BODY = b'{"type":"session.ping"}'
OWN, OTHER = "_INBOX.u.~b.1.1", "_INBOX.u.~b.1.2"
"""Inboxes of a relay."""
NO_INBOXES = ("session.v.s2.state", "chat.messages", "_INBOX", "_INBOXx.1", "inbox.1")


def heard(
    of: Ledger, reply: str, *, subject: str = SUBJECT, data: bytes = BODY
) -> tuple[Party, str | None]:
    """Whose a message is, and for which case, when the tap hears it."""
    ours, case = of.take(subject, reply, data)
    if ours:
        return Party.KIT, case
    client = of.passed(subject, reply, data)
    return (Party.TARGET, client) if client else of.attribute(classify(subject), subject, data)


def given(*cases: str, asks: bool = True) -> Ledger:
    of = Ledger(shared_broker=False)
    for case in cases:
        of.relay(SUBJECT, BODY, case, asks=asks)
    return of


TARGET = (Party.TARGET, None)


@pytest.mark.parametrize("reply", [OWN, "_R_.x.y"])
def test_it_is_the_kits_with_any_inbox_and_tells_which(reply: str) -> None:
    of = Ledger(shared_broker=False)
    one = of.relay(SUBJECT, BODY, "mine", asks=True)
    assert one.reply is None
    assert heard(of, reply) == (Party.KIT, "mine")
    assert one.reply == reply
    assert heard(of, "", subject=reply, data=b"{}") == (Party.TARGET, "mine"), "the answer"


@pytest.mark.parametrize("reply", [OWN, OTHER, ""])
def test_what_comes_twice_is_the_targets(reply: str) -> None:
    of = given("mine")
    assert heard(of, OWN) == (Party.KIT, "mine")
    assert heard(of, reply) == TARGET


def test_of_what_comes_once_too_often_one_is_the_targets_whoever_was_first() -> None:
    # The kit sends a copy, and a server says what it remembers before the relay does.
    of = given("mine", "mine")
    parties = [heard(of, f"_INBOX.u.{n}")[0] for n in range(3)]
    assert sorted(parties) == [Party.KIT, Party.KIT, Party.TARGET]


@pytest.mark.parametrize("reply", ["", *NO_INBOXES])
def test_a_request_without_an_inbox_is_none_of_the_kits(reply: str) -> None:
    of = given("mine")
    assert heard(of, reply) == TARGET
    assert heard(of, OWN) == (Party.KIT, "mine"), "the kit's own is still to come"


def test_a_message_that_asks_for_nothing_comes_without_a_reply_subject() -> None:
    of = given("mine", asks=False)
    for reply in (OWN, *NO_INBOXES):
        assert heard(of, reply) == TARGET
    assert heard(of, "") == (Party.KIT, "mine")
    assert heard(of, "") == TARGET


@pytest.mark.parametrize(
    ("subject", "data"),
    [
        ("session.v.s.control", BODY),
        ("session.u.s.CONTROL", BODY),
        ("session.u.s.state", BODY),
        ("user.actions.u", BODY),
        (SUBJECT, BODY + b" "),
        (SUBJECT, BODY.upper()),
        (SUBJECT, b""),
    ],
)
def test_another_subject_or_byte_is_the_targets(subject: str, data: bytes) -> None:
    of = given("mine")
    assert heard(of, OWN, subject=subject, data=data) == TARGET
    assert heard(of, OWN) == (Party.KIT, "mine")


def test_equal_requests_of_two_users_are_kept_apart() -> None:
    of = Ledger(shared_broker=False)
    one = of.relay("user.actions.u", BODY, "one", asks=True)
    two = of.relay("user.actions.v", BODY, "two", asks=True)
    assert heard(of, OTHER, subject="user.actions.v") == (Party.KIT, "two")
    assert (one.reply, two.reply) == (None, OTHER)
    assert heard(of, "_INBOX.v.9", subject="user.actions.v") == TARGET
    assert heard(of, OWN, subject="user.actions.u") == (Party.KIT, "one")


def test_equal_requests_are_taken_in_their_order_each_with_its_answer() -> None:
    of = given("first", "second")
    assert heard(of, OWN) == (Party.KIT, "first")
    assert heard(of, OTHER) == (Party.KIT, "second")
    assert heard(of, "", subject=OTHER, data=b"{}") == (Party.TARGET, "second")
    assert heard(of, "", subject=OWN, data=b"{}") == (Party.TARGET, "first")


def test_an_inbox_that_was_asked_on_before_is_no_new_request() -> None:
    # A server that sends a request of the kit's once more, while the same bytes are with a relay.
    of = given("relayed")
    of.enter(SUBJECT, "_INBOX.u.direct", BODY, "direct")
    assert heard(of, "_INBOX.u.direct") == (Party.KIT, "direct")
    assert heard(of, "_INBOX.u.direct")[0] is Party.TARGET
    assert heard(of, OWN) == (Party.KIT, "relayed")
    of = given("relayed", "relayed")
    assert heard(of, OWN) == (Party.KIT, "relayed")
    assert heard(of, OWN)[0] is Party.TARGET, "one inbox, two requests"
    assert heard(of, OTHER) == (Party.KIT, "relayed")


def test_what_a_client_under_test_says_is_not_taken_for_it() -> None:
    of = given("mine")
    of.pass_on(SUBJECT, "", BODY, "theirs")
    of.pass_on(SUBJECT, OTHER, BODY, "theirs")
    assert heard(of, OTHER) == (Party.TARGET, "theirs")
    assert heard(of, OTHER)[0] is Party.TARGET, "and again"
    assert heard(of, OWN) == (Party.KIT, "mine")


@pytest.mark.parametrize("reply", ["", OWN, "_R_.x.y"])
def test_what_the_kit_has_published_itself_comes_with_its_own_reply_subject(reply: str) -> None:
    of = Ledger(shared_broker=False)
    of.enter(SUBJECT, "_INBOX.u.direct", BODY, "mine")
    assert heard(of, reply) == TARGET, "no relay was given anything"
    assert heard(of, "_INBOX.u.direct") == (Party.KIT, "mine")


def test_what_a_relay_has_refused_is_the_targets_when_it_comes_after_all() -> None:
    of = given("kept")
    refused = of.relay(SUBJECT, BODY, "refused", asks=True)
    of.give_up(refused)
    of.give_up(refused)
    assert heard(of, OWN) == (Party.KIT, "kept")
    assert heard(of, OTHER) == TARGET
    of.give_up(refused)


def test_what_a_relay_has_lost_can_be_asked_for_by_case_until_it_is_given_up() -> None:
    of = given("mine", "other", "mine")
    quiet = of.relay("user.actions.u", BODY, "mine", asks=False)
    assert [one.case for one in of.not_relayed()] == ["mine", "other", "mine", "mine"]
    assert heard(of, OWN) == (Party.KIT, "mine")
    assert [one.case for one in of.not_relayed()] == ["other", "mine", "mine"]
    lost = of.not_relayed("mine")
    assert quiet in lost
    assert [one.reply for one in lost] == [None, None]
    for one in lost:
        of.give_up(one)
    assert of.not_relayed("mine") == ()
    assert heard(of, OTHER) == (Party.KIT, "other")
    assert of.not_relayed() == ()


def test_what_is_over_is_not_kept() -> None:
    of = Ledger(shared_broker=False)
    for number in range(100):
        data = str(number).encode()
        one = of.relay(SUBJECT, data, "mine", asks=True)
        if number % 2:
            of.give_up(one)
        else:
            assert heard(of, f"_INBOX.u.{number}", data=data) == (Party.KIT, "mine")
    assert not of._relayed  # pyright: ignore[reportPrivateUsage]


def test_what_the_broker_refuses_the_kit_is_still_with_the_relay() -> None:
    of = given("relayed")
    of.enter(SUBJECT, "_INBOX.u.direct", BODY, "direct")
    assert of.withdraw(SUBJECT) == {"direct"}
    assert heard(of, OWN) == (Party.KIT, "relayed")


def test_what_a_broker_brings_again_is_nobodys() -> None:
    of = Ledger(shared_broker=True, repeats=True)
    of.relay(SUBJECT, BODY, "mine", asks=True)
    assert heard(of, OWN) == (Party.KIT, "mine")
    assert heard(of, OTHER) == (Party.STRANGER, None)


def test_a_relay_on_a_broker_is_heard_as_the_kit_and_an_echo_as_the_target() -> None:
    log, ledger = Log(), Ledger(shared_broker=False)

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = new_tap(log, ledger, [])
            await tap.open(at(broker.url))
            relay, server = await connect(at(broker.url)), await connect(at(broker.url))
            for number in (1, 2):
                ledger.relay(SUBJECT, BODY, f"case {number}", asks=True)
                await relay.publish(SUBJECT, BODY, f"_INBOX.u.~b.1.{number}")
            await relay.flush()
            await server.publish(SUBJECT, BODY, "_INBOX.u.~b.1.3")
            await server.publish("_INBOX.u.~b.1.2", b"{}")
            await server.flush()
            await tap.settle()
            for client in (relay, server):
                await client.close()
            await tap.close()

    asyncio.run(run())
    assert [(r.party, r.case, r.reply) for r in log.records] == [
        (Party.KIT, "case 1", "_INBOX.u.~b.1.1"),
        (Party.KIT, "case 2", "_INBOX.u.~b.1.2"),
        (Party.TARGET, None, "_INBOX.u.~b.1.3"),
        (Party.TARGET, "case 2", ""),
    ]

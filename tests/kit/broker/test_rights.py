"""Each right that a run needs is tried on the kit's own connections, whatever way a broker refuses it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.rights import ALL, allow, brokerage, deny

from omnisession_conformance.environment.access import at
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER, Right, Verb
from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.traffic.connection import TapClient, connect_as
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.rights import (
    OFTEN,
    RightLackingError,
    Rights,
    matches,
    read_refusal,
    try_rights,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.traffic.connection import Heard

INBOX = "_INBOX"
TABLES = {"kit": OF_THE_KIT, "server": OF_THE_SERVER}


def refused(url: str, rights: tuple[Right, ...]) -> set[str]:
    tried = asyncio.run(try_rights(at(url), rights, ("u",), "ktag"))
    return {one.right.code for one in tried if one.refused}


def test_each_right_is_missed_alone_and_nothing_is_delivered() -> None:
    users: dict[str, str] = {"all": ALL}
    for of, table in TABLES.items():
        for right in table:
            users[f"{of}.{right.code}"] = deny(right.verb.value, right.subjects(INBOX))
    heard: list[Heard] = []

    async def listen(url: str) -> TapClient:
        client = await connect_as(lambda: TapClient(heard.append), at(url))
        await client.listen(">")
        await client.flush()
        return client

    async def run(broker_url: Mapping[str, str]) -> dict[str, set[str]]:
        listener = await listen(broker_url["server"])
        found: dict[str, set[str]] = {}
        for name in users:
            table = TABLES["server" if name.startswith("server") else "kit"]
            tried = await try_rights(at(broker_url[name]), table, ("u",), "ktag")
            found[name] = {one.right.code for one in tried if one.refused}
        await listener.flush()
        await listener.close()
        return found

    with brokerage(users) as broker:
        found = asyncio.run(run({name: broker.url(name) for name in (*users, "server")}))
    assert found.pop("all") == set()
    for name, codes in found.items():
        of, _, code = name.partition(".")
        # Who may subscribe to nothing may not subscribe to a part of it either.
        part = {r.code for r in TABLES[of] if r.verb is Verb.SUBSCRIBE}
        assert codes == (part if code == "subscribe.everything" else {code}), name
    assert heard == []


ALL_PUBLISHED = ("session.>", "user.>", "chat.>", "article.>", "$SRV.>", "_INBOX.>")
HEARS = {r.code for r in OF_THE_KIT if r.verb is Verb.SUBSCRIBE}
WAYS = {
    "wider": (deny("publish", "user.>"), {"publish.actions"}),
    "a-lent-user": (deny("publish", "user.actions.u"), {"publish.actions"}),
    "somebody-else": (deny("publish", "user.actions.other"), set[str]()),
    "a-part": (deny("publish", "$SRV.STATS.omnisession.*"), {"publish.services"}),
    "queue-group": (deny("subscribe", "> omnisession"), set[str]()),
    "all-that-is-needed": (allow(ALL_PUBLISHED, (">",)), set[str]()),
    "hears-answers-alone": (allow(ALL_PUBLISHED, ("_INBOX.>",)), HEARS - {"subscribe.inbox"}),
    "answers-only": (
        '{ subscribe: { allow: [">"] }, allow_responses: true }',
        {r.code for r in OF_THE_KIT if r.verb is Verb.PUBLISH},
    ),
}
"""Permissions, and the rights that they leave out."""


def test_ways_to_lack_rights() -> None:
    with brokerage({name: permissions for name, (permissions, _) in WAYS.items()}) as broker:
        found = {name: refused(broker.url(name), OF_THE_KIT) for name in WAYS}
        queue = refused(broker.url("queue-group"), OF_THE_SERVER)
    assert found == {name: lacking for name, (_, lacking) in WAYS.items()}
    assert queue == {r.code for r in OF_THE_SERVER if r.queue}


def test_the_subject_table_is_whole_in_the_rights() -> None:
    for row in catalogue().subjects:
        if row.pattern.startswith("_R_."):
            continue  # a service import of the broker writes there
        pattern = row.pattern.replace("{user_id}", "*").replace("{session_id}", "*")
        pattern = pattern.replace("{article_id}", "*").replace("_INBOX", "{inbox}")
        kit = {(r.verb, r.pattern) for r in OF_THE_KIT}
        server = {(r.verb, r.pattern) for r in OF_THE_SERVER}
        assert (Verb.SUBSCRIBE, pattern) in kit, "the kit hears everything"
        if "server" in row.publisher:
            assert (Verb.PUBLISH, pattern) in server
        if "client" in row.publisher:
            assert (Verb.PUBLISH, pattern) in kit
            assert (Verb.SUBSCRIBE, pattern) in server


# -- what is refused in the middle of a run -----------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "subject", "good"),
    [
        ("user.actions.*", "user.actions.ann", True),
        ("user.actions.*", "user.actions", False),
        ("user.actions.*", "user.actions.ann.x", False),
        ("$SRV.>", "$SRV.PING", True),
        ("$SRV.>", "$SRV", False),
        (">", "a", True),
        ("a.b", "a.b", True),
        ("a.b", "a.c", False),
    ],
)
def test_patterns(pattern: str, subject: str, good: bool) -> None:
    assert matches(pattern, subject) is good


def violation(subject: str) -> Exception:
    return Exception(f'nats: permissions violation for publish to "{subject.lower()}"')


def test_a_refusal_costs_the_cases_that_published_there_their_word() -> None:
    rights, ledger, lost = (
        Rights(needed=("session.*.*.control",)),
        Ledger(shared_broker=False),
        list[str](),
    )
    ledger.enter("user.actions.Ann", "", b"{}", "of-ann")
    ledger.enter("user.actions.bob", "", b"{}", "of-bob")
    rights.refused(violation("user.actions.Ann"), ledger, lost.append)
    assert list(rights.cases) == ["of-ann"]
    rights.require("user.actions.bob")
    with pytest.raises(RightLackingError, match=r"may not publish on user\.actions\.ann"):
        rights.require("user.actions.Ann")
    assert not lost
    assert ledger.take("user.actions.Ann", "", b"{}") == (False, None)
    assert ledger.take("user.actions.bob", "", b"{}") == (True, "of-bob")


def test_what_is_refused_again_and_again_is_not_tried_any_more() -> None:
    rights, ledger = Rights(others=("user.actions.*",)), Ledger(shared_broker=False)
    for number in range(OFTEN):
        rights.require("user.actions.new")
        rights.refused(violation(f"user.actions.u{number}"), ledger, pytest.fail)
    with pytest.raises(RightLackingError, match="any more"):
        rights.require("user.actions.new")
    rights.require("chat.messages")


def test_a_refusal_of_what_every_run_needs_ends_it() -> None:
    rights, lost = Rights(needed=("session.*.*.control",)), list[str]()
    rights.refused(violation("session.u.s.control"), Ledger(shared_broker=False), lost.append)
    assert len(lost) == 1
    assert "may not publish on session.u.s.control" in lost[0]


def test_other_errors_of_a_connection_are_no_refusals() -> None:
    assert read_refusal(Exception("nats: slow consumer")) is None

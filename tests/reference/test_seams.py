"""What a core is given from outside: where its ids come from, and a store that was there before it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.reference.bench import SECRET, Bench, HandClock, token

from omnisession_reference.core import Core
from omnisession_reference.ids import Ids
from omnisession_reference.log import Log
from omnisession_reference.store import MemoryStore
from omnisession_reference.token_keys import Ring
from omnisession_reference.wire import Incoming, encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

KINDS = ["articles", "chat", "url", "user"]


def said(seed: int) -> list[tuple[str, bytes]]:
    """All that a server says in a short life, byte for byte."""
    sent: list[tuple[str, bytes]] = []
    core = Core(
        send=lambda subject, payload, _trace: sent.append((subject, payload)),
        clock=HandClock(),
        ring=Ring(SECRET),
        log=Log("error"),
        ids=Ids(Random(seed).randbytes),  # noqa: S311 no secret
        store=MemoryStore(),
    )
    deliver(core, "session.ann.s.control", opening("ann", "s"))
    for number, (type_, data) in enumerate(
        (
            ("article.create", {"title": "T"}),
            ("chat.send", {"content": "hello"}),
            ("url.create", {"target_url": "https://example.org/"}),
        ),
        1,
    ):
        deliver(core, "user.actions.ann", act("ann", "s", number, type_, data))
    return sent


def deliver(core: Core, subject: str, body: Mapping[str, Any]) -> None:
    core.router.receive(Incoming(subject, "_INBOX.x", encode(dict(body)), None))


def opening(user: str, session: str) -> dict[str, Any]:
    data = {
        "protocol": ["1.0"],
        "kinds": KINDS,
        "features": ["events"],
        "auth": {"scheme": "bearer", "token": token(user)},
        "client": {"name": "a test", "version": "1"},
    }
    return envelope(user, session, "session.open") | {"data": data}


def act(user: str, session: str, number: int, type_: str, data: dict[str, Any]) -> dict[str, Any]:
    named = {"action_id": f"{session}-{number}", "client_seq": number}
    return envelope(user, session, type_) | named | {"data": data}


def envelope(user: str, session: str, type_: str) -> dict[str, Any]:
    return {"v": "1.0", "type": type_, "user_id": user, "session_id": session, "timestamp": 1}


def test_the_same_source_of_ids_makes_the_same_bytes() -> None:
    assert len(said(1)) > 10
    assert said(1) == said(1)
    assert said(1) != said(2)


def test_without_a_source_nobody_can_guess_what_comes() -> None:
    ids = Ids()
    assert len({ids.new() for _ in range(100)} | {ids.code() for _ in range(100)}) == 200


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_what_is_stored_outlives_a_core_and_edits_do_not(store: MemoryStore) -> None:
    first = Bench(store=store)
    first.open("ann", "s", kinds=KINDS)
    article_id = first.article("ann", "s", 1, title="Kept")
    first.act("ann", "s", 2, "article.edit_start", article_id=article_id)
    assert first.slice("ann", "s")["editors"]
    second = Bench(store=store)
    second.open("ann", "t", kinds=KINDS)
    shown = second.slice("ann", "t")
    assert [article["title"] for article in shown["articles"]] == ["Kept"]
    assert shown["editors"] == []


def test_an_action_is_known_to_the_next_core_by_its_id(store: MemoryStore) -> None:
    first = Bench(store=store)
    first.open("ann", "s", kinds=KINDS)
    body = act("ann", "s", 1, "chat.send", {"content": "once"})
    assert first.send(body)["status"] == "applied"
    second = Bench(store=store)
    second.open("ann", "t", kinds=KINDS)
    assert second.send({**body, "session_id": "t"})["status"] == "duplicate"
    assert len(second.slice("ann", "t", "chat")["messages"]) == 1

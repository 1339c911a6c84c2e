"""What the command grants is enough for a client, and none of what an attacker tries gets through.

Each attempt is made on a broker without permissions first, where it has to succeed: an attempt that fails
everywhere shows nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.permissions.attempts import ATTEMPTS, OWN, RIGHT, Attempt, got_through, watching
from tests.kit.permissions.brokers import Broker, broker_with, of_client

if TYPE_CHECKING:
    from collections.abc import Iterable

BOB = "bob"
ATTACKERS = (
    *("ann", "omnisession", "audit", "omni", "_INBOX", "~server", "server", "b"),
    *("*", ">", "a.b", "{{name}}", "{session_id}", "Zo\u00eb", "$SYS", "bo", "bobb", "BOB"),
)
"""Names that are patterns, templates, roles, or nearly the victim's."""


def tried(broker: Broker, user: str, attempts: Iterable[Attempt]) -> tuple[set[str], set[str]]:
    """The attempts that got through, and the others, by name."""

    async def run() -> dict[Attempt, bool]:
        named = [attempt.of(user, BOB) for attempt in attempts]
        async with watching(broker.url) as watch:
            return await got_through(watch, broker.access(user), named)

    found = asyncio.run(run())
    through = {str(attempt) for attempt, well in found.items() if well}
    return through, {str(attempt) for attempt in found} - through


def names(user: str, attempts: Iterable[Attempt]) -> set[str]:
    return {str(attempt.of(user, BOB)) for attempt in attempts}


def test_nothing_that_is_tried_gets_through_and_all_of_it_does_without_permissions() -> None:
    with broker_with({"ann": "", BOB: ""}) as broker:
        assert tried(broker, "ann", (*ATTEMPTS, *RIGHT)) == (
            names("ann", (*ATTEMPTS, *RIGHT)),
            set(),
        )
    with broker_with({"ann": of_client("ann"), BOB: of_client(BOB)}) as broker:
        assert tried(broker, "ann", RIGHT) == (names("ann", RIGHT), set())
        assert tried(broker, "ann", ATTEMPTS) == (set(), names("ann", ATTEMPTS))


@pytest.mark.dear
def test_no_name_of_a_user_opens_anything() -> None:
    users = {name: of_client(name) for name in (*ATTACKERS, BOB)}
    with broker_with(dict.fromkeys(users, "")) as open_, broker_with(users) as closed:
        for user in ATTACKERS:
            assert tried(open_, user, ATTEMPTS)[0] == names(user, ATTEMPTS), user
            assert tried(closed, user, RIGHT)[0] == names(user, RIGHT), user
            assert tried(closed, user, ATTEMPTS)[0] == set(), user


WRONG = {
    "the id as it is": ("*", lambda: of_client("ann").replace("ann", "*")),
    "all inboxes": ("ann", lambda: of_client("ann").replace("_INBOX.ann.>", "_INBOX.>")),
    "queue groups": ("ann", lambda: of_client("ann").replace('"> *"', '"nothing"')),
    "its own states": ("ann", lambda: of_client("ann").replace("*.control", "*.*")),
    "the shared subjects": ("ann", lambda: of_client("ann", shared=True)),
}
"""Permissions that are wrong in one way each."""


@pytest.mark.dear
@pytest.mark.parametrize("wrong", WRONG)
def test_permissions_that_are_wrong_in_one_way_let_something_through(wrong: str) -> None:
    user, made = WRONG[wrong]
    with broker_with({user: made(), BOB: of_client(BOB)}) as broker:
        assert tried(broker, user, ATTEMPTS)[0]


def test_one_session_of_a_user_is_kept_from_the_others() -> None:
    mine, other = f"session.ann.{OWN}", "session.ann.s-other"
    attempts = [
        Attempt("hear", f"{other}.state", f"{other}.state"),
        Attempt("hear", "session.ann.*.*", f"{other}.state"),
        Attempt("hear", "_INBOX.ann.>", "_INBOX.ann.s-other.1"),
        Attempt("hear", "_INBOX.ann.s-other.>", "_INBOX.ann.s-other.1"),
        Attempt("say", f"{other}.control"),
    ]
    right = [
        Attempt("hear", f"{mine}.*", f"{mine}.state"),
        Attempt("hear", f"_INBOX.ann.{OWN}.>", f"_INBOX.ann.{OWN}.1"),
        Attempt("say", f"{mine}.control"),
        Attempt("say", "user.actions.ann"),
    ]
    with broker_with({"ann": of_client("ann")}) as broker:
        # All of it is the user's own.
        assert tried(broker, "ann", attempts)[1] == set()
    with broker_with({"ann": of_client("ann", OWN)}) as broker:
        assert tried(broker, "ann", right)[1] == set()
        assert tried(broker, "ann", attempts)[0] == set()

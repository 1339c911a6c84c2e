"""What the command grants is enough for a client, and none of what an attacker tries gets through.

Each attempt is made on a broker without permissions first, where it has to succeed: an attempt that fails
everywhere shows nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.kit.permissions.accounts import broker_of_tokens
from tests.kit.permissions.attempts import ATTEMPTS, OWN, RIGHT, Attempt, got_through, watching
from tests.kit.permissions.brokers import ALL, broker_with, of_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_conformance.environment.access import Access

BOB = "bob"
ATTACKERS = (
    *("ann", "omnisession", "audit", "omni", "_INBOX", "~server", "server", "b"),
    *("*", ">", "a.b", "{{name}}", "{session_id}", "Zo\u00eb", "$SYS", "bo", "bobb", "BOB"),
)
"""Names that are patterns, templates, roles, or nearly the victim's."""


def tried(
    access: Callable[[str], Access], user: str, attempts: Iterable[Attempt]
) -> tuple[set[str], set[str]]:
    """The attempts of a user that got through, and the others, by name."""

    async def run() -> dict[Attempt, bool]:
        named = [attempt.of(user, BOB) for attempt in attempts]
        async with watching(access(ALL)) as watch:
            return await got_through(watch, access(user), named)

    found = asyncio.run(run())
    through = {str(attempt) for attempt, well in found.items() if well}
    return through, {str(attempt) for attempt in found} - through


def names(user: str, attempts: Iterable[Attempt]) -> set[str]:
    return {str(attempt.of(user, BOB)) for attempt in attempts}


def test_nothing_that_is_tried_gets_through_and_all_of_it_does_without_permissions() -> None:
    with broker_with({"ann": "", BOB: ""}) as broker:
        assert tried(broker.access, "ann", (*ATTEMPTS, *RIGHT)) == (
            names("ann", (*ATTEMPTS, *RIGHT)),
            set(),
        )
    with broker_with({"ann": of_client("ann"), BOB: of_client(BOB)}) as broker:
        assert tried(broker.access, "ann", RIGHT) == (names("ann", RIGHT), set())
        assert tried(broker.access, "ann", ATTEMPTS) == (set(), names("ann", ATTEMPTS))


def test_a_token_is_as_good_as_lines_of_the_configuration() -> None:
    with broker_of_tokens() as access:
        assert tried(lambda _: access(ALL), "ann", (*ATTEMPTS, *RIGHT))[1] == set()
        assert tried(access, "ann", RIGHT)[1] == set()
        assert tried(access, "ann", ATTEMPTS)[0] == set()


@pytest.mark.dear
def test_no_name_of_a_user_opens_anything() -> None:
    users = {name: of_client(name) for name in (*ATTACKERS, BOB)}
    with broker_with(dict.fromkeys(users, "")) as open_, broker_with(users) as closed:
        for user in ATTACKERS:
            assert tried(open_.access, user, ATTEMPTS)[0] == names(user, ATTEMPTS), user
            assert tried(closed.access, user, RIGHT)[0] == names(user, RIGHT), user
            assert tried(closed.access, user, ATTEMPTS)[0] == set(), user


INBOXES = {
    *("hear _INBOX.*.>", "hear _INBOX.bob.>", "hear _INBOX.bob.~b.>"),
    *("hear _INBOX.~server.>", "hear _INBOX.~audit.>"),
}
DOTTED = {
    *(f"hear session.ann.{OWN}.state {queue}" for queue in ("a.b", "a.b.c", ">", "*.b", "a..b")),
    "hear _INBOX.ann.> a.b",
}
WRONG = {
    "the id as it is": (
        "*",
        lambda: of_client("ann").replace("ann", "*"),
        {
            *INBOXES,
            *(f"hear session.bob.s-victim.{what}" for what in ("state", "events", "control")),
            *("hear session.bob.*.*", "hear session.*.*.*", "hear session.*.*.state"),
            "hear session.*.s-victim.events",
            *("say session.bob.s-victim.control", "say user.actions.bob"),
        },
    ),
    "all inboxes": (
        "ann",
        lambda: of_client("ann").replace("_INBOX.ann.>", "_INBOX.>"),
        {*INBOXES, "hear _INBOX.*", "hear _INBOX.>"},
    ),
    "queue groups": (
        "ann",
        lambda: of_client("ann").replace('"> >"', '"nothing"'),
        {
            *DOTTED,
            *("hear session.ann.*.control omnisession", f"hear session.ann.{OWN}.state *"),
            *(
                f"hear session.ann.{OWN}.{queue}"
                for queue in ("control omnisession", "state another")
            ),
        },
    ),
    "queue groups with dots": ("ann", lambda: of_client("ann").replace('"> >"', '"> *"'), DOTTED),
    "its own states": (
        "ann",
        lambda: of_client("ann").replace("*.control", "*.*"),
        {f"say session.ann.{OWN}.{what}" for what in ("state", "events")},
    ),
    "the shared subjects": (
        "ann",
        lambda: of_client("ann", shared=True),
        {"say chat.messages", "say article.edit.start"},
    ),
}
"""Permissions that are wrong in one way each, and all that gets through."""


@pytest.mark.dear
@pytest.mark.parametrize("wrong", WRONG)
def test_permissions_that_are_wrong_in_one_way_let_that_through_and_no_more(wrong: str) -> None:
    user, made, through = WRONG[wrong]
    with broker_with({user: made(), BOB: of_client(BOB)}) as broker:
        assert tried(broker.access, user, ATTEMPTS)[0] == through


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
        assert tried(broker.access, "ann", attempts)[1] == set()
    with broker_with({"ann": of_client("ann", OWN)}) as broker:
        assert tried(broker.access, "ann", right)[1] == set()
        assert tried(broker.access, "ann", attempts)[0] == set()

"""Deployments that are unusual, and right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from omnisession_deployments.beside import listening
from omnisession_deployments.faults import Change, of_user
from omnisession_deployments.grants import NOTHING, Grant, of_client, of_role
from omnisession_deployments.place import KIT, SERVER, Place, right_users


@dataclass(frozen=True, slots=True)
class Variant:
    """A right deployment, made from the plain one; `warns` are what it may leave unkept."""

    name: str
    sentence: str
    change: Change
    warns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Null:
    """What is no deployment, made from one that is right."""

    name: str
    sentence: str
    change: Change


def _denied_more(grant: Grant) -> Grant:
    return replace(
        grant, deny=(*grant.deny, "session.bob.>", "$SYS.>"), unsaid=("$JS.>", "$SYS.>", "_R_.>")
    )


def _trusting(place: Place) -> Place:
    return replace(place, beside=listening("session.>", "a bridge"), trusted=("a bridge",))


_VARIANTS = (
    Variant(
        "tokens-of-users",
        "Users have tokens in operator mode, and no password.",
        lambda place: replace(place, tokens=True),
    ),
    Variant(
        "jetstream",
        "The account has JetStream.",
        lambda place: replace(place, jetstream=True),
    ),
    Variant(
        "no-tenant",
        "There is one tenant, and no profile of more.",
        lambda place: replace(place, tenant=None),
    ),
    Variant("no-server", "No identity of a server is given.", lambda place: place.without(SERVER)),
    Variant(
        "two-clients", "Two clients are given, and no odd id.", lambda place: place.without("*")
    ),
    Variant(
        "five-clients",
        "Five clients are given, two of ids that are templates or in other letters.",
        lambda place: place.having("{{name()}}", of_client("{{name()}}")).having(
            "Zoë", of_client("Zoë")
        ),
    ),
    Variant("trusted-listener", "A bridge that is trusted hears all sessions.", _trusting),
    Variant(
        "inbox-of-a-session",
        "A client's inboxes begin with more than its user.",
        lambda place: replace(place, inboxes={"ann": "_INBOX.ann.s1"}),
    ),
    Variant(
        "more-denied",
        "A client is also denied by name what it may not do anyway.",
        of_user("ann", _denied_more),
    ),
    Variant(
        "own-sessions-below",
        "A client may hear its own sessions by the wildcard of all that is below.",
        of_user("ann", lambda grant: grant.having("session.ann.*.*", "session.ann.>")),
    ),
    Variant(
        "server-with-journal",
        "The server may keep a journal in the broker.",
        lambda place: replace(place, jetstream=True).having(
            SERVER, of_role("server", journal=True)
        ),
    ),
    Variant(
        "server-answers",
        "The server may answer where a message wants its answer, as services may.",
        of_user(SERVER, lambda grant: replace(grant, responses=True)),
    ),
)
VARIANTS: Mapping[str, Variant] = {one.name: one for one in _VARIANTS}
"""By name."""


def _nobody_may(place: Place) -> Place:
    return replace(
        place,
        users={name: grant if name == KIT else NOTHING for name, grant in place.users.items()},
    )


def _swapped(place: Place) -> Place:
    users = right_users()
    return place.having("ann", users["bob"]).having("bob", users["ann"])


_NULLS = (
    Null("deny-all", "Nobody but the kit may do anything.", _nobody_may),
    Null("deny-one", "One client may do nothing.", lambda place: place.having("bob", NOTHING)),
    Null("wrong-users", "Permissions are right, and those of other users.", _swapped),
    Null(
        "deaf-kit", "The kit may do what a client may.", lambda p: p.having(KIT, of_client("kit"))
    ),
)
NULLS: Mapping[str, Null] = {one.name: one for one in _NULLS}
"""By name."""

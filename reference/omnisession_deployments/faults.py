"""Deployments that are wrong in one way each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from omnisession_deployments.beside import capturing, listening, storing_slowly
from omnisession_deployments.grants import EVERYTHING, Grant, of_client
from omnisession_deployments.place import ODD, SERVER, Place

Change = Callable[[Place], Place]


@dataclass(frozen=True, slots=True)
class Fault:
    """A deployment that breaks one requirement, made from one that is right."""

    name: str
    requirement: str
    sentence: str
    change: Change


def of_user(user: str, change: Callable[[Grant], Grant]) -> Change:
    """A user has other permissions."""
    return lambda place: place.having(user, change(place.users[user]))


def hears(subject: str, user: str = "ann") -> Change:
    """A user may subscribe to one subject more."""
    return of_user(user, lambda grant: grant.with_more(subscribe=subject))


def says(subject: str, user: str = "ann") -> Change:
    """A user may publish on one subject more."""
    return of_user(user, lambda grant: grant.with_more(publish=subject))


def has(old: str, new: str, user: str = "ann") -> Change:
    """A user has another text in its permissions."""
    return of_user(user, lambda grant: grant.having(old, new))


def third(change: Change) -> Change:
    """A third client is there, and it is this one that is wrong."""
    return lambda place: change(place.having("eve", of_client("eve")))


def _open_to_all(place: Place) -> Place:
    return replace(place, users=dict.fromkeys(place.users, EVERYTHING))


def _shared(grant: Grant) -> Grant:
    return grant.with_more(publish="chat.messages").with_more(publish="article.edit.start")


def _stream(subject: str) -> Change:
    return lambda place: replace(place, jetstream=True, beside=capturing(subject))


_ROWS: tuple[tuple[str, str, str, Change], ...] = (
    ("no-permissions", "001", "No user has permissions, so each may do all.", _open_to_all),
    ("open-all", "001", "A client may hear everything.", hears(">")),
    ("open-sessions", "001", "A client may hear all sessions.", hears("session.>")),
    ("open-states", "001", "A client may hear all states.", hears("session.*.*.state")),
    ("open-control", "001", "A client may hear all requests.", hears("session.*.*.control")),
    ("victim-named", "001", "A client may hear another one by name.", hears("session.bob.*.*")),
    (
        "third-opens-sessions",
        "001",
        "Of three clients the last one may hear all sessions.",
        third(hears("session.>", "eve")),
    ),
    (
        "third-forges-actions",
        "002",
        "Of three clients the last one may act as others.",
        third(says("user.actions.*", "eve")),
    ),
    (
        "control-writable",
        "002",
        "A client may send requests for others.",
        says("session.*.*.control"),
    ),
    ("actions-writable", "002", "A client may act as others.", says("user.actions.*")),
    ("actions-below", "002", "A client may publish below actions.", says("user.actions.>")),
    (
        "state-writable",
        "003",
        "A client may publish states in its own sessions.",
        has("session.ann.*.control", "session.ann.*.*"),
    ),
    ("hints-writable", "003", "A client may publish hints.", says("article.*.updates")),
    ("inbox-open", "004", "A client may hear all inboxes.", has("_INBOX.ann.>", "_INBOX.>")),
    ("plain-inbox-open", "004", "A client may hear inboxes of nobody.", hears("_INBOX.*")),
    ("server-inbox-open", "004", "A client may hear a server's.", hears("_INBOX.~server.>")),
    ("imports-open", "004", "A client may hear answers of imports.", hears("_R_.>")),
    ("inbox-writable", "005", "A client may answer anybody.", says("_INBOX.>")),
    ("own-inbox-writable", "005", "A client may answer itself.", says("_INBOX.ann.>")),
    (
        "allow-responses",
        "005",
        "A client may answer where a message wants its answer.",
        of_user("ann", lambda grant: replace(grant, responses=True)),
    ),
    ("actions-heard", "006", "A client may hear actions of others.", hears("user.actions.*")),
    ("own-actions-heard", "006", "A client may hear its own actions.", hears("user.actions.ann")),
    ("edits-heard", "006", "A client may hear edits that start.", hears("article.>")),
    ("queue-open", "007", "A client may join queue groups.", has("> >", "nothing")),
    ("dotted-queue-open", "007", "A client may join those with a dot.", has("> >", "> *")),
    ("js-open", "008", "A client may use JetStream.", says("$JS.API.>")),
    ("consumer-create", "008", "A client may make consumers.", says("$JS.API.CONSUMER.CREATE.>")),
    ("stores-open", "008", "A client may write key-value stores.", says("$KV.>")),
    ("srv-open", "008", "A client may ask services.", says("$SRV.>")),
    ("srv-heard", "008", "A client may hear what services are asked.", hears("$SRV.>")),
    ("private-writable", "008", "A client may write what servers keep.", says("omni.>")),
    (
        "shared",
        "009",
        "A client may publish where all clients may.",
        of_user("ann", _shared),
    ),
    (
        "raw-id",
        "010",
        "A user's id stands in its permissions as it is, and it is a wildcard.",
        has("=2a", "*", ODD),
    ),
    (
        "anonymous",
        "011",
        "Who shows nothing is taken for a user.",
        lambda place: replace(place, anonymous="ann"),
    ),
    (
        "silent-listener",
        "012",
        "Somebody listens to all sessions.",
        lambda place: replace(place, beside=listening("session.>")),
    ),
    (
        "listener-of-answers",
        "012",
        "Somebody listens to all answers.",
        lambda place: replace(place, beside=listening("_INBOX.>")),
    ),
    ("capturing-stream", "013", "A stream takes requests.", _stream("session.*.*.control")),
    ("stream-of-actions", "013", "A stream takes actions.", _stream("user.actions.>")),
    (
        "slow-stream",
        "013",
        "A stream takes requests, and says so late.",
        lambda place: replace(place, beside=storing_slowly),
    ),
    (
        "one-account",
        "014",
        "Two tenants are in one account.",
        lambda place: replace(place, apart=False),
    ),
    (
        "server-hears-inboxes",
        "015",
        "The server may hear everybody's answers.",
        has("_INBOX.~server.>", "_INBOX.>", SERVER),
    ),
    (
        "server-hears-alone",
        "015",
        "The server may listen outside of its queue group.",
        has("control omnisession", "control", SERVER),
    ),
    (
        "server-wide",
        "015",
        "The server may do everything.",
        lambda place: place.having(SERVER, EVERYTHING),
    ),
)
FAULTS: Mapping[str, Fault] = {
    name: Fault(name, f"SECU-{number}", sentence, change)
    for name, number, sentence, change in _ROWS
}
"""By name."""

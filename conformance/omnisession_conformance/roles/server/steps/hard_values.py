"""Values in the data of actions that are hard to read, to keep and to write again.

Half of a surrogate pair is a string that JSON can write and UTF-8 cannot; large numbers are more than a
double or 64 bits hold. What a sender may not write a receiver may refuse: it is answered all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.steps.sending import CHAT_SUBJECT, EDIT_SUBJECT, NOOP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

Body = dict[str, Any]
HOLE = "\x00hole\x00"
"""Stands where a value is put that no encoder writes."""
HALVES = (r"\ud800", r"\udbff", r"\udc00", r"\udfff", r"\udc00\ud800", r"\ud83d\u0041")
"""Escapes of what is no character: a first half alone, a second one, both the wrong way round."""
TOO_LARGE = (
    *("1e21", "1e22", "-1e21", "1e400", "-1e309", "1e-400", "9007199254740993"),
    *("9223372036854775808", "18446744073709551616", "9" * 40),
)
"""Numbers that no sender may write where an integer stands, or that are beyond a double."""
ALLOWED = (
    ("1e-7", "2e-7"),
    ("5e-324", "0"),
    ("1.5E-10", "1.5E-11"),
    ("-0.5", "0.5"),
    ("0.1", "0.100000001"),
    ("16777217.5", "16777216.5"),
    ("9007199254740991", "9007199254740990"),
    ("-9007199254740991", "9007199254740991"),
    ("4294967297", "1"),
    ("2147483648", "-2147483648"),
)
"""Numbers that a sender may write in a member that the protocol does not name, each with another one that
is not equal to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a value: an action with a hole in its data, or in the member of a shared subject."""

    what: str
    type: str
    data: Mapping[str, Any]
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What the acting user has made and may change, by the names of their ids; None where it has none."""

    article_id: str | None = None
    url_id: str | None = None
    message_id: str | None = None


SOMEWHERE = (
    Place("a member that nobody knows", NOOP, {"x_unknown": HOLE}),
    Place("a member far within", NOOP, {"x_unknown": [{"deep": [HOLE]}]}),
)
NAMES = Place("the name of a member", NOOP, {"x_unknown": {f"x{HOLE}": 1}})


def text_places(ctx: Context, own: Own) -> Iterator[Place]:
    """Every string that an action of the target may have: each alone, in an action that is right else."""
    for place in (*_article_places(own), *_chat_places(own), *_url_places(own), *_user_places()):
        if place.type in ctx.declared.actions:
            yield place
    yield from (*SOMEWHERE, NAMES)


def _article_places(own: Own) -> Iterator[Place]:
    texts = ("title", "slug", "subtitle", "leading", "content")
    for name in texts:
        yield Place(f"{name} of a new article", "article.create", {"title": "one", name: HOLE})
    yield Place("a tag of a new article", "article.create", {"title": "one", "tags": ["a", HOLE]})
    if own.article_id is not None:
        named = {"article_id": own.article_id}
        for name in texts:
            yield Place(
                f"{name} of an update", "article.update", {**named, "changes": {name: HOLE}}
            )
        changes = {"tags": [HOLE]}
        yield Place("a tag of an update", "article.update", {**named, "changes": changes})
    for verb in ("select", "delete", "edit_end"):
        yield Place(f"the id of an article to {verb}", f"article.{verb}", {"article_id": HOLE})
    shared = {"article_id": HOLE}
    yield Place("the id of an article to edit", "article.edit_start", shared, EDIT_SUBJECT)


def _chat_places(own: Own) -> Iterator[Place]:
    # A message that is taken is taken away again: the whole room reads it.
    if own.message_id is not None:
        yield Place("the text of a message", "chat.send", {"content": HOLE})
        yield Place("the text of a shared message", "chat.send", {"content": HOLE}, CHAT_SUBJECT)
        data = {"message_id": own.message_id, "content": HOLE}
        yield Place("the text of an edited message", "chat.edit", data)
    yield Place("the id of a message", "chat.delete", {"message_id": HOLE})


def _url_places(own: Own) -> Iterator[Place]:
    target = "https://example.org/"
    yield Place("a short code", "url.create", {"target_url": target, "short_code": f"k{HOLE}"})
    yield Place("an address", "url.create", {"target_url": target + HOLE})
    if own.url_id is not None:
        for name, text in (("short_code", f"k{HOLE}"), ("target_url", target + HOLE)):
            data = {"url_id": own.url_id, "changes": {name: text}}
            yield Place(f"{name} of an update", "url.update", data)
    yield Place("the id of a url", "url.delete", {"url_id": HOLE})


def _user_places() -> Iterator[Place]:
    yield Place("a name", "user.update", {"changes": {"username": HOLE}})
    yield Place("an email", "user.update", {"changes": {"email": f"{HOLE}@example.org"}})


def number_places(own: Own) -> Iterator[Place]:
    """Places in which a number stands that no sender should write."""
    yield from SOMEWHERE
    if own.article_id is not None:
        data = {"article_id": own.article_id, "changes": {"title": HOLE}}
        yield Place("a title", "article.update", data)
    yield Place(
        "the time for which somebody types", "chat.typing", {"active": True, "ttl_ms": HOLE}
    )


def odd_headers() -> Iterator[dict[str, str]]:
    """Headers that nobody asked for, and traces that are none."""
    ones, twos = "1" * 32, "2" * 16
    for trace in (
        *("", "00", "garbage", f"00-{ones}-{twos}", f"00-{ones}-{twos}-01-", f"00-{ones}{twos}-01"),
        *(f"00-{'0' * 32}-{'0' * 16}-00", f"ff-{ones}-{twos}-01", f"00-{'g' * 32}-{twos}-01"),
        *("\u00e9\U0001f600", "x" * 4_096, "%s%n%00", "{{7*7}}"),
    ):
        yield {"traceparent": trace}
    yield {"Traceparent": "garbage", "tracestate": "=,=", "baggage": "\u00e9=;"}
    yield {"Content-Type": "text/plain", "Content-Length": "0", "Content-Encoding": "gzip"}
    yield {"Nats-Expected-Last-Sequence": "7", "Nats-Rollup": "all", "Nats-TTL": "1s"}
    yield {"Authorization": "Bearer x", "Status": "503", "Description": "No Responders"}
    yield {f"X-{number}": "y" * 100 for number in range(60)}


def filled(session: Session, place: Place, value: str, number: int, **how: Any) -> bytes:
    """The bytes of an action with a value, as it is written, in its place."""
    shared = {"top": place.data} if place.subject is not None else {"data": place.data}
    body = session.action_body(place.type, client_seq=number, **shared, **how)
    text = json.dumps(body)
    hole = json.dumps(HOLE)
    # A text keeps its quotes; a number takes their place as well.
    if value.startswith("\\"):
        return text.replace(hole[1:-1], value).encode()
    return text.replace(hole, value).encode()

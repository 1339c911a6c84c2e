"""A script of requests and actions over all kinds, with nothing in it that is a server's own choice.

`{name}` in a value stands for the id that the step with `keeps=name` got from its server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ALL = ("articles", "chat", "url", "user")
TOO_LONG = "x" * 4_096  # with its quotes two bytes above limits.chat_content


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the script."""

    user: str
    id: str
    kinds: tuple[str, ...] = ALL
    features: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """Open a session, or open it again."""

    session: Session


@dataclass(frozen=True, slots=True)
class Close:
    """Close a session."""

    session: Session


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request whose answer is compared."""

    session: Session
    type: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Act:
    """Send an action; without a number of its own it is the next of its session."""

    session: Session
    type: str
    data: dict[str, Any]
    keeps: str = ""
    number: int | None = None
    action_id: str | None = None
    expect: int | None = None
    shared: str = ""


Step = Open | Close | Ask | Act

PLAIN = Session("ann", "plain")
EVENTS = Session("ann", "events", features=("events", "digests"))
OTHER = Session("bob", "other", ("chat", "articles"), ("digests",))
EDITOR = Session("eve", "editor", ALL, ("digests", "events"), ("post_edit_any",))
LATE = Session("ann", "late", ("user", "chat"), ("events",))
REFERENCES: dict[str, Any] = {"article_id": "{one}"}

ARTICLES: tuple[Step, ...] = (
    Act(
        PLAIN,
        "article.create",
        {"title": "One", "slug": "given-1", "content": "dark", "tags": ["x"]},
        "one",
    ),
    Act(EVENTS, "article.create", {"title": "Zoë <&> \u2028"}, "two"),
    Act(EVENTS, "article.select", REFERENCES),
    Act(OTHER, "article.select", REFERENCES),
    Act(OTHER, "article.update", {**REFERENCES, "changes": {"title": "mine"}}),
    Act(OTHER, "article.update", {"article_id": "none", "changes": {}}),
    Act(EDITOR, "article.update", {**REFERENCES, "changes": {"subtitle": "by eve"}}, expect=1),
    Act(PLAIN, "article.update", {**REFERENCES, "changes": {"tags": [], "author": "x"}}, expect=1),
    Act(PLAIN, "article.update", {**REFERENCES, "changes": {"tags": ["y", "z", "y"]}}, expect=2),
    Act(PLAIN, "article.edit_start", REFERENCES),
    Act(EVENTS, "article.edit_start", REFERENCES, shared="article.edit.start"),
    Act(PLAIN, "article.edit_end", REFERENCES),
    Act(EDITOR, "article.publish", REFERENCES),
    Act(PLAIN, "article.publish", REFERENCES),
    Act(OTHER, "article.select", REFERENCES),
    Act(OTHER, "article.update", {**REFERENCES, "changes": {"title": "mine"}}),
    Act(PLAIN, "article.update", {**REFERENCES, "changes": {"content": "light", "leading": "so"}}),
    Act(EVENTS, "article.delete", {"article_id": "{two}"}),
    Act(EVENTS, "article.select", {"article_id": None}),
)
CHAT: tuple[Step, ...] = (
    Act(OTHER, "chat.send", {"content": "hello"}, "hello"),
    Act(EVENTS, "chat.send", {"content": "\ud83d\ude00"}, "smile", shared="chat.messages"),
    Act(PLAIN, "chat.edit", {"message_id": "{smile}", "content": "changed"}),
    Act(PLAIN, "chat.edit", {"message_id": "{hello}", "content": "not mine"}),
    Act(PLAIN, "chat.delete", {"message_id": "none"}),
    Act(PLAIN, "chat.send", {"content": TOO_LONG}),
    Act(OTHER, "chat.typing", {"active": True}),
    Act(OTHER, "chat.typing", {"active": True, "ttl_ms": 6_000}),
    Act(OTHER, "chat.typing", {"active": False}),
    Act(OTHER, "chat.delete", {"message_id": "{hello}"}),
    Act(EDITOR, "chat.send", {"content": "second"}, "second"),
    Act(OTHER, "chat.send", {"content": "third"}, "third"),
)
URLS: tuple[Step, ...] = (
    Act(
        PLAIN, "url.create", {"target_url": "https://example.org/1", "short_code": "given-a"}, "url"
    ),
    Act(EVENTS, "url.create", {"target_url": "https://example.org/2"}, "made"),
    Act(EDITOR, "url.create", {"target_url": "https://example.org/3", "short_code": "given-a"}),
    Act(EDITOR, "url.update", {"url_id": "{url}", "changes": {"is_active": False}}),
    Act(EVENTS, "url.update", {"url_id": "{url}", "changes": {"is_active": False}}),
    Act(PLAIN, "url.update", {"url_id": "{made}", "changes": {"short_code": "given-a"}}),
    Act(PLAIN, "url.delete", {"url_id": "{made}"}),
)
USERS: tuple[Step, ...] = (
    Act(PLAIN, "user.update", {"changes": {"username": "Ann", "password": "secret"}}),
    Act(EVENTS, "user.update", {"changes": {"email": "ann@example.org"}}),
    Act(EVENTS, "user.update", {"changes": {"username": "Ann"}}),
)
NUMBERS: tuple[Step, ...] = (
    Act(PLAIN, "session.noop", {}, action_id="known"),
    Act(EVENTS, "session.noop", {}, action_id="known"),
    Act(EVENTS, "chat.send", {"content": "x"}, action_id="known"),
    Act(OTHER, "chat.send", {"content": "once"}, number=1),
    Act(OTHER, "chat.send", {"content": "early"}, number=99),
    Act(OTHER, "chat.vanish", {}),
    Act(OTHER, "chat.send", {"content": 7}),
    Act(OTHER, "url.create", {"target_url": "https://example.org/4"}),
)
REQUESTS: tuple[Step, ...] = (
    Open(EVENTS),
    Ask(OTHER, "session.sync", {"kinds": ["articles"]}),
    Ask(OTHER, "session.sync", {"kinds": ["url"]}),
    Ask(OTHER, "session.resume", {"epoch": 9_007_199_254_740_991, "seq": 1}),
    Ask(OTHER, "session.resume", {"epoch": 0, "seq": 1}),
    Ask(OTHER, "session.unheard_of"),
    Ask(Session("bob", "nobody"), "session.ping"),
    Open(Session("bob", "kindless", ("unheard_of",))),
)
ENDS: tuple[Step, ...] = (
    Act(EDITOR, "article.edit_start", REFERENCES),
    Act(OTHER, "chat.typing", {"active": True, "ttl_ms": 6_000}),
    Open(LATE),
    Close(EVENTS),
    Close(EDITOR),
    Close(OTHER),
    Ask(OTHER, "session.ping"),
    Act(OTHER, "session.noop", {}),
    Act(PLAIN, "article.delete", REFERENCES),
)
SCRIPT: tuple[Step, ...] = (
    *(Open(session) for session in (PLAIN, EVENTS, OTHER, EDITOR)),
    *ARTICLES, *CHAT, *URLS, *USERS, *NUMBERS, *REQUESTS, *ENDS,
)  # fmt: skip

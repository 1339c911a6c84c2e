"""What a target offers to programs, and what programs are made of."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("author", "author", "editor", "reader")
KINDS = ("articles", "chat", "url", "user")
TIMERS: tuple[tuple[tuple[str, int], ...], ...] = (
    (),
    (("gap_ms", 40),),
    (("gap_ms", 0),),
    (("coalesce_ms", 0), ("gap_ms", 40)),
    (("coalesce_ms", 1_000), ("gap_ms", 60)),
    (("heartbeat_ms", 200), ("gap_ms", 40)),
)
"""Mostly with short gaps: each that is not closed is waited for."""
MOST_LIVE = 9
TYPES = {
    "session.noop": 1.0,
    "article.create": 4.0,
    "article.update": 5.0,
    "article.delete": 1.2,
    "article.publish": 2.5,
    "article.edit_start": 3.0,
    "article.edit_end": 2.0,
    "article.select": 3.5,
    "chat.send": 4.0,
    "chat.edit": 2.5,
    "chat.delete": 1.5,
    "chat.typing": 3.0,
    "url.create": 3.0,
    "url.update": 3.5,
    "url.delete": 1.2,
    "user.update": 2.5,
    "x-none.do_thing": 0.4,
}
"""How often an action of each type is drawn, against each other."""
OF_CREATE = ("title", "slug", "subtitle", "leading", "content", "tags")
NEW = ("article.create", "chat.send", "chat.typing", "url.create")
"""Types that are about nothing that is there."""
SHORT_LISTS = ("chat_messages", "revisions", "urls")
"""Limits of lists that one user fills with a row of actions."""
SOON_FULL = 40
"""A list of so many entries, or fewer."""
LETTERS = {"article.create": "a", "chat.send": "m", "url.create": "u"}
PREFIX = {"a": "article", "m": "chat", "u": "url"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a target offers to a program."""

    kinds: tuple[str, ...]
    features: tuple[str, ...]
    actions: frozenset[str]
    mints: bool = True
    breaks: tuple[tuple[str, str], ...] = ()
    """The ways in which a wire can fail: how, and whose."""
    restarts: bool = False
    """Whether the server can be ended and started again."""
    short: tuple[tuple[str, int], ...] = ()
    """Lists that are soon full, by the limits of `opened.limits`."""

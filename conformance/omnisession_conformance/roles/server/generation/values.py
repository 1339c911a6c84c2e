"""Values that actions give: a spec in a program becomes a value of this run, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.model.digest import canonical
from omnisession_conformance.protocol.vocabulary.texts import DATES, LONG_NUMBERS, STRINGS
from omnisession_conformance.protocol.vocabulary.words import FEW
from omnisession_conformance.roles.server.generation.near_ids import SIGNED
from omnisession_conformance.roles.server.generation.twists import RICH_VALUE
from omnisession_conformance.roles.server.generation.world import BAD, HUGE, ODD, PLAIN, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.draws import Draws

SHORT_BYTES = 100
"""Twice such a text and what nobody else has fit into every limit."""
HARD = (
    *FEW,
    *(text for text in STRINGS.values() if len(canonical(text)) <= SHORT_BYTES),
    *LONG_NUMBERS,
    *DATES[:1],
)
"""Texts that programs trip over; they stand before and behind what nobody else has."""
UNKNOWN = (
    "id",
    "author_id",
    "revision",
    "published_at",
    "user_id",
    "created_by",
    "access_count",
    "sent_at",
    "password",
    "__proto__",
    "constructor",
    "ext",
)
"""Names of members that no action has."""
LIMIT_OF = {
    "content": "article_content",
    "target_url": "target_url",
    "title": "article_rest",
    "leading": "article_rest",
}
OWN_LIMIT = {"username": 256, "email": 256}
MOST_BYTES = 160_000
"""Above it a value that is too large would not fit into the largest action."""
_OF_NOBODY: tuple[Any, ...] = ("someone-else", 1_000_000, True, {"a": [1]}, "2020-01-01")
"""Values of members that no action has."""
WRONG_TYPES: tuple[Any, ...] = (7, None, True, ["x"], {"a": 1}, 0.5)


@dataclass(slots=True)
class Values:
    """Makes values of specs, the same spec always the same value."""

    draws: Draws
    limits: Mapping[str, int]
    _made: dict[tuple[str, str], Value] = field(default_factory=dict[tuple[str, str], Value])

    def of(self, member: str, spec: str, kind: str) -> Value:
        """The value of a member by its spec: `plain 3`, `odd 4`, `empty`, `huge`, `edge`, `bad 1`."""
        key = (member, spec)
        if key not in self._made:
            self._made[key] = self._make(member, spec, kind)
        return self._made[key]

    def _make(self, member: str, spec: str, kind: str) -> Value:
        how, _, number = spec.partition(" ")
        if how == "text":
            return Value([number] if member == "tags" else number, ODD)
        n = int(number) if number.isdecimal() else 0
        if how in ("true", "false", "ms", "unknown"):
            return Value(
                {"ms": n, "unknown": _OF_NOBODY[n % len(_OF_NOBODY)]}.get(how, how == "true")
            )
        if how == "rich":
            return Value(RICH_VALUE)
        if how == "bad":
            return self._bad(member, n)
        if how in ("huge", "edge"):
            return self._sized(member, kind, over=how == "huge")
        return self._tags(how, n) if member == "tags" else self._text(member, how, n)

    def _text(self, member: str, how: str, n: int) -> Value:
        if how == "empty":
            return Value("", ODD)
        text = self._long_code() if how == "long" else self._plain(member)
        if how == "odd":
            hard = HARD[n % len(HARD)]
            return Value(f"{hard}{text}{hard}", ODD)
        return Value(text)

    def _long_code(self) -> str:
        """A code longer than most identifiers are: others differ from it behind that."""
        return f"{self.draws.slug()[:24]}{SIGNED}".ljust(48, "x")

    def _plain(self, member: str) -> str:
        if member in ("short_code", "slug"):
            return self.draws.slug()
        if member == "target_url":
            return f"https://example.org/{self.draws.text('url')}"
        if member == "email":
            return self.draws.email()
        word = {"username": "marker", "content": "content"}.get(member, member)
        return self.draws.text(word)

    def _tags(self, how: str, n: int) -> Value:
        if how == "empty":
            return Value([])
        tags = [self.draws.text("tag") for _ in range(1 + n % 3)]
        if how == "odd":
            return Value([*tags, HARD[n % len(HARD)], tags[0]], ODD)
        return Value(sorted(tags, reverse=True))

    def _bad(self, member: str, n: int) -> Value:
        wrong = WRONG_TYPES[n % len(WRONG_TYPES)]
        if member == "tags" and isinstance(wrong, list):
            wrong = "x"
        if member in ("is_active", "active") and isinstance(wrong, bool):
            wrong = "true"
        if member == "ttl_ms" and wrong == 7:
            wrong = "7"
        if member == "short_code" and n % 2:
            wrong = "" if n % 4 == 1 else "x" * 65
        return Value(wrong, BAD)

    def _sized(self, member: str, kind: str, *, over: bool) -> Value:
        name = "chat_content" if kind == "chat" else LIMIT_OF.get(member, "")
        limit = OWN_LIMIT.get(member) or self.limits.get(name, 0)
        if not 0 < limit < MOST_BYTES:
            return Value(self._plain(member))
        text = self._plain(member)
        if name == "article_rest":
            # The other members take a part of it, so that only what is above is known.
            return Value(text.ljust(limit + 1, "x"), HUGE) if over else Value(text)
        # Two bytes are the quotes of its RFC 8785 form.
        return Value(text.ljust(limit - 1 if over else limit - 2, "x"), HUGE if over else PLAIN)

"""Draws what actions say: members, each with the spec of a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation.offering import OF_CREATE
from omnisession_conformance.roles.server.generation.values import HARD, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from omnisession_conformance.roles.server.generation import steps as s
    from omnisession_conformance.roles.server.generation.sketch import ThingS

OF_USERS = ("author_id", "user_id", "created_by")
"""Members that no action has, and that tell of users elsewhere."""
UNSURE = ("bad", "huge", "taken", "swapped", "text", "empty")
"""How specs begin of values that a server may refuse."""


@dataclass(slots=True)
class Giver:
    """Draws what actions give; `texts` are given beside those of the kit, `urls` are there so far."""

    rng: Random
    texts: tuple[str, ...] = ()
    urls: list[ThingS] = field(default_factory=list["ThingS"])

    def spec(self) -> str:
        """The spec of a text."""
        if self.texts and self.rng.random() < 0.2:
            return f"text {self.rng.choice(self.texts)}"
        how = self.rng.choices(("plain", "odd", "empty", "bad"), (16, 4, 1, 1))[0]
        return how if how == "empty" else f"{how} {self.rng.randrange(len(HARD))}"

    def fresh(self) -> str:
        """The spec of a value that nothing else in the program is likely to have."""
        return f"plain {self.rng.randrange(100, 1_000_000)}"

    def good(self, type_: str) -> s.Pairs:
        """What an action of a type says that a server takes, as far as anybody knows."""
        return tuple(
            (name, self.fresh() if spec.startswith(UNSURE) else spec)
            for name, spec in self.of(type_)
        )

    def _some(self, names: Sequence[str], least: int = 0) -> tuple[tuple[str, str], ...]:
        count = self.rng.randint(least, len(names))
        chosen = sorted(self.rng.sample(names, count), key=names.index)
        return tuple((name, self.spec()) for name in chosen)

    def of(self, type_: str) -> s.Pairs:
        """What an action of a type says."""
        give: s.Pairs = ()
        if type_ == "article.create":
            give = (("title", self.spec()), *self._some(OF_CREATE[1:]))
        elif type_ == "article.update":
            give = self._some(OF_CREATE)
        elif type_ in ("chat.send", "chat.edit"):
            huge = self.rng.random() < 0.06
            sized = self.rng.choice(("huge", "edge"))
            give = (("content", sized if huge else self.spec()),)
        elif type_ == "chat.typing":
            give = (("active", self.rng.choice(("true", "true", "false", "false", "bad 1"))),)
            if self.rng.random() < 0.3:
                give = (*give, ("ttl_ms", f"ms {self.rng.choice((5_000, 6_000, 60_000))}"))
        elif type_ == "url.create":
            give = (("target_url", self._address()), *self._codes())
        elif type_ == "url.update":
            give = self._url_changes()
        elif type_ == "user.update":
            give = tuple(self._of_user(n, spec) for n, spec in self._some(("username", "email")))
        if give and not type_.endswith("typing") and self.rng.random() < 0.12:
            name = self.rng.choice(UNKNOWN)
            of_user = name in OF_USERS and self.rng.random() < 0.7
            spec = (
                f"user {self.rng.randrange(4)}" if of_user else f"unknown {self.rng.randrange(5)}"
            )
            give = (*give, (f"+{name}", spec))
        return give

    def _of_user(self, name: str, spec: str) -> tuple[str, str]:
        if self.rng.random() < 0.05:
            return name, "huge"
        # What is looked for in messages to others is nothing that stands in every message.
        return name, "plain 1" if name == "email" and spec.startswith("text") else spec

    def _address(self) -> str:
        how = self.rng.choices(("plain", "odd", "huge", "edge", "bad"), (20, 2, 1, 1, 1))[0]
        return how if how in ("huge", "edge") else f"{how} {self.rng.randrange(len(HARD))}"

    def _codes(self) -> s.Pairs:
        urls = self.urls
        roll = self.rng.random()
        if urls and roll < 0.2:
            how = self.rng.choice(("taken", "taken", "swapped"))
            return (("short_code", f"{how} {self.rng.choice(urls).label}"),)
        if roll < 0.55:
            return (("short_code", f"plain {self.rng.randrange(40)}"),)
        return (("short_code", f"bad {self.rng.randrange(6)}"),) if roll < 0.58 else ()

    def _url_changes(self) -> s.Pairs:
        give: list[tuple[str, str]] = []
        if self.rng.random() < 0.5:
            give.append(("target_url", self._address()))
        if self.rng.random() < 0.5:
            give += self._codes()
        if self.rng.random() < 0.4:
            give.append(("is_active", self.rng.choice(("true", "false"))))
        return tuple(give)

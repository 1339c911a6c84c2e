"""Where a case lies, or keeps something back: a rule in place of one answer, and replies that wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.served import Message
    from omnisession_conformance.roles.client.waiting import Bell

    Rule: TypeAlias = Callable[[Asked], None]
    """Does something in place of the answer to a request, or of what becomes of an action."""


@dataclass(slots=True)
class Override:
    """A rule, for so many of its type; None for all of them."""

    rule: Rule
    left: int | None = None


@dataclass(slots=True)
class Held:
    """A reply that waits: `asked` is what it is to, None as long as nobody has asked."""

    bell: Bell
    truth: Rule
    asked: Asked | None = None
    released: bool = False

    def take(self, asked: Asked) -> None:
        """Keep the answer back; only one, since its override is for one."""
        self.asked = asked
        self.bell.ring()
        if self.released:
            self.truth(asked)

    async def came(self, *, within_s: float) -> bool:
        """Wait until somebody has asked."""
        return await self.bell.until(lambda: self.asked, within_s=within_s) is not None

    def release(self) -> None:
        """Answer now, as is true now; at once where nobody has asked yet."""
        if not self.released and self.asked is not None:
            self.truth(self.asked)
        self.released = True


@dataclass(frozen=True, slots=True)
class Parts:
    """What is true when something is asked: its answer, and the stream that follows."""

    answer: Callable[[], None]
    stream: tuple[Message, ...] = ()


@dataclass(slots=True)
class Kept:
    """A request that has had its effect, with nothing said of it: the parts are said in whatever order."""

    bell: Bell
    prepare: Callable[[Asked], Parts]
    deliver: Callable[[tuple[Message, ...]], None]
    asked: Asked | None = None
    parts: Parts | None = None

    def take(self, asked: Asked) -> None:
        """Let it have its effect; only one, since its override is for one."""
        self.asked, self.parts = asked, self.prepare(asked)
        self.bell.ring()

    async def came(self, *, within_s: float) -> bool:
        """Wait until somebody has asked."""
        return await self.bell.until(lambda: self.parts, within_s=within_s) is not None

    def answer(self) -> None:
        """Say the answer, as it was true when it was asked; nothing where nobody has asked."""
        if self.parts is not None:
            self.parts.answer()

    def stream(self, number: int | None = None) -> None:
        """Say what follows the answer in the stream: so many messages of it, or all; each is said once."""
        if self.parts is not None:
            said = self.parts.stream[:number]
            self.parts = Parts(self.parts.answer, self.parts.stream[len(said) :])
            self.deliver(said)


@dataclass(slots=True)
class Overrides:
    """The rules of a case by type; `actions` stands for actions of any type."""

    by_type: dict[str, list[Override]] = field(default_factory=dict[str, list[Override]])

    def put(self, type_: str, rule: Rule, times: int | None) -> None:
        """Have a rule from now on, after those of its type that are there."""
        self.by_type.setdefault(type_, []).append(Override(rule, times))

    def clear(self, type_: str) -> None:
        """Have none of a type."""
        self.by_type.pop(type_, None)

    def next(self, type_: str) -> Rule | None:
        """The rule for the next of a type, which is used by that."""
        rules = self.by_type.get(type_, [])
        if not rules:
            return None
        first = rules[0]
        if first.left is not None:
            first.left -= 1
            if not first.left:
                rules.pop(0)
        return first.rule

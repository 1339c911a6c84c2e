"""Worlds, actions and outcomes for tests of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.protocol.kinds import KINDS
from omnisession_conformance.roles.server.breaks import HOWS, SIDES
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.hand import Hand
from omnisession_conformance.roles.server.generation.judge import forecast, take
from omnisession_conformance.roles.server.generation.messages import same_action
from omnisession_conformance.roles.server.generation.offering import Offer
from omnisession_conformance.roles.server.generation.outcome import Finding, Sent, Told
from omnisession_conformance.roles.server.generation.world import (
    SessionM,
    UserM,
    Value,
    World,
)

Make: TypeAlias = Callable[[Hand], Iterator[s.Step]]
ACTIONS = frozenset({"session.noop", *(a.type for kind in KINDS for a in kind.actions)})
ALL = tuple(kind.name for kind in KINDS)
EVERYTHING = Offer(ALL, ("events", "digests"), ACTIONS)
FAILING = replace(
    EVERYTHING, breaks=tuple((how, side) for side in SIDES for how in HOWS), restarts=True
)
"""The same of a server whose connection, and that of its clients, can be made to fail in all ways."""
SOON_FULL = replace(EVERYTHING, short=(("chat_messages", 20), ("revisions", 10), ("urls", 20)))
"""The same of a server whose lists are full soon."""
ROLES = ("author", "author", "editor", "reader")


@dataclass(slots=True)
class Bench:
    """A world with four users, one session each; the outcomes of a right server, and any others."""

    world: World = field(default_factory=lambda: World({"revisions": 50, "sessions": 32}, ACTIONS))
    _records: int = 0

    def __post_init__(self) -> None:
        for number, role in enumerate(ROLES):
            self.world.users[number] = UserM(f"user-{number}", role, f"name {number}", None)
            self.open(f"s{number}", number)

    def open(self, name: str, user: int, **how: Any) -> None:
        """A user opens a session."""
        how = {"kinds": ALL, "features": ("events",), "power": user == 2, **how}
        self.world.sessions[name] = SessionM(name, user, f"id-{name}", **how)

    def sent(self, session: str, type_: str, on: str = "", **how: Any) -> Sent:
        """An action under the next number, with an id of its own."""
        given = {n: v if isinstance(v, Value) else Value(v) for n, v in how.pop("give", {}).items()}
        self._records += 1
        name = how.pop("name", f"x{self._records}")
        body = same_action(type_, {n: v.value for n, v in given.items()} | {"on": on}, None)
        last = self.world.sessions[session].last
        usual: dict[str, Any] = {"action_id": f"id-{name}", "seq": last + 1, "at_s": 0.0}
        return Sent(name, session, type_, on, given, body, **usual | how)

    def ack(self, sent: Sent, **how: Any) -> Told:
        """The ack of an action that was applied."""
        named = {"article.create": "article_id", "chat.send": "message_id", "url.create": "url_id"}
        result = {named[sent.type]: f"made-{sent.name}"} if sent.type in named else {}
        usual: dict[str, Any] = {
            "status": "applied",
            "result": result,
            "position": (1, 5, sent.seq),
        }
        return Told(0, "action.ack", **usual | how)

    def nack(self, sent: Sent, code: int, **how: Any) -> Told:
        """A final refusal."""
        placed: dict[str, Any] = {"position": (1, 5, sent.seq)}
        error = {"code": code, "name": "X", "message": "no", "retryable": False}
        return Told(code, "action.nack", error=error, **placed | how)

    def take(self, sent: Sent, told: Told | None = None) -> list[Finding]:
        """Take an outcome; without one that which a right server gives."""
        if told is None:
            code = forecast(self.world, self.world.sessions[sent.session], sent).code
            told = self.ack(sent) if code == 0 else self.nack(sent, code)
        return take(self.world, sent, told)

    def do(self, session: str, type_: str, on: str = "", **how: Any) -> Sent:
        """An action with the outcome of a right server."""
        sent = self.sent(session, type_, on, **how)
        assert not self.take(sent)
        return sent


def again(sent: Sent, **how: Any) -> Sent:
    """A copy."""
    return replace(sent, **how)


def broken(found: list[Finding]) -> set[str]:
    """The requirements that findings name."""
    return {finding.requirement for finding in found}


def holding(seed: int) -> Hand:
    """A hand with two sessions of each user."""
    hand = Hand(Chance(seed), SOON_FULL)
    hand.sketch.roles = ROLES
    for user in (0, 1, 2, 3, 0, 1, 2, 3):
        hand.open(user, everything=True)
    return hand


def motif(make: Make, seed: int) -> list[s.Step]:
    return list(make(holding(seed)))


def parts(steps: list[s.Step]) -> list[s.Step]:
    return [part for step in steps for part in s.parts(step)]

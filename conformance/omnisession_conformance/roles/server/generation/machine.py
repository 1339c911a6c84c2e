"""Runs a program on a live target, and compares what comes with what the model lets come.

It acts through the sessions of a case's context, over whatever connection it is given.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import FixtureTooSmall, KitTooSlow
from omnisession_conformance.protocol.json import maybe_int, objects
from omnisession_conformance.protocol.vocabulary.users import permissions_alike
from omnisession_conformance.roles.server.breaks import CUT, SERVER
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.near_users import near_users
from omnisession_conformance.roles.server.generation.outcome import (
    ACK,
    NONE,
    ODD_ANSWER,
    Finding,
    Sent,
    Told,
)
from omnisession_conformance.roles.server.generation.values import Values
from omnisession_conformance.roles.server.generation.watch import Watch
from omnisession_conformance.roles.server.generation.world import Hole, UserM, World
from omnisession_conformance.roles.server.wires import breaks_of, clients_wire, server_wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.wires import ClientsWire, Wire
    from omnisession_conformance.traffic.publisher import Publisher

EDIT_ANY = "post_edit_any"
COUNTED = ("p10", "p2")
"""Rights that people order otherwise than by code point."""
ALIVE_PART = 3
"""A session is kept alive when so much of its window is over: a third."""


def told_of(answer: Answer | None) -> Told:
    """An answer as a value of the model."""
    if answer is None:
        return Told(NONE)
    code = answer.code
    if code is None:
        refusal = answer.type in ("error", "action.nack", "")
        code = ODD_ANSWER if refusal else ACK
    position = answer.position
    return Told(
        code,
        answer.type,
        answer.status or "",
        answer.result,
        answer.error,
        None if position is None else (*position.head, position.last_action_seq),
        time.monotonic(),
        answer.record.n,
    )


@dataclass(slots=True)
class Tally:
    """What happened in programs: rules, codes, pairs of rules, and judged steps."""

    rules: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[int] = field(default_factory=Counter[int])
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    good: Counter[str] = field(default_factory=Counter[str])
    """By requirement: how often it was seen kept."""
    judged: int = 0
    programs: int = 0

    def rule(self, before: str, rule: str) -> None:
        """Count a step behind another one."""
        self.rules[rule] += 1
        if before:
            self.pairs[before, rule] += 1


@dataclass(slots=True)
class Machine:
    """One run of one program; use once."""

    ctx: Context
    program: s.Program
    publisher: Publisher | None = None
    """The connection that its sessions publish on, None for the one that cases share."""
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list[Finding])
    at: int = 0
    """The number of the step at work, from 1."""
    world: World = field(init=False)
    values: Values = field(init=False)
    users: dict[int, User] = field(default_factory=dict[int, "User"])
    sessions: dict[str, Session] = field(default_factory=dict[str, "Session"])
    watches: dict[str, Watch] = field(default_factory=dict[str, Watch])
    sent: dict[str, tuple[Sent, Mapping[str, Any]]] = field(
        default_factory=dict[str, tuple[Sent, "Mapping[str, Any]"]]
    )
    """By label: the first copy of an action, and its body."""
    signs: dict[str, float] = field(default_factory=dict[str, float])
    """By session: when its client gave the last sign of life."""
    aliens: set[str] = field(default_factory=set[str])
    recent: list[Recent] = field(default_factory=list["Recent"])
    """What happened since all sessions were looked at."""
    pongs: dict[str, Told] = field(default_factory=dict[str, Told])
    fenced_s: float = 0.0
    """When the last pings were sent."""
    gave_up: bool = False
    """Whether the order of a flight was not to be found: what comes after it is not judged."""
    clients: ClientsWire | None = None
    """The connection that its clients publish on, once one was to fail."""
    began_anew: bool = False
    """Whether its server was started again: there may be something of its users from before."""
    _before: str = ""

    def __post_init__(self) -> None:
        declared = self.ctx.declared
        limits = {name: declared.limit(name) for name in LIMITS}
        self.world = World(limits, declared.actions)
        self.values = Values(self.ctx.draws, limits)

    # -- the program ---------------------------------------------------------------------------------

    async def run(self) -> list[Finding]:
        """Play the program to its end, or to the first step that shows something wrong."""
        from omnisession_conformance.roles.server.generation.doing import do, look  # noqa: PLC0415

        self.tally.programs += 1
        if any(isinstance(step, s.Break) for step in self.program.steps):
            # The server is started again for that, so before there is anything.
            await self.wire(SERVER)
        self._users()
        if not self.fresh:
            await self.look_around()
        for number, step in enumerate(self.program.steps, 1):
            self.at = number
            await self.keep_alive()
            self.count(step)
            await do(self, step)
            if self.findings or self.gave_up:
                return self.findings
        self.at += 1
        await look(self, audit=True)
        return self.findings

    async def finish(self) -> None:
        """Take away what others would see of it, and close its sessions, as far as that goes."""
        for user in self.world.users:
            live = [self.sessions[one.name] for one in self.world.live(user)]
            if not live:
                continue
            for model in self.world.sessions.values():
                session = self.sessions[model.name]
                if model.user == user and session is not live[0]:
                    for kind, ids in session.created.items():
                        live[0].created[kind] += ids
                    session.created.clear()
            first = next(self.world.live(user))
            live[0].next_seq = first.last + 1
            await live[0].remove_created()
            for session in live:
                session.leave_open = True
                await session.send("session.close")

    async def wire(self, side: str) -> Wire | None:
        """The connection of a side; None where the kit cannot let it fail."""
        if (CUT, side) not in breaks_of(self.ctx.run):
            return None
        if side == SERVER:
            return await server_wire(self.ctx)
        if self.clients is None:
            self.clients = await clients_wire(self.ctx)
        return self.clients

    def count(self, step: s.Step) -> None:
        """Count a step, and the actions within it."""
        rule = s.rule_of(step)
        self.tally.rule(self._before, rule)
        self._before = rule
        for part in s.parts(step):
            if part is not step:
                self.tally.rule("", s.rule_of(part))

    def _users(self) -> None:
        near = self._near_ids()
        for number, role in enumerate(self.program.users):
            try:
                user = self.ctx.user(role, user_id=near.get(number))
            except FixtureTooSmall:
                if not self.users and number + 1 == len(self.program.users):
                    raise
                continue
            self.users[number] = user
            self.world.users[number] = self._user(number, user.id, role)

    def _near_ids(self) -> dict[int, str]:
        """By number the ids that users are to have."""
        if not self.program.ids or not self.fresh:
            return {}
        count = len(self.program.users)
        return dict(enumerate(near_users(self.ctx.draws, self.program.ids, count)))

    def _user(self, number: int, id_: str, role: str) -> UserM:
        return UserM(id_, role, Hole(("user", number, "name")), Hole(("user", number, "email")))

    def begin_anew(self) -> dict[str, Session]:
        """Forget all that a server may have forgotten; returns the sessions that were live."""
        live = {model.name: self.sessions[model.name] for model in self.world.live()}
        users = self.world.users
        self.__post_init__()
        for number, user in users.items():
            self.world.users[number] = self._user(number, user.id, user.role)
        for kept in (self.sessions, self.watches, self.sent, self.signs, self.pongs):
            kept.clear()
        self.recent.clear()
        self.began_anew = True
        return live

    async def look_around(self) -> None:
        """Learn what users have from before: no program is judged by it."""
        for user in self.users.values():
            session = await self.ctx.open(user, kinds=self.served, features=("events",))
            for kind, name, by in FROM_BEFORE:
                if kind in session.kinds:
                    entries = objects(session.slice(kind).get(name))
                    self.aliens |= {str(one.get("id")) for one in entries if by(one, user.id)}
            await session.close()
            session.leave_open = True

    # -- small ones ----------------------------------------------------------------------------------

    @property
    def fresh(self) -> bool:
        """Whether its users were made for it."""
        return self.ctx.fixture.mints

    def power(self, user: int, asked: bool) -> bool:
        """Whether a session of a user may edit everything."""
        held = EDIT_ANY in self.ctx.fixture.config.rights.get("editor", ())
        if self.world.users[user].role == "editor":
            return held or not self.fresh
        return asked and self.fresh and held

    def token(self, user: int, *, power: bool, alike: bool = False) -> str | None:
        """A token with or without the right, or with those that look alike; None for the usual one."""
        if alike and self.fresh:
            known = self.users[user]
            claims = {"sub": known.id, "name": known.username, "email": known.email}
            return self.ctx.fixture.sign(
                {**claims, "perm": [*permissions_alike(EDIT_ANY), *COUNTED]}
            )
        if not self.fresh or not power or self.world.users[user].role == "editor":
            return None
        return self.ctx.fixture.empowered(self.users[user])

    def find(self, *found: Finding) -> None:
        """Note what is wrong."""
        self.findings.extend(found)

    def good(self, requirement: str) -> None:
        """Note that a requirement was seen kept."""
        self.tally.good[requirement] += 1

    def judged(self, told: Told) -> None:
        """Count an outcome or answer."""
        self.tally.judged += 1
        self.tally.codes[told.code] += 1

    def coalesce_ms(self, name: str) -> int:
        """How long a session's states may be held back."""
        return self.sessions[name].timers.get("coalesce_ms", 0)

    def sign(self, name: str) -> None:
        """Note a sign of life of a session."""
        self.signs[name] = time.monotonic()

    async def keep_alive(self, but: str = "") -> None:
        """Ping the sessions with a short window; KitTooSlow where it may be over."""
        for session in list(self.world.live()):
            silent_ms = (time.monotonic() - self.signs[session.name]) * 1_000
            if session.name == but or silent_ms * ALIVE_PART < session.window_ms:
                continue
            if silent_ms + self.ctx.late_ms > session.window_ms * 0.9:
                raise KitTooSlow("the kit was too slow to keep a session alive")
            self.sign(session.name)
            await self.sessions[session.name].ask("session.ping")

    def kinds(self, asked: Sequence[str]) -> tuple[str, ...]:
        """The kinds of those asked for that the target serves, at least one."""
        served = tuple(kind for kind in asked if kind in self.served)
        return served or (self.ctx.declared.cheapest_kind,)

    @property
    def served(self) -> tuple[str, ...]:
        """The kinds that the target serves, and that there is room to judge."""
        cramped = self.ctx.declared.cramped()
        return tuple(kind for kind in self.ctx.declared.kinds if kind not in cramped)

    def watch(self, name: str) -> Watch:
        """What a session shows, brought up to date."""
        watch = self.watches[name]
        watch.follow()
        return watch

    def revision(self, label: str, place: int) -> int | None:
        """The number of a revision of an article, once it was shown."""
        return maybe_int(self.world.known.get(Hole((label, "revision", place)).key))


@dataclass(frozen=True, slots=True)
class Recent:
    """A step that has happened, and the requirement that it was judged by."""

    what: str
    session: str
    label: str = ""
    requirement: str = ""
    refused: bool = False


def _anybodys(_: Mapping[str, Any], __: str) -> bool:
    return True


def _authors(entry: Mapping[str, Any], user: str) -> bool:
    return user in (entry.get("author_id"), entry.get("user_id"))


FROM_BEFORE = (
    ("articles", "articles", _authors),
    ("chat", "messages", _authors),
    ("url", "urls", _anybodys),
)
"""Lists in which there may be something of a user from before, and whether an entry is of that user."""
LIMITS = (
    "article_content",
    "article_rest",
    "chat_content",
    "target_url",
    "articles",
    "revisions",
    "editors",
    "urls",
    "chat_messages",
    "participants",
    "sessions",
)

"""What a case is handed: users, sessions, observations. Nothing in it belongs to another case."""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import FixtureTooSmall, KitTooSlow, Prerequisite
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.protocol.verdict import CheckId, Observation, Outcome
from omnisession_conformance.roles.server.reply import ENOUGH_SESSIONS
from omnisession_conformance.roles.server.session import Session
from omnisession_conformance.traffic.publisher import Publisher, open_publisher
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.fixture import Fixture, User
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.traffic.log import Log

TEXT_LIMIT = 600
"""Longest text of an expected or seen value: what people can compare at a glance."""
Evidence = "Answer | Record | None"


def show(value: Any) -> str:
    """A value as short text for a report; strings as they are, everything else as JSON."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, Position):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… ({len(text)} characters)"


@dataclass(slots=True)
class Context:
    """One case's view of the run.

    Cases act through sessions and report through `check`, `equal`, `refused` and `absent`; these
    collect, so that a case shows all that is wrong, not only the first. `require` and the steps of
    `Session` raise Prerequisite where there is nothing left to judge. Cases reach the run through its
    members alone; `run` is for the role.
    """

    run: Run
    case: Case[Context]
    published: set[str] = field(default_factory=set[str])
    """Articles that cases of the run asked to be published: shared by all of them."""
    observations: list[Observation] = field(default_factory=list[Observation])
    users: list[User] = field(default_factory=list["User"])
    sessions: list[Session] = field(default_factory=list[Session])
    publishers: list[Publisher] = field(default_factory=list[Publisher])
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # -- parts --------------------------------------------------------------------------------------

    @property
    def log(self) -> Log:
        """The log of the run."""
        return self.run.log

    @property
    def declared(self) -> Declared:
        """What the target declared of itself."""
        return self.run.declared

    @property
    def tag(self) -> str:
        """The mark that is in every id of the run, for names that nobody else uses."""
        return self.run.tag

    @property
    def target(self) -> Target:
        """The server, to be stopped and started."""
        return self.run.target

    @property
    def fixture(self) -> Fixture:
        """What users and tokens there may be."""
        return self.run.fixture

    @property
    def publisher(self) -> Publisher:
        """The publishing connection that cases share."""
        return self.run.publisher

    @property
    def checker(self) -> Checker:
        """Judges bodies by their schema."""
        return self.run.tap.checker

    @property
    def private_prefixes(self) -> tuple[str, ...]:
        """Subjects that the configuration declares as the server's own."""
        return self.run.private_prefixes

    @property
    def shared_broker(self) -> bool:
        """Whether others may use the broker, too."""
        return self.run.ledger.shared_broker

    @property
    def answer_s(self) -> float:
        """How long to wait for an answer or outcome, in seconds."""
        return self.run.clock.answer_s

    @property
    def margin_s(self) -> float:
        """What a bound of the protocol is stretched by, in seconds, before something counts as absent."""
        return self.run.clock.margin_s

    def within(self, milliseconds: float) -> float:
        """How long to wait, in seconds, for something that must come within a time of the protocol."""
        return self.run.clock.within(milliseconds)

    async def settle(self) -> None:
        """Return when everything that the broker had for the tap so far is in the log."""
        await self.run.tap.settle()

    def user(self, role: str = "author", *, user_id: str | None = None) -> User:
        """A user of this case alone; `user_id` needs a fixture that mints (`fixture:mint`).

        Raises Prerequisite when the fixture has no such user left.
        """
        fixture = self.run.fixture
        if fixture.mints:
            user = fixture.mint(self.case.name, role, next(self._numbers), user_id)
        else:
            try:
                user = fixture.borrow(role, self.users)
            except LookupError as error:
                raise FixtureTooSmall(str(error)) from error
        self.users.append(user)
        return user

    def session(
        self, user: User, session_id: str | None = None, *, publisher: Publisher | None = None
    ) -> Session:
        """A session of a user that has not been opened yet."""
        id_ = session_id or f"{self.run.tag}{secrets.token_hex(16)}"
        self.run.ledger.own(user.id, id_, self.case.name)
        session = Session(
            log=self.log,
            user=user,
            id=id_,
            run=self.run,
            publisher=publisher or self.run.publisher,
            case=self.case.name,
            published=self.published,
        )
        self.sessions.append(session)
        return session

    async def open(
        self,
        user: User,
        *,
        kinds: Sequence[str] | None = None,
        features: Sequence[str] = (),
        timers: Mapping[str, int] | None = None,
        session_id: str | None = None,
        publisher: Publisher | None = None,
    ) -> Session:
        """Open a session and wait until its first states are in the log; else Prerequisite."""
        session = self.session(user, session_id, publisher=publisher)
        answer = await session.open(kinds=kinds, features=features, timers=timers)
        start = answer.position_or_stop(
            "session.opened", self.declared.limit("sessions", ENOUGH_SESSIONS)
        )
        await session.reach(Position(start.epoch, start.seq + len(session.kinds)))
        return session

    async def private_publisher(self) -> Publisher:
        """A publishing connection of this case alone, for traffic that may cost the connection."""
        publisher = await open_publisher(
            self.run.url, self.run.options, self.run.ledger, f"case {self.case.name}"
        )
        self.publishers.append(publisher)
        return publisher

    async def fences(self, *sessions: Session) -> list[Position]:
        """Fence several sessions."""
        return [await session.fence() for session in sessions]

    async def receivers(self, subject: str) -> list[dict[str, Any]]:
        """Who would receive a message on a subject, as the broker tells it (trace-only, ADR-41).

        Each is the broker's egress object (`kind`, `cid`, `name`, `sub`, `queue`), without the kit's
        own connections. Raises Prerequisite where the broker tells nothing.
        """
        answer_subject = f"{self.run.trace_prefix}{next(self._numbers)}{secrets.token_hex(4)}"
        await self.run.publisher.probe(subject, answer_subject)

        def find() -> Record | None:
            came = self.log.on(answer_subject)
            return came[0] if came else None

        record = await self.log.wait((answer_subject,), find, timeout_s=self.run.clock.answer_s)
        if record is None or record.body is None:
            raise Prerequisite(
                "the broker does not answer trace-only probes (nats-server ≥ 2.11 does)"
            )
        return egresses(record.body, self.run.own_connections())

    def tok(self, id_: str) -> str:
        """The subject token of an id."""
        return tok(id_)

    # -- observations ---------------------------------------------------------------------------------

    def check(
        self,
        requirement: str,
        good: bool,
        *,
        expected: Any,
        seen: Any,
        on: Answer | Record | Iterable[Answer | Record] | None = None,
        pointer: str | None = None,
        why: str = "",
    ) -> bool:
        """Observe whether something is as a requirement says; returns `good`.

        `on` names the records that show it, the one to blame first.
        """
        self._observe(
            requirement,
            Outcome.OK if good else Outcome.BROKEN,
            expected=show(expected),
            seen=show(seen),
            records=_numbers_of(on),
            pointer=pointer,
            why=why,
        )
        return good

    def equal(
        self,
        requirement: str,
        expected: Any,
        seen: Any,
        *,
        on: Answer | Record | Iterable[Answer | Record] | None = None,
        pointer: str | None = None,
        why: str = "",
    ) -> bool:
        """Observe whether a value equals what a requirement says, as JSON values do."""
        return self.check(
            requirement,
            same(expected, seen),
            expected=expected,
            seen=seen,
            on=on,
            pointer=pointer,
            why=why,
        )

    def refused(self, requirement: str, answer: Answer | None, *codes: int, why: str = "") -> bool:
        """Observe a refusal with one of some codes; no answer at all is an absence."""
        wanted = f"a refusal with {' or '.join(str(code) for code in codes)}"
        if answer is None:
            return self.absent(requirement, expected=wanted, why=why)
        return self.check(
            requirement,
            answer.code in codes,
            expected=wanted,
            seen=str(answer),
            on=answer,
            pointer="/data/error/code",
            why=why,
        )

    def acked(
        self, requirement: str, answer: Answer | None, *, status: str | None = None, why: str = ""
    ) -> bool:
        """Observe an ack, of one status if it is named."""
        wanted = f"action.ack ({status})" if status else "action.ack"
        if answer is None:
            return self.absent(requirement, expected=wanted, why=why)
        good = answer.acked and status in (None, answer.status)
        return self.check(requirement, good, expected=wanted, seen=str(answer), on=answer, why=why)

    def absent(
        self,
        requirement: str,
        *,
        expected: Any,
        waited_s: float = 2.0,
        on: Answer | Record | Iterable[Answer | Record] | None = None,
        why: str = "",
    ) -> bool:
        """Observe that something that had to come did not; returns False."""
        late = self.run.clock.blames_nobody(waited_s)
        self._observe(
            requirement,
            Outcome.LATE if late else Outcome.ABSENT,
            expected=show(expected),
            seen="nothing in its time",
            records=_numbers_of(on),
            why=why or ("the machine was too slow to tell" if late else ""),
        )
        return False

    def require(self, good: bool, reason: str) -> None:
        """Stop the case where a step that it builds on did not happen."""
        if not good:
            raise Prerequisite(reason)

    def in_time(self, good: bool, reason: str) -> None:
        """Stop the case where the kit itself was too slow to judge anything."""
        if not good:
            raise KitTooSlow(reason)

    def _observe(self, requirement: str, outcome: Outcome, **what: Any) -> None:
        if requirement not in self.case.requirements:
            raise ValueError(f"case {self.case.name} does not say that it observes {requirement}")
        check = CheckId(requirement, self.case.name)
        self.observations.append(Observation(check, outcome, case=self.case.name, **what))


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: numbers and booleans are never equal, member order means nothing."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(  # pyright: ignore[reportUnknownArgumentType]
            same(a, b)
            for a, b in zip(one, other, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        )
    return bool(one == other)


def _numbers_of(on: Answer | Record | Iterable[Answer | Record] | None) -> tuple[int, ...]:
    if on is None:
        return ()
    if isinstance(on, Record):
        return (on.n,)
    record = getattr(on, "record", None)
    if isinstance(record, Record):
        return (record.n,)
    return tuple(number for item in on for number in _numbers_of(item))  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType]


def egresses(trace: Mapping[str, Any], own: frozenset[int]) -> list[dict[str, Any]]:
    """The receivers that a broker's trace message lists, without the connections of the kit."""
    events: list[dict[str, Any]] = trace.get("events") or []
    return [e for e in events if e.get("type") == "eg" and e.get("cid") not in own]

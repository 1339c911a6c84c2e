"""What a case is handed: users, sessions, observations. Nothing in it belongs to another case."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.context import CaseContext
from omnisession_conformance.engine.receivers import not_told, receivers
from omnisession_conformance.engine.stops import FixtureTooSmall, Prerequisite
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.server.session import Session
from omnisession_conformance.roles.server.target import instances_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from omnisession_conformance.environment.draws import Chance
    from omnisession_conformance.environment.fixture import Fixture
    from omnisession_conformance.environment.nodes import Nodes
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.protocol.verdict import CheckId
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.target import Instances
    from omnisession_conformance.traffic.publisher import Publisher


@dataclass(slots=True)
class Context(CaseContext):
    """What a case for servers is handed.

    Cases act through sessions, and report what they observe. The steps of `Session` raise
    Prerequisite, as `require` does, where there is nothing left to judge.
    """

    published: set[str] = field(default_factory=set[str])
    """What cases of the run have made or published for others to see: shared by all of them."""
    failing: dict[str, CheckId] = field(default_factory=dict[str, "CheckId"])
    """By type of actions the check of the plain case that found it to fail: shared by all, too."""
    users: list[User] = field(default_factory=list["User"])
    sessions: list[Session] = field(default_factory=list[Session])
    publishers: list[Publisher] = field(default_factory=list["Publisher"])
    put_back: dict[str, tuple[str, dict[str, Any]]] = field(
        default_factory=dict[str, tuple[str, dict[str, Any]]]
    )
    """By id of a lent user the action that makes it again what it was before the case."""
    chance: Chance = field(init=False)
    """By which its sessions are given to the client programs of the run."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.chance = self.run.draws.rng("case", self.case.name)

    # -- parts --------------------------------------------------------------------------------------

    @property
    def target(self) -> Target:
        """The server, to be stopped and started."""
        return self.run.target

    @property
    def instances(self) -> Instances:
        """The server, whose instances are ended and started one by one; Prerequisite where it has none."""
        return instances_of(self.run)

    @property
    def nodes(self) -> Nodes:
        """The nodes of the broker, which are ended and started one by one; Prerequisite where none is."""
        if self.run.nodes is None:
            raise Prerequisite("no node of the broker may end")
        return self.run.nodes

    def disturbed(self, what: str) -> AbstractContextManager[None]:
        """While this lasts nothing is late or missing, as instances are ended; see `Run.disturbed`."""
        return self.run.disturbed(what)

    def target_is_back(self) -> None:
        """Note that the server is there again, where it was gone as a whole."""
        self.run.target_is_back()

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
        app = self.draws.app(self.chance)
        id_ = session_id or self.draws.session_id(app)
        self.run.ledger.own(user.id, id_, self.case.name)
        session = Session(
            log=self.log,
            user=user,
            id=id_,
            run=self.run,
            publisher=publisher or self.run.publisher,
            case=self.case.name,
            app=app,
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
        start = answer.position_or_stop("session.opened")
        await session.reach(Position(start.epoch, start.seq + len(session.kinds)))
        return session

    async def private_publisher(self) -> Publisher:
        """A publishing connection of this case alone, for traffic that may cost the connection."""
        publisher = await self.run.publisher.another(f"case {self.case.name}")
        self.publishers.append(publisher)
        self.run.of_cases.append(publisher)
        return publisher

    async def fences(self, *sessions: Session) -> list[Position]:
        """Fence several sessions."""
        return [await session.fence() for session in sessions]

    async def receivers(self, subject: str) -> list[dict[str, Any]]:
        """Who would receive a message on a subject, as the broker tells it (trace-only, ADR-41).

        Each is the broker's egress object (`kind`, `cid`, `name`, `sub`, `queue`), without the kit's
        own connections. Raises Prerequisite where the broker does not tell them all.
        """
        told = await receivers(self.run, subject, timeout_s=self.run.clock.answer_s)
        if not told.clients:
            # Of what the kit may not publish there is no receiver: the broker has said so by now.
            await self.run.publisher.flush()
            self.run.rights.require(subject)
        if told.untold is not None:
            raise not_told(self.run, f"the broker does not tell who receives this: {told.untold}")
        return list(told.clients)

    def tok(self, id_: str) -> str:
        """The subject token of an id."""
        return tok(id_)

    # -- observations ---------------------------------------------------------------------------------

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

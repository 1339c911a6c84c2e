"""A third role, made up: robots, which are clients of a kind, with requirements and cases of their own."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nats.errors import NoRespondersError
from tests.kit.core.toy_client import DONE, GO, SUBJECT

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.context import CaseContext
from omnisession_conformance.engine.role import Found, NullTarget, RunFacts
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.engine.sweep import Rule, Sweep
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.registry import Registry, Requirement, load_registry
from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.protocol.verdict import SWEEP, CheckId
from omnisession_conformance.traffic.connection import connect
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats.aio.client import Client

    from omnisession_conformance.engine.blame import NeverWorks
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.traffic.record import Record

ROBOT = "robot"
SURVIVES = CheckId("TOY-001", SWEEP)
COMMAND = (sys.executable, str(Path(__file__).with_name("toy_client.py")))


def requirement(id_: str, level: str = "MUST", role: str = ROBOT) -> Requirement:
    """An entry of the registry that the protocol does not have."""
    return Requirement(
        id=id_,
        level=level,
        role=role,
        profile="core",
        title=f"What {id_} asks for",
        text=f"A robot MUST do what {id_} asks for.",
        spec=f"robots.md#{id_.lower()}",
        since="1.0",
        observe="case",
    )


def registry() -> Registry:
    """The protocol's requirements, with two of robots among them."""
    real = load_registry()
    mine = (requirement("TOY-001"), requirement("TOY-002"))
    return Registry(real.version, (*real.requirements[:3], *mine, *real.requirements[3:]))


@dataclass(slots=True)
class Stage(CaseContext):
    """What a case of a robot is handed: the kit is the server."""

    async def say(self, subject: str, body: dict[str, Any] | bytes, reply: str = "") -> None:
        """Publish something as the server."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        publisher = self.run.publisher
        await publisher.publish(subject, raw, reply=reply, case=self.case.name)

    async def hears(self, subject: str) -> Record:
        """The first message of the client on a subject; Prerequisite where none comes."""

        def find() -> Record | None:
            came = self.log.on(subject)
            return next((r for r in came if r.party is Party.TARGET), None)

        found = await self.log.wait((subject,), find, timeout_s=self.answer_s)
        if found is None:
            raise Prerequisite(f"nothing came on {subject}")
        return found


async def opens(stage: Stage) -> None:
    """The client asks to open a session, and takes the answer."""
    await stage.say(GO, b"go")
    request = await stage.hears(SUBJECT)
    stage.equal("TOY-001", "session.open", request.type, on=request)
    await stage.say(request.reply, {"v": "1.0", "type": "session.opened"})
    await stage.hears(DONE)


async def closes(stage: Stage) -> None:
    """The client closes its session, which this one never does."""
    closed = any(r.type == "session.close" for r in stage.log.records)
    stage.check("TOY-002", closed, expected="session.close", seen="no such request")


@dataclass(frozen=True, slots=True)
class Asked:
    """A run as this role reads it: what clients asked, and what servers answered."""

    requests: tuple[Record, ...]
    answers: tuple[Record, ...]
    facts: RunFacts


def judge_requests(asked: Asked, sweep: Sweep) -> None:
    """Judges that every request has a type."""
    for record in asked.requests:
        sweep.judge("TOY-001", bool(record.type), record, expected="a type", seen=record.type)


@dataclass(slots=True)
class ToyDriver:
    """Drives the client, and notes what the engine asked of it."""

    run: Run
    asked: list[str] = field(default_factory=list[str])

    async def look(self) -> tuple[Finding, ...]:
        return ()

    async def deaf_to(self) -> str | None:
        return None

    async def start(self) -> None:
        self.asked.append("start")
        await self.run.target.start()

    async def probe(self) -> Found:
        self.asked.append("probe")
        await self._ready()
        return Found(Declared(server="toy", version="1"), "2.0.0", 0.001)

    async def _ready(self) -> None:
        client = await connect(self.run.access, name="toy probe")
        try:
            async with asyncio.timeout(20):
                while not await self._listens(client):
                    if not self.run.target.running:
                        raise TargetError(self.run.target.tail())
        finally:
            await client.close()

    async def _listens(self, client: Client) -> bool:
        try:
            await client.request(GO, b"ready?", 2)
        except NoRespondersError:
            return False
        return True

    async def revive(self) -> None:
        self.asked.append("revive")
        await self.run.target.start()

    async def watch(self, lose: Callable[[str], None]) -> None:
        del lose

    def at_a_time(self) -> int:
        return 1

    def context(self, case: Case[Stage]) -> Stage:
        return Stage(self.run, case)

    async def leave(self, context: Stage) -> None:
        self.asked.append(f"leave {context.case.name}")

    def abandon(self, context: Stage) -> None:
        self.asked.append(f"abandon {context.case.name}")

    async def settle(self) -> None:
        self.asked.append("settle")

    def refuses_for_now(self, record: Record) -> bool:
        return record.type == "busy"

    def lets_pass(self, context: Stage) -> bool:
        return context.case.name == "lets-pass"

    def never_works(self) -> tuple[NeverWorks, ...]:
        return ()

    def crowded(self, context: Stage) -> bool:
        return context.case.name == "crowded"

    def facts(self) -> RunFacts:
        return RunFacts(self.run.declared.profiles, self.run.outages())


@dataclass(slots=True)
class ToyRole:
    """Robots, in a few lines."""

    name: str = ROBOT
    side: Side = Side.CLIENT
    binds: frozenset[str] = frozenset({ROBOT})
    whole: bool = True
    profiles: tuple[str, ...] = ("core", "hybrid")
    survives: CheckId = SURVIVES
    cases: tuple[Case[Stage], ...] = (
        Case("opens", ("TOY-001",), opens, title="A robot opens a session."),
        Case("closes", ("TOY-002",), closes, alone=True, title="A robot closes its session."),
    )
    rules: tuple[Rule[Asked], ...] = (Rule("requests", ("TOY-001",), judge_requests),)
    drivers: list[ToyDriver] = field(default_factory=list[ToyDriver])

    def target(self, settings: Settings) -> Target:
        return SpawnedTarget(settings.command or (), dict(settings.env))

    def drive(self, run: Run) -> ToyDriver:
        self.drivers.append(ToyDriver(run))
        return self.drivers[-1]

    def read(self, records: Sequence[Record], facts: RunFacts) -> Asked:
        control = [r for r in records if r.address.family == "control"]
        return Asked(
            tuple(r for r in control if r.side is Side.CLIENT),
            tuple(r for r in records if r.side is Side.SERVER and r.address.family == "reply"),
            facts,
        )

    def nulls(self, command: Sequence[str]) -> tuple[NullTarget, ...]:
        return (NullTarget("mute", "A robot that says nothing.", (*command, "--mute")),)

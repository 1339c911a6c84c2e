"""A user of the client who acts: what the client takes, and what of it is said on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object, as_text
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.roles.client.actor import OPEN, Actor
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.asked import inner
from omnisession_conformance.roles.client.steps.deeds import Deed, Maker, kind_of, takes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.puppet.terms import Terms
    from omnisession_conformance.roles.client.testee.messages import Report

FAMILIES = frozenset({"actions", "chat", "edit"})
"""The subjects that actions are on."""
NOT_NOW = ("busy", "not_live")
"""Right answers of a client that keeps nothing pending: it is asked again when it may take the next."""
TAKES_WITHIN_S, AGAIN_S = 10.0, 0.005
TRIES_EVERY_S = 0.05
"""Far more often than a client pings, be the machine a busy one."""
PENDING = "hybrid"


@dataclass(frozen=True, slots=True)
class Act:
    """An action that was dispatched: its id where it was told, or why the client refused it."""

    deed: Deed
    since: int
    action_id: str | None = None
    refused: str | None = None


@dataclass(slots=True)
class Acts:
    """What the user of one session does."""

    actor: Actor
    maker: Maker
    found: set[str] = field(default_factory=set[str])
    """Ids of actions on the wire that belong to a dispatch."""

    @property
    def keeps_pending(self) -> bool:
        """Whether the client takes any number of actions at a time."""
        return PENDING in self.actor.ctx.declared.profiles

    # -- doing

    async def deed(self, type_: str | None = None) -> Deed:
        """The next action; what it is about is there, and the client has seen it."""
        made: list[str] = []

        def target(kind: str, list_: str) -> str:
            before = self._ids(kind, list_)
            self.actor.step(kind=kind)
            made.append(kind)
            # Each about another one: what is done to the same twice cannot be told apart.
            return next(id_ for id_ in self._ids(kind, list_) if id_ not in before)

        deed = self.maker.next(target, type_)
        if made:
            await self.actor.stage.caught_up(self.actor.served)
        return deed

    def _ids(self, kind: str, list_: str) -> list[str]:
        """The ids of a list, in its order."""
        return [as_text(one["id"]) for one in self.actor.puppet.world.slices[kind][list_]]

    async def dispatch(self, deed: Deed, expect: Mapping[str, Any] | None = None) -> Act:
        """Dispatch once, and take whatever comes of it."""
        since = self.actor.mark()
        told = await self.actor.dispatch(deed.type, deed.data, expect)
        return Act(deed, since, told.action_id, told.refused)

    async def act(
        self,
        deed: Deed | None = None,
        expect: Mapping[str, Any] | None = None,
        *,
        within_s: float = TAKES_WITHIN_S,
    ) -> Act:
        """Dispatch, again and again as long as the client may not take the next action yet."""
        deed = deed or await self.deed()
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        while (
            act := await self.dispatch(deed, expect)
        ).refused in NOT_NOW and loop.time() < until_s:
            if self.keeps_pending:
                break
            await asyncio.sleep(AGAIN_S)
        return act

    async def acted(
        self, deed: Deed | None = None, expect: Mapping[str, Any] | None = None
    ) -> tuple[Act, Seen]:
        """Dispatch, and wait until it is said; Prerequisite where it is not."""
        act = await self.act(deed, expect)
        if act.refused is not None:
            raise Prerequisite(
                f"the client takes no {act.deed.type} here: it says {act.refused} (HYB-016)"
            )
        said = await self.said(act, within_s=TAKES_WITHIN_S)
        if said is None:
            raise Prerequisite(f"the client has taken a {act.deed.type}, and does not send it")
        return replace(act, action_id=id_of(said)), said

    # -- what is said of it

    def copies(self, act: Act) -> list[Seen]:
        """All that is said of an action, in its order; what a later session says of it as well."""
        fits = self.like(act)
        if not act.deed.form.alike:
            return fits
        # One of these is like another: the id tells, or the first that belongs to none before.
        mine = act.action_id or next(
            (id_ for one in fits if (id_ := id_of(one)) not in self.found), None
        )
        return [one for one in fits if id_of(one) == mine]

    def like(self, act: Act) -> list[Seen]:
        """All actions on the wire that do the same, and came after its dispatch."""
        said = [one for one in self.actor.gate.seen[act.since :] if is_action(one)]
        return [one for one in said if act.deed.is_in(whole(one))]

    async def said(self, act: Act, number: int = 1, *, within_s: float) -> Seen | None:
        """The n-th copy of an action, as soon as it is said; None where it is not."""

        def find() -> Seen | None:
            copies = self.copies(act)
            return copies[number - 1] if len(copies) >= number else None

        found = await self.actor.stage.bell.until(find, within_s=within_s)
        if found is not None:
            self.found.add(id_of(found))
        return found

    async def done(self, said: Seen, *, within_s: float = TAKES_WITHIN_S) -> bool:
        """Wait until an action counts at the server."""
        served, number = self.actor.served, number_of(said)
        return await self.actor.until(
            lambda: number is not None and served.counted >= number, within_s=within_s
        )

    # -- what the user is told

    async def told(self, said: Seen, *, within_s: float) -> dict[str, Any] | None:
        """What the user is told of an action that has failed; None where that is nothing."""

        def find(report: Report) -> dict[str, Any] | None:
            wanted = id_of(said)
            return next((one for one in report.refused if one.get("action_id") == wanted), None)

        report = await self.actor.stage.reported_of(
            "refused", lambda found: find(found) is not None, within_s=within_s
        )
        return None if report is None else find(report)

    async def is_given_up(self, said: Seen, *, within_s: float = 2.0) -> bool:
        """Whether the user is told that nobody knows what became of an action."""
        told = await self.told(said, within_s=within_s)
        return told is not None and told.get("reason") == "given_up"

    def opens_since(self, since: int) -> list[Seen]:
        """New sessions that the client has asked for since a mark."""
        before = {as_object(one.body).get("session_id") for one in self.actor.gate.seen[:since]}
        opens = self.actor.said(OPEN, since=since)
        return [one for one in opens if as_object(one.body).get("session_id") not in before]


def is_action(one: Seen) -> bool:
    """Whether it is on a subject of actions."""
    return bool(one.subject) and classify(one.subject).family in FAMILIES


def whole(one: Seen) -> dict[str, Any]:
    """The body of an action with its data in one place, whatever subject it was on."""
    return inner(classify(one.subject).family, as_object(one.body))


def id_of(one: Seen) -> str:
    """The id of an action."""
    return as_text(as_object(one.body).get("action_id"))


def number_of(one: Seen) -> int | None:
    """The number of an action, None where it is no integer."""
    number = as_object(one.body).get("client_seq")
    return number if type(number) is int else None


def session_of(one: Seen) -> str:
    """The session that an action names."""
    return as_text(as_object(one.body).get("session_id"))


async def acting(
    ctx: Context,
    features: tuple[str, ...] | None = None,
    *,
    types: int = 2,
    timers: Mapping[str, int] | None = None,
    terms: Terms | None = None,
    beside: Actor | None = None,
    before: Callable[[Gate, Puppet], None] | None = None,
) -> Acts:
    """Start a session that is live, with so many types of actions, whatever these are."""
    known = takes(ctx.declared.actions)[:types]
    kinds = tuple(dict.fromkeys(kind for type_ in known if (kind := kind_of(type_))))
    if CORE not in ctx.declared.profiles:
        kinds = kinds[:1]
    actor = await ctx.live(
        kinds, features, timers=timers, terms=terms, beside=beside, before=before
    )
    return acts_of(actor, types)


def acts_of(actor: Actor, types: int = 2) -> Acts:
    """What the user of a session may do."""
    known = takes(actor.ctx.declared.actions, actor.served.kinds)
    ctx = actor.ctx
    ctx.require(bool(known), "dispatch takes no type of action that the kit can make here")
    ways = known[:types]
    return Acts(actor, Maker(ways, lambda: secrets.token_hex(6)))


@contextlib.asynccontextmanager
async def trying_on(acts: Acts, deed: Deed) -> AsyncGenerator[None]:
    """Let the user do the same again and again, for the length of the block."""
    trying = asyncio.create_task(_try(acts, deed))
    try:
        yield
    finally:
        trying.cancel()
        await asyncio.wait([trying])


async def _try(acts: Acts, deed: Deed) -> None:
    while True:
        await acts.dispatch(deed)
        # Nothing is waited for: this is the pace at which the user tries.
        await asyncio.sleep(TRIES_EVERY_S)

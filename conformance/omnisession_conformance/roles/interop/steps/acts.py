"""What users do in a scenario: by the client where it can, else by the kit in their name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_text, maybe_int
from omnisession_conformance.roles.client.polling import polled
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import (
    AGAIN_S,
    NOT_NOW,
    id_of,
    is_action,
    number_of,
    session_of,
    whole,
)
from omnisession_conformance.roles.client.steps.deeds import FORMS, Deed
from omnisession_conformance.roles.interop.member import Member
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

FIRST_S, LAST_S = 0.001, 0.02
"""Between two looks at what has come of actions."""
LOOKS = 16
"""So many looks at the wire for one at what a client tells that it has given up."""
ACK, NACK = "action.ack", "action.nack"
REFUSES = "HYB-016"
"""The requirement on what a client may refuse by itself: neither aloud nor in silence."""
SENDS_LATER, NUMBERS = "HYB-017", "HYB-001"
"""Those on what is done while a client has no connection, and on numbers."""


@dataclass(slots=True)
class Act:
    """Something that a user did, and what has come of it; `member` is None where the kit did it."""

    deed: Deed
    user_id: str
    member: Member | None
    since: int = 0
    """How much the gate of the member had seen by then."""
    action_id: str | None = None
    refused: str | None = None
    outcome: Answer | None = None
    away: bool = False
    """Whether it was done while the client had no connection."""
    given_up: bool = False
    """Whether the client has told its user that it does not know what became of it."""

    @property
    def copies(self) -> list[Seen]:
        """All that the client has said of it, in order."""
        if self.member is None:
            return []
        said = [one for one in self.member.gate.seen[self.since :] if is_action(one)]
        alike = [one for one in said if self.deed.is_in(whole(one))]
        form = FORMS.get(self.deed.type)
        if self.action_id is None or form is None or not form.alike:
            return alike
        return [one for one in alike if id_of(one) == self.action_id]

    def sent_since(self, mark: int) -> bool:
        """Whether the client has said it since its gate had seen so much."""
        said = [] if self.member is None else self.member.gate.seen[mark:]
        return any(one in said for one in self.copies)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids under which it was said."""
        return tuple(dict.fromkeys(id_of(one) for one in self.copies))

    def look(self) -> None:
        """Look for its final outcome."""
        if self.outcome is not None or self.member is None:
            return
        told = {(id_of(one), number_of(one)) for one in self.copies}
        member = self.member
        for session_id in member.session_ids:
            for record in member.ctx.log.control(member.user.id, session_id):
                if record.type in (ACK, NACK) and _names(record, told) and _is_final(record):
                    self.outcome = Answer(record)
                    return

    @property
    def may_be_refused(self) -> bool:
        """Whether it is right that it was not done: given up, or refused without a connection.

        Both is for clients that keep nothing pending.
        """
        if self.given_up:
            return True
        return self.away and self.member is not None and not self.member.ctx.keeps_pending

    @property
    def done(self) -> bool:
        """Whether it is known what became of it."""
        return self.refused is not None or self.outcome is not None or self.given_up

    @property
    def acked(self) -> bool:
        """Whether the server has done it."""
        return self.outcome is not None and self.outcome.acked

    @property
    def made(self) -> str:
        """The id of what it has made, empty where it made nothing."""
        result = {} if self.outcome is None else self.outcome.result
        return next((as_text(value) for name, value in result.items() if name.endswith("_id")), "")


def _names(record: Record, told: set[tuple[str, int | None]]) -> bool:
    """Whether an outcome is of one of some copies: of its id and its number, as ids may be used twice."""
    named = as_text(record.payload.get("action_id")), maybe_int(record.payload.get("client_seq"))
    return named in told


def _is_final(record: Record) -> bool:
    return record.type == ACK or Answer(record).error.get("retryable") is False


@dataclass(slots=True)
class Acting:
    """What is done in one scenario, in order."""

    ctx: Context
    acts: list[Act] = field(default_factory=list[Act])

    async def does(
        self,
        who: Member | Session,
        type_: str,
        data: Mapping[str, Any],
        expect: Mapping[str, Any] | None = None,
        *,
        away: bool = False,
    ) -> Act:
        """Let a session of the client, or one of the kit, do something; see `Act` for what comes of it."""
        deed = Deed(type_, dict(data))
        if isinstance(who, Member):
            act = await self._dispatched(who, deed, expect, away=away)
        else:
            outcome = await who.act(type_, data, expect=expect)
            act = Act(deed, who.user.id, None, outcome=outcome)
        self.acts.append(act)
        return act

    async def _dispatched(
        self, member: Member, deed: Deed, expect: Mapping[str, Any] | None, *, away: bool
    ) -> Act:
        act = Act(deed, member.user.id, member, member.mark(), away=away)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + (0 if away else WITHIN_S)
        while True:
            told = await member.dispatch(deed.type, deed.data, expect)
            act.action_id, act.refused = told.action_id, told.refused
            waits = told.refused in NOT_NOW and not self.ctx.keeps_pending
            if not waits or loop.time() >= until_s:
                return act
            # One that keeps nothing pending takes the next when the one before is answered.
            await asyncio.sleep(AGAIN_S)

    async def settled(self, acts: Iterable[Act] | None = None) -> None:
        """Wait until it is known what became of everything; Prerequisite where that does not come.

        What the client refuses, or takes and does not send, is observed as its own.
        """
        wanted = list(self.acts if acts is None else acts)

        looks = count(1)

        async def look() -> bool | None:
            for act in wanted:
                act.look()
            if not self.ctx.keeps_pending and next(looks) % LOOKS == 0:
                await look_for_given_up(act for act in wanted if not act.done)
            return all(act.done for act in wanted) or None

        await polled(look, first_s=FIRST_S, last_s=LAST_S, within_s=WITHIN_S)
        for act in wanted:
            self._observe(act)
        for member in self.ctx.members:
            numbered(member)
        await self._owed([act for act in wanted if not act.done])

    async def repeated(self, act: Act, since: int, *, within_s: float) -> bool:
        """Whether a client has said something again since a mark, or may leave it, in time."""

        async def look() -> bool | None:
            act.look()
            if not self.ctx.keeps_pending and not act.done:
                await look_for_given_up([act])
            return act.done or act.sent_since(since) or None

        found = await polled(look, first_s=FIRST_S, last_s=LAST_S, within_s=within_s)
        return bool(found)

    def _observe(self, act: Act) -> None:
        name = SENDS_LATER if act.away else REFUSES
        if act.member is None or act.may_be_refused or not self.ctx.judges(name):
            return
        expected = f"{act.deed.type} is sent"
        if act.refused is not None:
            self.ctx.check(name, good=False, expected=expected, seen=f"refused as {act.refused}")
        elif not act.copies:
            self.ctx.absent(name, expected=expected, waited_s=WITHIN_S)
        else:
            self.ctx.check(name, good=True, expected=expected, seen=expected)

    async def _owed(self, acts: Sequence[Act]) -> None:
        """Prerequisite for what nobody has answered; who owes it is told by the rules on all messages."""
        if not acts:
            return
        act = acts[0]
        if act.copies:
            raise Prerequisite(
                f"the server has told no outcome of {act.deed.type} within {WITHIN_S:g} s"
            )
        raise Prerequisite(f"the client has taken {act.deed.type}, and does not send it")

    def needs_acks(self, acts: Iterable[Act] | None = None) -> None:
        """Prerequisite where something was refused that a scenario builds on, by whichever side."""
        for act in self.acts if acts is None else acts:
            if act.outcome is not None and not act.acked:
                raise Prerequisite(f"the server has refused {act.deed.type}: {act.outcome}")
            if act.refused is not None and not act.may_be_refused:
                raise Prerequisite(f"the client has refused {act.deed.type}: {act.refused}")


async def look_for_given_up(acts: Iterable[Act]) -> None:
    """Ask clients whether they have told their user that nobody knows what became of an action."""
    for act in acts:
        if act.member is not None and (ids := act.ids):
            act.given_up = await act.member.refusal(ids, within_s=0) is not None


def numbered(member: Member) -> None:
    """Observe that the actions of each session are numbered one by one from what it was opened with."""
    ctx = member.ctx
    if not ctx.judges(NUMBERS):
        return
    said = [one for one in member.gate.seen if is_action(one)]
    for session_id in member.session_ids:
        opened = member.view(session_id).opened
        position = None if opened is None else opened.position
        mine = [one for one in said if session_of(one) == session_id]
        # Copies have the number of the first.
        first = dict.fromkeys((id_of(one), number_of(one)) for one in mine)
        if position is None or not first:
            continue
        begin = position.last_action_seq + 1
        expected = list(range(begin, begin + len(first)))
        ctx.equal(NUMBERS, expected, [number for _, number in first], why="actions of one session")

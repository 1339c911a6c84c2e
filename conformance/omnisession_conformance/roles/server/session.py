"""The kit as a client: one session of a user, with its requests, its actions and views on the log."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.receivers import changed_replies, not_told
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.protocol.json import as_text, member
from omnisession_conformance.protocol.kinds import KINDS
from omnisession_conformance.protocol.model.fold import RunningFold
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES, tok
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.roles.server.asking import user_token
from omnisession_conformance.roles.server.pending import (
    Patience,
    PendingAction,
    PendingRequest,
)
from omnisession_conformance.roles.server.view import SessionView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.draws import App, Draws
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.traffic.publisher import Publisher

TRIES = 5
"""How often an action that a busy target refuses for a while is sent again."""
DELETED_AT_ONCE = 20
"""A slow server must not be given more work than it can answer within the protocol's bound."""
LEFTOVERS = tuple((k.name, k.leftover, k.id_member) for k in KINDS if k.leftover and k.id_member)
"""By kind what its cases leave behind, and the member that names it in actions and results."""
SEEN_AFTER = {leftover.seen_after: named for _, leftover, named in LEFTOVERS if leftover.seen_after}
"""Actions after which others see something, with the member that names it."""
SEEN_AT_ONCE = frozenset(
    kind.name
    for kind in KINDS
    if kind.leftover
    for action in kind.actions
    if action.creates and action.type == kind.leftover.seen_after
)
"""Kinds in which others see what an action makes."""
SHARED_SUBJECTS = {"chat": "chat.messages", "edit": "article.edit.start"}


def now_ms() -> int:
    """The wall clock in milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, kw_only=True)
class Session(SessionView):
    """One session that a case acts in; `opened` is set once an open was answered."""

    run: Run
    publisher: Publisher
    case: str
    app: App
    """The client program that it is one of."""
    published: set[str]
    """What a session of any case has made or published for others to see."""
    next_seq: int = 1
    created: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By kind the ids of what its actions made, to be removed when the case is over."""
    leave_open: bool = False
    """Set by a case that ended the session itself, or wants it to expire."""
    lets_pass: bool = False
    """Whether its case did not mind what a list that others fill as well did not show."""
    _copies: Counter[str | None] = field(default_factory=Counter[str | None])
    _fold: RunningFold = field(default_factory=RunningFold)
    _inboxes: dict[str, str] = field(default_factory=dict[str, str])
    """By the token of a user where its client takes answers."""

    @property
    def alone(self) -> bool:
        """Whether no other case runs beside its own, so that what lists hold is of its own doing."""
        return self.run.alone

    @property
    def start_timeout_s(self) -> float:
        """How long its server may take to start, in seconds."""
        return self.run.start_timeout_s

    @property
    def draws(self) -> Draws:
        """What the seed of the run decides."""
        return self.run.draws

    @property
    def declared(self) -> Declared:
        """What the target declared of itself."""
        return self.run.declared

    @property
    def mints(self) -> bool:
        """Whether its user was made for the case."""
        return self.run.fixture.mints

    @property
    def patience(self) -> Patience:
        """How long its case waits for what a server must send."""
        return Patience(self.run.clock, self.run.silence, self.run.places, self.case)

    # -- names ----------------------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        """The part of the session's subjects that is its own."""
        return f"session.{tok(self.user.id)}.{tok(self.id)}"

    @property
    def control_subject(self) -> str:
        """Where its control requests go."""
        return f"{self.prefix}.control"

    @property
    def actions_subject(self) -> str:
        """Where its user's actions go."""
        return f"user.actions.{tok(self.user.id)}"

    def new_inbox(self, subject: str = "", body: Mapping[str, Any] | bytes = b"") -> str:
        """A reply subject for one answer, below the token of the user that a message is of.

        That is the session's own user unless the message names another one. No subscription is needed,
        since the tap sees it.
        """
        token = user_token(subject, body) or tok(self.user.id)
        if token not in self._inboxes:
            self._inboxes[token] = self.run.draws.inbox(self.app, token)
        return self.run.draws.reply(self.app, self._inboxes[token])

    def encode(self, body: Mapping[str, Any]) -> bytes:
        """A body as its client program writes it."""
        return self.app.style.encode(body)

    # -- control requests -------------------------------------------------------------------------

    def request_body(self, type_: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A control request of this session."""
        return {
            "v": PROTOCOL,
            "type": type_,
            "user_id": self.user.id,
            "session_id": self.id,
            "timestamp": now_ms(),
            "data": dict(data or {}),
        }

    def open_data(
        self,
        *,
        kinds: Sequence[str] | None = None,
        features: Sequence[str] = (),
        timers: Mapping[str, int] | None = None,
        protocol: Sequence[str] = (PROTOCOL,),
        token: str | None = None,
    ) -> dict[str, Any]:
        """The `data` of an open; without `kinds` the cheapest kind that the target serves."""
        data: dict[str, Any] = {
            "protocol": list(protocol),
            "kinds": list(kinds if kinds is not None else (self.run.declared.cheapest_kind,)),
            "features": list(features),
            "auth": {"scheme": "bearer", "token": token or self.user.token},
            "client": self.app.client,
        }
        if timers is not None:
            data["timers"] = dict(timers)
        return data

    async def send(
        self,
        type_: str,
        data: Mapping[str, Any] | None = None,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        reply: str | None = None,
        subject: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PendingRequest:
        """Publish a control request without waiting for its answer.

        `body` replaces the whole body (bytes go out as they are); `reply` replaces the inbox, and an
        empty one asks for no answer.
        """
        whole = body if body is not None else self.request_body(type_, data)
        raw = whole if isinstance(whole, bytes) else self.encode(whole)
        where = subject or self.control_subject
        inbox = self.new_inbox(where, whole) if reply is None else reply
        await self._reaches_as_it_is(inbox, where)
        pending = PendingRequest(self.log, self.patience, type_, inbox)
        await self._publish(where, raw, inbox, headers)
        return pending

    async def _publish(
        self, subject: str, raw: bytes, reply: str, headers: Mapping[str, str] | None
    ) -> None:
        sent = self.publisher.publish(subject, raw, reply=reply, headers=headers, case=self.case)
        await self.run.turns.send(sent, self.log, reply)

    async def _reaches_as_it_is(self, reply: str, subject: str) -> None:
        """Stop where a reply subject that is no inbox may become one on its way to the target."""
        if reply and not reply.startswith(REPLY_PREFIXES):
            why = await changed_replies(self.run, subject)
            if why is not None:
                raise not_told(self.run, why)

    async def ask(
        self,
        type_: str,
        data: Mapping[str, Any] | None = None,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        subject: str | None = None,
    ) -> Answer:
        """Publish a control request and return its answer, whatever it says.

        Raises Prerequisite when none comes in its time (the sweep of CTRL-001 fails then).
        """
        return await (await self.send(type_, data, body=body, subject=subject)).must()

    async def open(
        self,
        *,
        kinds: Sequence[str] | None = None,
        features: Sequence[str] = (),
        timers: Mapping[str, int] | None = None,
        protocol: Sequence[str] = (PROTOCOL,),
        token: str | None = None,
    ) -> Answer:
        """Ask `session.open` and return the answer; remembers the first that opened."""
        data = self.open_data(
            kinds=kinds, features=features, timers=timers, protocol=protocol, token=token
        )
        answer = await self.ask("session.open", data)
        if answer.type == "session.opened" and self.opened is None:
            self.opened = answer
        return answer

    async def position(self) -> Position:
        """Ask `session.ping` and return the pong's position; Prerequisite where there is none."""
        answer = await self.ask("session.ping")
        return answer.position_or_stop("session.pong")

    async def fence(self) -> Position:
        """Ping, then wait until the log holds this session's stream up to the pong's seq.

        What has not been seen after a fence was not sent before it.
        """
        told = await self.position()
        await self.reach(told)
        return told

    async def reach(self, position: Position) -> None:
        """Wait until the log holds this session's stream up to a position; else Prerequisite."""

        async def wait(timeout_s: float) -> bool | None:
            return await self.wait(lambda: self.head >= position.head or None, timeout_s)

        if await self.patience.wait("a stream", "up to the position told", wait) is None:
            raise Prerequisite("a session was told a position that its stream did not reach")

    async def sync(self, kinds: Sequence[str] | None = None) -> Answer:
        """Ask `session.sync` and wait for the states that follow; Prerequisite where it is refused."""
        data = {} if kinds is None else {"kinds": list(kinds)}
        answer = await self.ask("session.sync", data)
        start = answer.position_or_stop("session.syncing")
        count = len(answer.data.get("kinds") or ())
        await self.reach(Position(start.epoch, start.seq + count))
        return answer

    async def resume(self, epoch: int, seq: int) -> Answer:
        """Ask `session.resume` from a position."""
        return await self.ask("session.resume", {"epoch": epoch, "seq": seq})

    async def close(self) -> Answer:
        """Ask `session.close`."""
        return await self.ask("session.close")

    # -- actions -----------------------------------------------------------------------------------

    def new_action_id(self) -> str:
        """A fresh action id."""
        return self.run.draws.action_id(self.app)

    def action_body(
        self,
        type_: str,
        data: Mapping[str, Any] | None = None,
        *,
        action_id: str | None = None,
        client_seq: int | None = None,
        expect: Mapping[str, Any] | None = None,
        top: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """An action of this session; `top` are members at top level, as the shared subjects have them.

        Without `client_seq` the action takes the session's next number.
        """
        if client_seq is None:
            client_seq, self.next_seq = self.next_seq, self.next_seq + 1
        body: dict[str, Any] = {
            "v": PROTOCOL,
            "type": type_,
            "action_id": action_id or self.new_action_id(),
            "user_id": self.user.id,
            "session_id": self.id,
            "client_seq": client_seq,
            "timestamp": now_ms(),
            **(top or {}),
        }
        if top is None or data is not None:
            body["data"] = dict(data or {})
        if expect is not None:
            body["expect"] = dict(expect)
        return body

    async def send_action(
        self,
        body: Mapping[str, Any] | bytes,
        *,
        reply: str | None = None,
        subject: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PendingAction:
        """Publish an action body (a copy, when it was published before) without waiting."""
        raw = body if isinstance(body, bytes) else self.encode(body)
        where = subject or self.actions_subject
        inbox = self.new_inbox(where, body) if reply is None else reply
        await self._reaches_as_it_is(inbox, where)
        action_id, type_ = None, "an action"
        if not isinstance(body, bytes):
            action_id, type_ = body.get("action_id"), as_text(body.get("type")) or type_
            if named := SEEN_AFTER.get(type_):
                self.published.add(as_text(member(body.get("data"), named)))
        ordinal = self._copies[action_id]
        self._copies[action_id] += 1
        pending = PendingAction(
            self, self.patience, action_id, type_, inbox, ordinal, self._applied
        )
        await self._publish(where, raw, inbox, headers)
        return pending

    async def act(
        self,
        type_: str,
        data: Mapping[str, Any] | None = None,
        *,
        action_id: str | None = None,
        client_seq: int | None = None,
        expect: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Publish an action and return its outcome, whatever it says.

        What a busy target refuses for a while, and says for how long, is sent again a few times.
        Raises Prerequisite when no outcome comes in its time (the sweep of ACTION-001 fails then).
        """
        body = self.action_body(
            type_, data, action_id=action_id, client_seq=client_seq, expect=expect
        )
        return await self.needed_outcome_of(body)

    async def outcome_of(
        self,
        body: Mapping[str, Any] | bytes,
        *,
        subject: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """Publish an action and observe its outcome, None where none comes.

        What a busy target refuses for a while, and says for how long, is sent again a few times.
        """
        for _ in range(TRIES):
            sent = await self.send_action(body, subject=subject, headers=headers)
            answer = await sent.outcome()
            if answer is None or answer.later_ms is None:
                return answer
            await self.rest(answer.later_ms, sent.sent_s)
        return await (await self.send_action(body, subject=subject, headers=headers)).outcome()

    async def needed_outcome_of(
        self,
        body: Mapping[str, Any],
        *,
        subject: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The outcome of an action as a step that a case needs; Prerequisite when none comes."""
        answer = await self.outcome_of(body, subject=subject, headers=headers)
        if answer is None:
            raise Prerequisite(f"{body.get('type')} got no outcome within {BOUND_S:g} s")
        return answer

    async def apply(self, type_: str, data: Mapping[str, Any] | None = None, **how: Any) -> Answer:
        """Act and insist on an ack, as a step that a case needs; else Prerequisite."""
        outcome = await self.act(type_, data, **how)
        if outcome.type != "action.ack":
            raise Prerequisite(f"{type_} was not acked: {outcome}")
        return outcome

    def _applied(self, outcome: Answer) -> None:
        for kind, _, named in LEFTOVERS:
            id_ = outcome.result.get(named)
            if isinstance(id_, str):
                self.created[kind].append(id_)
                if kind in SEEN_AT_ONCE:
                    self.published.add(id_)

    async def remove_created(self) -> None:
        """Delete what this session made and left behind, a few at a time.

        What others can read makes the lists of all later cases longer, and everything is litter on a
        server that is not the kit's own.
        """
        own = self.run.target.mode == "spawn"
        gone = [
            (leftover.delete, {named: id_})
            for kind, leftover, named in LEFTOVERS
            for id_ in self.created.pop(kind, ())
            if not own or id_ in self.published
        ]
        for at in range(0, len(gone), DELETED_AT_ONCE):
            pending = [
                await self.send_action(self.action_body(*delete))
                for delete in gone[at : at + DELETED_AT_ONCE]
            ]
            if at + DELETED_AT_ONCE < len(gone):
                await pending[-1].outcome()

    async def rest(self, milliseconds: int, since_s: float) -> None:
        """Wait as long as a refusal asked to; nothing can be seen that would end it sooner.

        What passed since it was sent, at a time of the monotonic clock, is not the case's own time: its
        limit moves.
        """
        if milliseconds > 0:
            await self.wait(lambda: None, milliseconds / 1_000)
            self.run.time_limits.prolong(self.case, time.monotonic() - since_s)

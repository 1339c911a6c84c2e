"""A truthful server for one user, over the kit's own connection.

    async with puppet_at(broker.url, user_id, bell) as puppet:
        ...
        session = await puppet.opened(within_s=10)
        puppet.step(session)                                  # somebody changes something
        puppet.step(session, deliver=False)                   # and this is lost
        puppet.instead("session.resume", lambda asked: puppet.refuse(asked, 5030), times=2)
        held = puppet.hold("session.sync")

What is said is checked against its schema, but for what is said on purpose: a case that needs no lie can
not lie by mistake. Nothing here waits: states and events change the session as they are called.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.schemas import Side, catalogue, definition_for
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES, classify
from omnisession_conformance.roles.client.puppet import acting, bodies
from omnisession_conformance.roles.client.puppet.answering import Answer, Sessions, answer
from omnisession_conformance.roles.client.puppet.asked import Asked, fault_in, read
from omnisession_conformance.roles.client.puppet.effects import Effect
from omnisession_conformance.roles.client.puppet.overrides import Held, Kept, Overrides, Parts
from omnisession_conformance.roles.client.puppet.steps import change, coming_and_going, undoing
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.puppet.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.client.puppet.overrides import Rule
    from omnisession_conformance.roles.client.puppet.served import Message, Served
    from omnisession_conformance.roles.client.puppet.wire import Note, Wire
    from omnisession_conformance.roles.client.waiting import Bell
    from omnisession_conformance.traffic.connection import Heard

ACTIONS = "actions"
"""What `instead` and `hold` call actions of whatever type."""
FAR = 1_000
"""So many messages ahead that none comes to that place."""
BEATS_EARLY = 0.8
"""The part of `heartbeat_ms` after which the next heartbeat goes out."""


class UntrueError(AssertionError):
    """The puppet was made to say something by mistake that no server may say: a fault of the kit."""


class Puppet:
    """See the module, and `puppet_at`, which makes it."""

    def __init__(
        self, user_id: str, bell: Bell, terms: Terms, checker: Checker, *, beats: bool = True
    ) -> None:
        self.user_id = user_id
        self.world = World(user_id, terms.limits, terms.first)
        self.sessions = Sessions(user_id, terms, self.world)
        self.asked: list[Asked] = []
        """Everything that came from the broker, in order; the gate has seen it before."""
        self._bell = bell
        self._checker = checker
        self._memory = acting.Memory()
        self._overrides = Overrides()
        self.steps = 0
        """How many changes others have made here."""
        self._beats_itself = beats
        self._beats: dict[str, asyncio.TimerHandle] = {}
        self._wire: Wire

    # -- sessions

    @property
    def session(self) -> Served | None:
        """The newest that the client has opened."""
        return next(reversed(self.sessions.by_id.values()), None)

    async def opened(self, number: int = 1, *, within_s: float) -> Served | None:
        """Wait until the client has opened so many sessions, and give that one; None where it does not."""

        def find() -> Served | None:
            known = list(self.sessions.by_id.values())
            return known[number - 1] if len(known) >= number else None

        return await self._bell.until(find, within_s=within_s)

    def lose(self, session: Served) -> None:
        """Know nothing of a session any more, as after a restart."""
        session.ended = True
        self.sessions.by_id.pop(session.session_id, None)
        self._gone(session)

    def expire(self, session: Served) -> None:
        """End a session that is known from now on to be over."""
        session.ended = True
        self._gone(session)

    # -- the stream

    def step(self, session: Served, kind: str | None = None, *, deliver: bool = True) -> Message:
        """Let somebody else change something of a kind, by default the first of a session.

        All sessions are told, each in its way; this one where it is delivered.
        """
        self.steps += 1
        found = change(kind or session.kinds[0], self.steps, _now_ms())
        return self._changed(session, *found, deliver=deliver)

    def undo(
        self, session: Served, number: int, kind: str | None = None, *, deliver: bool = True
    ) -> Message:
        """Let somebody take away what a step has made; `steps` is the number of the last one."""
        found = undoing(kind or session.kinds[0], number)
        return self._changed(session, *found, deliver=deliver)

    def come_and_go(self, session: Served) -> Message | None:
        """Let somebody come, go and come back: the message that they have gone, None where nobody can."""
        found = coming_and_going(session.kinds[0], self.steps, _now_ms())
        if found is None:
            return None
        comes, goes = found
        self.happens(session, *comes)
        gone = self.happens(session, *goes)
        self.happens(session, *comes)
        return gone

    def happens(self, session: Served, type_: str, data: Object) -> Message:
        """Let somebody else change something, told by the event that it is; all sessions are told."""
        return self._changed(session, type_, data, deliver=True)

    def _changed(self, session: Served, type_: str, data: Object, *, deliver: bool) -> Message:
        (message,) = acting.shown(session, type_, data, _new_id(), _now_ms())
        self._happened(session, type_, data)
        return self._out(message, deliver)

    def event(
        self,
        session: Served,
        type_: str,
        data: Mapping[str, Any],
        *,
        deliver: bool = True,
        **more: Any,
    ) -> Message:
        """Publish an event; `more` are `actor` and `cause`."""
        return self._out(session.event(type_, data, _now_ms(), event_id=_new_id(), **more), deliver)

    def state(
        self,
        session: Served,
        kind: str,
        slice_: Slice | None = None,
        *,
        reason: str = "change",
        deliver: bool = True,
    ) -> Message:
        """Publish a state in this session alone, of a new slice where one is given."""
        if slice_ is not None:
            self.world.stated(kind, slice_)
        return self._out(session.state(kind, reason, _now_ms(), slice_), deliver)

    def stranger(self, session: Served, data: Mapping[str, Any]) -> Message:
        """Publish a state of a kind that the protocol does not know."""
        message = session.stranger(data, _now_ms())
        self.anyhow(message.subject, message.body)
        return message

    def take_over(self, session: Served, *, lost: int = 0, epoch: int | None = None) -> None:
        """Begin an epoch, as another server does that takes the session over; its first states get lost."""
        session.begin_epoch(epoch)
        self.deliver(session.states("takeover", _now_ms())[lost:])

    def deliver(self, messages: Iterable[Message]) -> None:
        """Publish messages, be they new, kept back, or said before."""
        for message in messages:
            self._say(message.subject, message.body)

    # -- beside it

    def heartbeat(
        self,
        session: Served,
        *,
        position: Position | None = None,
        digests: Mapping[str, str | None] | None = None,
    ) -> None:
        """Publish a heartbeat, a true one where nothing else is given."""
        data: Object = {"position": bodies.told(position or session.position)}
        if "digests" in session.features:
            data["digests"] = dict(session.digests if digests is None else digests)
        self.push(session, "session.heartbeat", data)

    def closing(
        self,
        session: Served,
        code: int,
        *,
        reconnect: bool,
        after_ms: int = 0,
        behind_ms: int = 0,
    ) -> None:
        """Say that the session, or the server, is about to end, by a clock that may be behind."""
        data = {"code": code, "reconnect": reconnect, "after_ms": after_ms}
        body = session.body("session.closing", data, _now_ms() - behind_ms)
        self._say(session.subject("control"), body)

    def push(self, session: Served, type_: str, data: Mapping[str, Any]) -> None:
        """Publish on `.control`."""
        self._say(session.subject("control"), session.body(type_, data, _now_ms()))

    def raw(self, subject: str, data: bytes) -> None:
        """Publish bytes as they are, on purpose, whatever they are."""
        self._wire.say(subject, data)
        self._bell.ring()

    def anyhow(self, subject: str, body: Object) -> None:
        """Publish a body as it is, on purpose, whatever it says."""
        self.raw(subject, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())

    # -- where it lies, or waits

    def instead(self, type_: str, rule: Rule, *, times: int | None = None) -> None:
        """Do something else for requests of a type, or for `ACTIONS`: so many times, or always."""
        self._overrides.put(type_, rule, times)

    def truthful_again(self, type_: str) -> None:
        """Have no rule of a type any more."""
        self._overrides.clear(type_)

    def hold(self, type_: str) -> Held:
        """Keep the answer to the next of a type back until it is released."""
        held = Held(self._bell, self.tell)
        self._overrides.put(type_, held.take, 1)
        return held

    def keep(self, type_: str) -> Kept:
        """Let the next of a type have its effect and say nothing: a case says its parts when it wants."""
        kept = Kept(self._bell, self._taken, self.deliver)
        self._overrides.put(type_, kept.take, 1)
        return kept

    def swallow(self, asked: Asked) -> None:
        """A rule: say nothing at all."""

    def answer_alone(self, asked: Asked) -> None:
        """Answer as is true now, and lose what follows the answer in the stream."""
        self._taken(asked).answer()

    def refuse(self, asked: Asked, code: int, **more: Any) -> None:
        """Answer a request with an error, or an action with a nack."""
        refusal = bodies.error(code, **more)
        session = self.sessions.by_id.get(asked.session_id)
        if asked.is_request or session is None:
            self._reply(asked, "error", {"error": refusal})
        else:
            data = bodies.nack(asked.action, session.position, refusal)
            self._outcome(session, asked, acting.Outcome("action.nack", data))

    def refuse_as(self, asked: Asked, refusal: Object) -> None:
        """Answer a request with an error that this version does not know: it is not checked."""
        self._reply(asked, "error", {"error": refusal}, on_purpose=True)

    def refuse_for_good(self, asked: Asked, code: int) -> None:
        """Give an action its number and a final nack, and that to each of its copies."""
        self.refuse_by(asked, bodies.error(code))

    def refuse_by(self, asked: Asked, refusal: Object) -> None:
        """The same by an error that need not be of the catalogue."""
        self._act(asked, instead=Effect(refusal=refusal))

    def refuse_unheard(self, asked: Asked, code: int) -> None:
        """Give an action its number and a final nack that does not come; copies of it get theirs."""
        self._act(asked, told=False, instead=Effect(refusal=bodies.error(code)))

    def say_nothing_of(self, asked: Asked) -> None:
        """Do what an action asks, and lose all that tells of it: a position that counts it does as well."""
        self._act(asked, told=False, seen=False)

    def lose_effects_of(self, asked: Asked) -> None:
        """Do what an action asks and tell its outcome; what it publishes in the stream gets lost."""
        self._act(asked, seen=False)

    def lose_outcome_of(self, asked: Asked) -> None:
        """Do what an action asks and publish that in the stream; its outcome gets lost."""
        self._act(asked, told=False)

    def count(self, asked: Asked, *, told: bool = True) -> None:
        """Count an action that changes nothing, so that no message of the stream tells of it."""
        self._act(asked, told=told, instead=Effect())

    def show_effects_of(self, asked: Asked) -> None:
        """Do what an action asks, and count it later: see `count_effects_of`."""
        self._act(asked, told=False, counted=False)

    def count_effects_of(self, asked: Asked) -> None:
        """Count what was done by a further state, which the ack names (ACTION-003)."""
        session = self.sessions.by_id[asked.session_id]
        session.counted += 1
        kind = kind_of_event(asked.type)
        self.state(session, kind if kind in session.slices else session.kinds[0])
        outcome = acting.counted_at(self._memory, asked.action, session.position)
        self._outcome(session, asked, outcome)

    def promise(self, asked: Asked) -> None:
        """Ack an action by a message that never comes, and do nothing of it: its server has stopped."""
        session = self.sessions.by_id[asked.session_id]
        at = session.position
        never = Position(at.epoch, at.seq + FAR, at.last_action_seq + 1)
        data = bodies.ack(asked.action, never)
        self._outcome(session, asked, acting.Outcome("action.ack", data))

    def forget_outcomes(self) -> None:
        """Know none of the actions any more that were done."""
        self._memory = acting.Memory()

    def parts_of(self, asked: Asked) -> Parts:
        """Do what an action asks, and say nothing of it in its session: neither outcome nor stream."""
        session = self.sessions.by_id[asked.session_id]
        messages, outcome = self._done(session, asked)
        return Parts(lambda: self._outcome(session, asked, outcome), tuple(messages))

    def nack(self, asked: Asked, refusal: Mapping[str, Any]) -> None:
        """Refuse an action by an error that need not be of the catalogue; it takes no number."""
        session = self.sessions.by_id[asked.session_id]
        data = bodies.nack(asked.action, session.position, refusal)
        self._outcome(session, asked, acting.Outcome("action.nack", data))

    def ack(self, asked: Asked, status: str) -> None:
        """Do what an action asks, and tell it with another status."""
        session = self.sessions.by_id[asked.session_id]
        self._act(asked, told=False)
        data = bodies.ack(asked.action, session.position, status)
        self._outcome(session, asked, acting.Outcome("action.ack", data))

    def tell(self, asked: Asked) -> None:
        """Answer as is true now."""
        if asked.is_request:
            self._answer(asked)
        elif (code := fault_in(asked, self.user_id, self._checker)) is not None:
            self._reply(asked, "error", {"error": bodies.error(code)})
        else:
            self._act(asked)

    def tell_as_later(self, asked: Asked) -> None:
        """Answer a request as is true now, as a later MINOR does: with members that nobody knows yet."""
        parts = self._taken(asked, bodies.as_later)
        parts.answer()
        self.deliver(parts.stream)

    async def flush(self) -> None:
        """Return when all that was said is with the broker, and all that it had by then is heard."""
        self._bell.check()
        await self._wire.flush()

    # -- how it works

    def attach(self, wire: Wire) -> None:
        """Have a connection from now on."""
        self._wire = wire

    def hear(self, heard: Heard) -> None:
        """Take a message of the client in."""
        try:
            self._hear(read(heard))
        except Exception as error:  # noqa: BLE001 - raised to whoever waits: it must not deafen the reader
            self._bell.fail(error)
        self._bell.ring()

    def rest(self) -> None:
        """Say nothing by itself any more."""
        for session in self.sessions.by_id.values():
            self._rest(session)

    def _hear(self, asked: Asked) -> None:
        if asked.address.user is None and asked.body.get("user_id") != self.user_id:
            return  # somebody else's, on a subject of all
        if asked.is_request and asked.type in _OF_SERVERS:
            return
        self.asked.append(asked)
        rule = self._overrides.next(asked.type if asked.is_request else ACTIONS)
        (rule or self.tell)(asked)

    def _answer(self, asked: Asked) -> None:
        parts = self._taken(asked)
        parts.answer()
        self.deliver(parts.stream)

    def _taken(self, asked: Asked, change: Callable[[Object], Object] = dict) -> Parts:
        """Let a request have its effect, and say nothing of it here; others are told."""
        code = fault_in(asked, self.user_id, self._checker)
        if code is not None:
            return Parts(lambda: self._reply(asked, "error", {"error": bodies.error(code)}))
        known = set(self.sessions.by_id)
        found = answer(self.sessions, asked, _now_ms())
        self._begun_or_gone(asked, found, known)
        return Parts(lambda: self._reply(asked, found.type, change(found.data)), found.after)

    def _begun_or_gone(self, asked: Asked, found: Answer, known: set[str]) -> None:
        session = self.sessions.by_id.get(asked.session_id)
        if session is None:
            return
        if found.type == "session.closed":
            self._gone(session)
        elif session.session_id not in known:
            entries = self.world.slices["user"]["sessions"]
            begun = next(one for one in entries if one["session_id"] == session.session_id)
            self._happened(session, "user.session_opened", {"session": begun})
            self._beat_later(session)

    def _gone(self, session: Served) -> None:
        self._rest(session)
        data = {"session_id": session.session_id}
        self._happened(session, "user.session_closed", data)

    def _happened(self, session: Served, type_: str, data: Object) -> None:
        """Something has changed for all, and this session knows: tell the others, each in its way."""
        self.world.changed(type_, data)
        for other in self.sessions.live:
            if other is not session:
                self.deliver(acting.shown(other, type_, data, _new_id(), _now_ms()))

    def _act(
        self,
        asked: Asked,
        *,
        told: bool = True,
        seen: bool = True,
        instead: Effect | None = None,
        counted: bool = True,
    ) -> None:
        session = self.sessions.by_id.get(asked.session_id)
        if session is None or session.ended:
            code = 4041 if session is None else 4101
            self._reply(asked, "error", {"error": bodies.error(code)})
            return
        messages, outcome = self._done(session, asked, instead, counted=counted)
        if seen:
            self.deliver(messages)
        if told:
            self._outcome(session, asked, outcome)

    def _done(
        self, session: Served, asked: Asked, instead: Effect | None = None, *, counted: bool = True
    ) -> tuple[list[Message], acting.Outcome]:
        others = [one for one in self.sessions.live if one is not session]
        return acting.act(
            self._memory,
            self.world,
            session,
            others,
            asked.action,
            new_id=_new_id,
            at_ms=_now_ms(),
            instead=instead,
            counted=counted,
        )

    def _outcome(self, session: Served, asked: Asked, outcome: acting.Outcome) -> None:
        code = as_object(outcome.data.get("error")).get("code")
        # One that is not of the catalogue stands for those of later MINORs.
        on_purpose = code is not None and code not in catalogue().errors
        body = session.body(outcome.type, outcome.data, _now_ms())
        self._say(session.subject("control"), body, on_purpose=on_purpose)
        self._reply(asked, outcome.type, outcome.data, on_purpose=on_purpose)

    def _reply(
        self, asked: Asked, type_: str, data: Mapping[str, Any], *, on_purpose: bool = False
    ) -> None:
        # A server answers nowhere else (SEC-001).
        if asked.reply.startswith(REPLY_PREFIXES):
            body = bodies.envelope(type_, self.user_id, asked.session_id, _now_ms())
            # What is no id was not told.
            id_ = asked.session_id
            is_one = self._checker.is_valid("common.schema.json#/$defs/session_id", id_)
            named = {"session_id": id_ if is_one else None, "data": dict(data)}
            self._say(asked.reply, {**body, **named}, on_purpose=on_purpose)

    def _out(self, message: Message, deliver: bool) -> Message:
        if deliver:
            self.deliver((message,))
        else:
            self._bell.ring()
        return message

    def _say(self, subject: str, body: Object, *, on_purpose: bool = False) -> None:
        definition = definition_for(classify(subject).family, body, Side.SERVER)
        valid = definition is not None and self._checker.is_valid(definition, body)
        if not (valid or on_purpose):
            found = self._checker.explain(definition, body) if definition else ()
            raise UntrueError(f"no server says this on {subject}: {[*found][:3]} in {body}")
        self.anyhow(subject, body)

    def _beat_later(self, session: Served) -> None:
        if not self._beats_itself:
            return
        wait_s = session.timers["heartbeat_ms"] * BEATS_EARLY / 1_000
        loop = asyncio.get_running_loop()
        self._beats[session.session_id] = loop.call_later(wait_s, self._beat, session)

    def _beat(self, session: Served) -> None:
        if session.ended:
            return
        self.heartbeat(session)
        self._beat_later(session)

    def _rest(self, session: Served) -> None:
        if (beat := self._beats.pop(session.session_id, None)) is not None:
            beat.cancel()


_OF_SERVERS = frozenset(
    {
        *("session.opened", "session.syncing", "session.resumed", "session.pong"),
        *("session.closed", "error", "session.heartbeat", "session.closing"),
        *("auth.expiring", "action.ack", "action.nack"),
    }
)
"""A server ignores these on `.control` (CTRL-014)."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_id() -> str:
    return secrets.token_hex(8)


@contextlib.asynccontextmanager
async def puppet_at(
    url: str,
    user_id: str,
    bell: Bell,
    terms: Terms | None = None,
    checker: Checker | None = None,
    note: Note | None = None,
) -> AsyncGenerator[Puppet]:
    """Serve a user at the broker at an address for the length of the block; raises BrokerError."""
    # To list what is judged, the libraries of connections and schemas are not loaded.
    from omnisession_conformance.protocol.schemas.check import Checker  # noqa: PLC0415
    from omnisession_conformance.roles.client.puppet.wire import wire_to  # noqa: PLC0415

    puppet = Puppet(user_id, bell, terms or Terms(), checker or Checker())
    async with wire_to(url, user_id, puppet.hear, bell.fail, note) as wire:
        puppet.attach(wire)
        try:
            yield puppet
        finally:
            puppet.rest()

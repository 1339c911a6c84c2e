"""What a trace is told with: a server of the kit's model, and a line for all that comes to a core."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.limits import FLOORS
from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.served import Message, Served
from vectors import entries, lines, views
from vectors.entries import USER, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.protocol.position import Position
    from vectors.lines import Json

SESSION = "${session}"
START_MS = 1_730_000_000_000
TIMERS = {"retry_base_ms": 200, "retry_max_ms": 10_000, "outcome_ms": 2_000, "answer_ms": 4_000}
GRANTED = {"heartbeat_ms": 15_000, "resume_window_ms": 120_000, "coalesce_ms": 0, "gap_ms": 0}
MOMENT_MS = 2_000
"""Within this a core does what it has to."""
LONGEST_MS = 12_000
"""A wait is of 10 s at most, and this is a moment more; what the server wants comes on top."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a server had said at some moment: what a client holds that has heard all of it."""

    position: Position
    slices: Json

    @property
    def place(self) -> Json:
        """The place of its last message."""
        return {"epoch": self.position.epoch, "seq": self.position.seq}


@dataclass(frozen=True, slots=True)
class Done:
    """An action that the core was told to take: what it is called, and what it is."""

    label: str
    type: str
    data: Json
    number: int

    @property
    def named(self) -> Json:
        """What outcomes say of it."""
        return {"action_id": f"${{{self.label}}}", "client_seq": self.number}


class Script:
    """A trace while it is written. What tells something adds a line; `then` is about the last one."""

    def __init__(self, header: Json, limits: Mapping[str, int] | None = None) -> None:
        self.header = header
        self.lines: list[Json] = []
        self.limits = {**FLOORS, **(limits or {})}
        self.timers = dict(GRANTED)
        self.actions = list(TYPES)
        self.sent = 0
        self._events = 0
        self._labels = 0
        self.server = self._serve()

    def _serve(self) -> Served:
        kinds = tuple(self.header["kinds"])
        slices = {kind: empty_slice(kind) for kind in kinds}
        features = frozenset(self.header["features"])
        return Served(USER, SESSION, kinds, features, self.limits, self.timers, slices)

    # -- lines

    def line(self, in_: str, **members: Any) -> None:
        """Add a line."""
        self.lines.append(copy.deepcopy({"in": in_, **members}))

    def then(self, **members: Any) -> None:
        """Expect something after the last line."""
        self.lines[-1].setdefault("then", {}).update(copy.deepcopy(members))

    def is_later(self, why: str) -> None:
        """What the last line has is of a later version, so that the schemas of this one do not take it."""
        self.lines[-1]["later"] = why

    def connected(self, **members: Any) -> None:
        """There is a connection."""
        self.line("connected", **members)

    def asks_open(self, within_ms: int = LONGEST_MS) -> None:
        """The core asks for its session, and for nothing else."""
        self.passes(within_ms, "session.open")
        self.then(requests=[OPEN])

    def asks_nothing(self, ms: int = 0) -> None:
        """For so long the core does not ask for anything."""
        if ms > 0:
            self.passes(ms)
        self.then(requests=[])

    def lost(self) -> None:
        """The connection is gone."""
        self.line("lost")

    def passes(self, ms: int, until: str | None = None) -> None:
        """Time passes."""
        self.line("time", ms=ms, **({} if until is None else {"until": until}))

    # -- what the server says in its stream

    @property
    def at_ms(self) -> int:
        """The time of what the server says: one second after the other, so that times differ."""
        return START_MS + 1_000 * (self.server.seq + 10 * self.server.epoch)

    def event(self, type_: str, *, cause: Json | None = None, **data: Any) -> Message:
        """The next event of the session, which is not told yet."""
        self._events += 1
        actor = None if cause is None else USER
        event_id = f"e-{self._events}"
        return self.server.event(
            type_, data, self.at_ms, event_id=event_id, actor=actor, cause=cause
        )

    def added(self, name: str, **more: Any) -> Message:
        """The event of a new message of bob's in the chat, not told yet."""
        return self.event("chat.message_added", message=message(name, self.at_ms), **more)

    def state(self, kind: str, reason: str = "change", **changes: Any) -> Message:
        """The next state of a kind, not told yet; `changes` are members of its slice."""
        slice_ = {**self.server.slices[kind], **changes}
        return self.server.state(kind, reason, self.at_ms, slice_)

    def states(self, reason: str) -> list[Message]:
        """One state for each kind, not told yet."""
        return self.server.states(reason, self.at_ms)

    def tells(self, *messages: Message, **more: Any) -> None:
        """The subscription brings messages."""
        for one in messages:
            self.line("message", **lines.placed(one), **more)

    def pushes(self, type_: str, **data: Any) -> None:
        """The subscription brings a push."""
        self.line("message", on="control", body=self.body(type_, **data))

    def beats(self, **more: Any) -> None:
        """A heartbeat with the head of the server."""
        self.pushes("session.heartbeat", position=self.position, **more)

    def body(self, type_: str, **data: Any) -> Json:
        """A body outside of the stream."""
        return self.server.body(type_, data, self.at_ms)

    @property
    def position(self) -> Json:
        """The head of the server."""
        return bodies.told(self.server.position)

    # -- answers

    def opened(self, *states: Message) -> None:
        """The open is answered from where the server is; these are its states, all where none are given."""
        self.line("answer", to="session.open", body=self.body("session.opened", **self.terms()))
        self.tells(*(states or self.states("open")))

    def terms(self) -> Json:
        """The data of `session.opened`."""
        return {
            "protocol": bodies.VERSION,
            "position": self.position,
            "kinds": self.header["kinds"],
            "features": self.header["features"],
            "profiles": ["core", "events", "digests", "articles", "chat", "url", "user"],
            "actions": self.actions,
            "server": {"name": "vectors", "version": "1.0.0"},
            "limits": self.limits,
            "timers": self.timers,
            "expires_at": None,
        }

    def begins(self) -> None:
        """Connect and open, up to the first states."""
        self.connected()
        self.asks_open()
        self.opened()
        self.holds()

    def refuses(self, to: str, code: int, **more: Any) -> None:
        """A request is refused."""
        self.fails(to, refusal(code, **more))

    def fails(self, to: str, error: Json) -> None:
        """A request is refused by this error."""
        self.line("answer", to=to, body=self.body("error", error=error))

    def replays(self, *missed: Message, **more: Any) -> None:
        """A recovery is answered by what was missed, or by states; both bring the core to one place."""
        self.recovered(self.resumed("replay", *_bodies(missed)), missed, **more)

    def is_current(self, **more: Any) -> None:
        """A recovery is answered from where the core is already."""
        self.recovered(self.resumed("current"), **more)

    def snapshot(self, **more: Any) -> None:
        """A recovery is answered by states, whatever it was."""
        self.recovered(self.resumed("snapshot"), states_follow=True, **more)

    def resumed(self, mode: str, *messages: Json) -> Json:
        """The answer to a resume."""
        found = list(messages)
        return self.body("session.resumed", mode=mode, position=self.position, messages=found)

    def recovered(
        self,
        resumed: Json,
        missed: Iterable[Message] = (),
        *,
        states_follow: bool = False,
        may_not_ask: bool = False,
        wrong: str | None = None,
        within_ms: int | None = None,
    ) -> None:
        """A recovery is answered, with states behind a sync and changes behind a resume.

        Both end at one place with the same slices; so does what was missed, with changes, where a core may
        not ask.
        """
        kinds = list(self.server.kinds)
        synced = self.body("session.syncing", position=self.position, kinds=kinds)
        other = copy.deepcopy(self.server)
        changes = lines.listed([self.change(kind) for kind in kinds])
        other.slices = dict(self.server.slices)
        states = lines.listed([other.state(kind, "sync", self.at_ms) for kind in kinds])
        marked = {} if wrong is None else {"wrong": wrong}
        behind = states if states_follow else changes
        told: Json = {
            "resume": {"body": resumed, **marked, "messages": behind},
            "sync": {"body": synced, "messages": states},
        }
        if may_not_ask:
            told["none"] = {"messages": [*lines.listed(missed), *changes]}
        if within_ms is not None:
            told["within_ms"] = within_ms
        self.line("answer", to="recovery", **told)

    def change(self, kind: str) -> Message:
        """The next message changes a kind: by an event or, in a session without events, a state."""
        self._events += 1
        type_, member, made = entries.CHANGES[kind]
        data = {member: made(f"f-{self._events}", self.at_ms)}
        if "events" in self.server.features:
            return self.event(type_, **data)
        return self.server.changed(kind, type_, data, self.at_ms)

    # -- actions

    def dispatches(self, type_: str, expect: Json | None = None, **data: Any) -> Done:
        """The user does something, which the core takes."""
        self.sent += 1
        return self._dispatched(type_, expect, data)

    def refused(self, type_: str, *reasons: str | None, **data: Any) -> Done:
        """The user does something, which the core refuses for one of these reasons; or takes, for None."""
        done = self._dispatched(type_, None, data)
        self.then(refused=list(reasons))
        return done

    def _dispatched(self, type_: str, expect: Json | None, data: Json) -> Done:
        self._labels += 1
        done = Done(f"x{self._labels}", type_, data, self.sent)
        more = {} if expect is None else {"expect": expect}
        self.line("dispatch", **{"as": done.label, "type": type_, "data": data}, **more)
        return done

    def sends(self, *some: Done) -> None:
        """These were sent for the first time in this session, under their numbers."""
        self.then(actions=[[one.label, one.number] for one in some])

    def acks(self, done: Done, status: str = "applied", **more: Any) -> None:
        """An ack from where the server is."""
        told = {**done.named, "status": status, "position": self.position, **more}
        self.pushes("action.ack", **told)

    def nacks(self, done: Done, error: Json) -> None:
        """A nack from where the server is."""
        self.pushes("action.nack", **done.named, error=error, position=self.position)

    def cause(self, done: Done) -> Json:
        """What an event says of the action that it is an effect of."""
        return {**done.named, "session_id": SESSION}

    def renews(self, *carried: Done) -> list[Done]:
        """The server begins a session that knows nothing of the one before; these come along."""
        self.server = self._serve()
        self.sent = len(carried)
        self.asks_open()
        self.line("new_session")
        return [replace(one, number=number) for number, one in enumerate(carried, 1)]

    # -- what is expected

    def mark(self) -> Mark:
        """Where the server is now."""
        return Mark(self.server.position, dict(self.server.slices))

    def holds(self, mark: Mark | None = None) -> None:
        """The core is where the server is, or was."""
        mark = mark or self.mark()
        named = {kind: views.named(kind, slice_) for kind, slice_ in mark.slices.items()}
        self.then(position=mark.place, slices=named)

    def recovers(self, mark: Mark, within_ms: int = MOMENT_MS) -> None:
        """The core asks for one recovery, from here, and for nothing else."""
        self.passes(within_ms, "recovery")
        self.then(requests=[{"type": "recovery", "from": mark.place}])

    def is_pending(self, *some: Done) -> None:
        """These are pending."""
        self.then(pending=[one.label for one in some])

    def shows(self, *some: Done, optional: Sequence[Done] = (), mark: Mark | None = None) -> None:
        """The view is these actions over what is held; `optional` ones may be left out."""
        slices = (mark or self.mark()).slices
        self.then(views=views.allowed(slices, some, optional, USER, self.limits))


NEW_CODE = "The code is of a later version."
OPEN: Json = {"type": "session.open"}


def refusal(code: int, **more: Any) -> Json:
    """An error of the protocol."""
    return bodies.error(code, "Not now, or not at all.", **more)


def _bodies(messages: Iterable[Message]) -> list[Json]:
    return [message.body for message in messages]

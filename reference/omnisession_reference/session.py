"""One session: its stream of states and events, and its place in it.

The server handles one message at a time and never waits in between, so the numbers of a session
are given and published in one order without any lock.
"""

from dataclasses import dataclass
from typing import Protocol

from omnisession_reference.auth import Grant
from omnisession_reference.buffer import ResumeBuffer
from omnisession_reference.change import Change, Slice
from omnisession_reference.digest import digest
from omnisession_reference.out import Out
from omnisession_reference.protocol import Timers
from omnisession_reference.wire import JsonObject, tok

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed when the session was opened."""

    protocol: str
    kinds: tuple[str, ...]
    features: tuple[str, ...]
    timers: Timers


class Timekeeper(Protocol):
    """What keeps the time of a session, see timers.py."""

    def touch(self) -> None:
        """Note a sign of life."""
        ...

    def hold_back(self) -> None:
        """Publish held-back states within `coalesce_ms` of the first change."""
        ...

    def beat(self) -> None:
        """Publish a heartbeat."""
        ...

    def watch_end(self) -> None:
        """Look at when the session ends with its credential, which has changed."""
        ...

    def left_ms(self) -> float:
        """Tell how long the client may stay silent from now on."""
        ...

    def stop(self) -> None:
        """Let nothing happen by time any more."""
        ...


class Session:
    """A live session and everything that is published in it."""

    # Given right after the session was made, since it keeps the time of this one.
    timers: Timekeeper

    def __init__(
        self, session_id: str, grant: Grant, terms: Terms, *, epoch: int, opened_at: int, out: Out
    ) -> None:
        self.user_id = grant.user_id
        self.session_id = session_id
        self.key: Key = (grant.user_id, session_id)
        self.grant = grant
        self.terms = terms
        self.opened_at = opened_at
        # When it ends with its credential; None where it does not.
        self.ends_at: int | None = None
        # That of the token that it was opened with, or shown last.
        self.credential = grant.credential
        self.epoch = epoch
        self.seq = 0
        self.last_action_seq = 0
        self.slices: dict[str, Slice] = {}
        self.buffer = ResumeBuffer()
        # Kinds whose change was not told yet, with the trace context of the latest.
        self.held_back: dict[str, str | None] = {}
        self.prefix = f"session.{tok(self.user_id)}.{tok(session_id)}"
        self._out = out
        self._digests: dict[str, tuple[int, str]] = {}

    @property
    def events(self) -> bool:
        """Whether changes are told by events."""
        return "events" in self.terms.features

    @property
    def digests(self) -> bool:
        """Whether states and heartbeats carry digests."""
        return "digests" in self.terms.features

    @property
    def overdue(self) -> bool:
        """Whether states are held back in a session that agreed to no delay."""
        return bool(self.held_back) and self.terms.timers.coalesce_ms == 0

    def is_over(self, wall_ms: int) -> bool:
        """Say whether the credential of the session has ended, and the session with it."""
        return self.ends_at is not None and self.ends_at <= wall_ms

    def position(self) -> JsonObject:
        """Say where the stream is."""
        return {"epoch": self.epoch, "seq": self.seq, "last_action_seq": self.last_action_seq}

    def next_seq(self) -> int:
        """Take the next number of the stream."""
        self.seq += 1
        return self.seq

    def count(self, client_seq: int) -> None:
        """Count the action at work as final: what is published from here on tells it."""
        self.last_action_seq = max(self.last_action_seq, client_seq)

    def publish_state(self, kind: str, reason: str) -> None:
        """Publish the slice of a kind, whole."""
        self.held_back.pop(kind, None)
        body = self._numbered("session.state")
        body["reason"] = reason
        body["data"] = self.state_data(kind)
        if self.digests:
            body["digest"] = self.digest(kind, body["data"])
        self.publish("state", body)

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        """Publish a change as this session is shown it."""
        body = self._numbered(change.type)
        body["event_id"] = change.event_id
        body["actor"] = actor
        body["cause"] = cause
        body["data"] = data
        self.publish("events", body)

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        """Publish on `.control`, in order with states and events; returns the body."""
        body = self.body(type_name, data)
        self._out.control(self.prefix, body)
        return body

    def body(self, type_name: str, data: JsonObject) -> JsonObject:
        """Make a body of this session that has no number."""
        envelope = self._out.envelope(type_name, self.user_id, self.session_id)
        envelope["data"] = data
        return envelope

    def hold_back(self, kind: str) -> None:
        """Note a change of others that a state will tell, soon."""
        self.held_back[kind] = self._out.trace
        self.timers.hold_back()

    def flush(self) -> None:
        """Publish the states that were held back."""
        trace = self._out.trace
        for kind, held_trace in list(self.held_back.items()):
            self._out.trace = held_trace
            self.publish_state(kind, "change")
        self._out.trace = trace

    def missed(self, seq: int) -> list[bytes] | None:
        """Return what was published after seq; None if that is not known, or seq is ahead."""
        if seq >= self.seq:
            return [] if seq == self.seq else None
        return self.buffer.after(seq)

    def state_data(self, kind: str) -> JsonObject:
        """Show the slice of a kind as of now: the fold of all that was published before."""
        return self.slices[kind].data()

    def digest(self, kind: str, data: JsonObject) -> str:
        """Digest the data of a kind; the same data is not digested twice."""
        at, known = self._digests.get(kind, (-1, ""))
        if at != self.seq:
            known = digest(data)
            self._digests[kind] = (self.seq, known)
        return known

    def digests_now(self) -> JsonObject:
        """Digest every open kind as of now."""
        return {kind: self.digest(kind, self.state_data(kind)) for kind in self.terms.kinds}

    def _numbered(self, type_name: str) -> JsonObject:
        body = self._out.envelope(type_name, self.user_id, self.session_id)
        body["epoch"] = self.epoch
        body["seq"] = self.next_seq()
        body["last_action_seq"] = self.last_action_seq
        return body

    def publish(self, suffix: str, body: JsonObject) -> None:
        """Publish a numbered body and keep it for clients that miss it."""
        payload = self._out.post(f"{self.prefix}.{suffix}", body)
        self.buffer.append(body["seq"], payload)

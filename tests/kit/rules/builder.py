"""Fabricated transcripts: a small right server and its clients that write what a tap would see.

A `Tape` is a list of entries that tests change before they let the rules judge it. A `Player` is one
session: its methods write the request of the kit and everything that a right server publishes. States
are made by the kit's reducers, which have tests of their own.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import empty_slice, kind_of_event
from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.subjects import SERVICES, tok
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.roles.server.role import ServerRole
from omnisession_conformance.suite.server import role
from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.protocol.verdict import Observation

START_MS = 1_790_000_000_000
START_NS = 5_000_000_000
ONE_MS = 1_000_000
EXPLAIN_S = 60.0
LIMITS: dict[str, int] = {
    "action": 196_608,
    "event": 262_144,
    "state": 786_432,
    "article_content": 131_072,
    "article_rest": 2_048,
    "chat_content": 4_096,
    "target_url": 2_048,
    "articles": 200,
    "revisions": 50,
    "editors": 200,
    "urls": 200,
    "chat_messages": 100,
    "participants": 500,
    "sessions": 32,
}
TIMERS = {"heartbeat_ms": 15_000, "resume_window_ms": 120_000, "coalesce_ms": 100, "gap_ms": 50}
PROFILES = ["core", "events", "digests", "articles"]
ACTIONS = ["session.noop", "article.create", "article.update", "article.publish", "article.select"]


@cache
def checker() -> Checker:
    return Checker()


@dataclass(slots=True, eq=False)
class Entry:
    """One message to be; `n` is set when the tape is judged.

    `replays` are entries whose bodies, as tests left them, are the `messages` of this one.
    """

    subject: str
    body: dict[str, Any]
    party: Party
    ms: int
    reply: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    raw: bytes | None = None
    n: int = -1
    replays: list[Entry] | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The body's data, to be changed in place."""
        return self.body["data"]

    @property
    def type(self) -> str:
        return str(self.body.get("type"))

    def encoded(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.replays is not None:
            self.data["messages"] = [copy.deepcopy(entry.body) for entry in self.replays]
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Tape:
    """What the tap saw, still to be changed."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.ms = 0
        self._inboxes = 0
        self._events = 0
        self._actions = 0
        self.players: list[Player] = []

    # -- writing ---------------------------------------------------------------------------------

    def put(
        self,
        subject: str,
        body: dict[str, Any],
        party: Party,
        *,
        reply: str = "",
        raw: bytes | None = None,
    ) -> Entry:
        self.ms += 1
        entry = Entry(subject, copy.deepcopy(body), party, self.ms, reply, raw=raw)
        self.entries.append(entry)
        return entry

    def wait(self, ms: int) -> None:
        self.ms += ms

    def now(self) -> int:
        return START_MS + self.ms

    def inbox(self) -> str:
        self._inboxes += 1
        return f"_INBOX.kit.{self._inboxes}"

    def event_id(self) -> str:
        self._events += 1
        return f"e-{self._events:04}"

    def action_id(self) -> str:
        self._actions += 1
        return f"act-{self._actions:04}"

    def player(self, user: str, id_: str, **how: Any) -> Player:
        player = Player(self, user, id_, **how)
        self.players.append(player)
        return player

    def opened(self, user: str, id_: str, **how: Any) -> Player:
        player = self.player(user, id_, **how)
        player.open()
        return player

    def change(
        self, events: Sequence[tuple[str, dict[str, Any]]], sessions: Iterable[Player], **what: Any
    ) -> list[Entry]:
        """A change that no action made, such as a timer's: the same events in several sessions."""
        made: list[Entry] = []
        for type_, data in events:
            event_id = self.event_id()
            made += [s.tell(type_, data, event_id, **what) for s in sessions]
        return made

    # -- changing --------------------------------------------------------------------------------

    def remove(self, *entries: Entry) -> None:
        self.entries = [e for e in self.entries if e not in entries]

    def move(self, entry: Entry, *, behind: Entry) -> Entry:
        """Let an entry arrive directly behind another."""
        self.entries.remove(entry)
        self.entries.insert(self.entries.index(behind) + 1, entry)
        entry.ms = behind.ms
        return entry

    def find(self, type_: str, player: Player | None = None, *, on: str = "") -> list[Entry]:
        """The target's messages of a type, of one session and on subjects that end with `on`."""
        return [
            e
            for e in self.entries
            if e.party is Party.TARGET
            and e.type == type_
            and e.subject.endswith(on)
            and (player is None or e.body.get("session_id") == player.id)
        ]

    # -- judging -----------------------------------------------------------------------------------

    def records(self) -> list[Record]:
        services = {e.reply for e in self.entries if e.subject.startswith(SERVICES)}
        reader = Reader(checker(), services, EXPLAIN_S)
        return [_record(reader, n, entry) for n, entry in enumerate(self.entries)]

    def judge(self, **facts: Any) -> Findings:
        """Let all rules judge the tape; the last messages have had time to be answered."""
        now = self.ms
        self.wait(3_000)
        self.put("$KIT.end", {}, Party.KIT)
        facts.setdefault("profiles", frozenset(PROFILES))
        trace = ServerRole((), ()).read(self.records(), Facts(**facts))
        self.entries.pop()
        self.ms = now
        sweep = Sweep()
        for rule in role().rules:
            rule.run(trace, sweep)
        return Findings(sweep, {name for rule in role().rules for name in rule.requirements})


def _record(reader: Reader, n: int, entry: Entry) -> Record:
    entry.n = n
    return reader.read(
        n=n,
        t_ns=START_NS + entry.ms * ONE_MS,
        at_ms=START_MS + entry.ms,
        subject=entry.subject,
        reply=entry.reply,
        headers=entry.headers,
        data=entry.encoded(),
        party=entry.party,
        side=side_of(entry.party),
        case="some-case" if entry.party is Party.TARGET else None,
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules said of a tape."""

    sweep: Sweep
    fed: set[str]

    @property
    def broken(self) -> set[str]:
        # A story with lists of three tells more than one with twenty; that they are too short is of no
        # matter to it, and tested by itself.
        return set(self.sweep.violations) - {"LIMIT-005"}

    def of(self, requirement: str) -> list[Observation]:
        return self.sweep.violations.get(requirement, [])

    def seen(self, requirement: str) -> int:
        return self.sweep.seen[requirement]

    def told(self) -> str:
        """All violations as text, for the message of a failed assertion."""
        return "\n".join(
            f"{o.check}: {o.records} {o.pointer} expected {o.expected}, seen {o.seen} {o.why}"
            for found in self.sweep.violations.values()
            for o in found
        )


def envelope(type_: str, user: Any, session: Any, ms: int, data: Any) -> dict[str, Any]:
    return {
        "v": "1.0",
        "type": type_,
        "user_id": user,
        "session_id": session,
        "timestamp": ms,
        "data": data,
    }


def error(code: int, **more: Any) -> dict[str, Any]:
    known = catalogue().errors[code]
    return {
        "code": code,
        "name": known.name,
        "message": "It cannot be done this way; do it another way.",
        "retryable": known.retryable,
        **more,
    }


@dataclass(slots=True, eq=False)
class Player:
    """One session of a right client and what a right server tells it."""

    tape: Tape
    user: str
    id: str
    kinds: tuple[str, ...] = ("articles",)
    features: tuple[str, ...] = ()
    timers: dict[str, int] = field(default_factory=lambda: dict(TIMERS))
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    asked_timers: dict[str, int] | None = None
    epoch: int = 1
    seq: int = 0
    count: int = 0
    sent: int = 0
    slices: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    stream: list[Entry] = field(default_factory=list[Entry])

    def __post_init__(self) -> None:
        for kind in self.kinds:
            self.slices.setdefault(kind, self._first_slice(kind))

    def _first_slice(self, kind: str) -> dict[str, Any]:
        if kind != "user":
            return empty_slice(kind)
        own = {"session_id": self.id, "opened_at": START_MS, "kinds": list(self.kinds)}
        return {**empty_slice(kind), "sessions": [own]}

    # -- names -------------------------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        return f"session.{tok(self.user)}.{tok(self.id)}"

    @property
    def has_events(self) -> bool:
        return "events" in self.features

    def position(self, **other: int) -> dict[str, int]:
        told = {"epoch": self.epoch, "seq": self.seq, "last_action_seq": self.count}
        return {**told, **other}

    # -- both sides --------------------------------------------------------------------------------

    def asks(
        self, type_: str, data: dict[str, Any] | None = None, *, reply: str | None = None
    ) -> Entry:
        """A request of the kit."""
        body = envelope(type_, self.user, self.id, self.tape.now(), data or {})
        inbox = self.tape.inbox() if reply is None else reply
        return self.tape.put(f"{self.prefix}.control", body, Party.KIT, reply=inbox)

    def gets(self, request: Entry, type_: str, data: dict[str, Any]) -> Entry:
        """An answer of the server."""
        body = envelope(type_, self.user, self.id, self.tape.now(), data)
        return self.tape.put(request.reply, body, Party.TARGET)

    def pushed(self, type_: str, data: dict[str, Any]) -> Entry:
        """A push of the server."""
        body = envelope(type_, self.user, self.id, self.tape.now(), data)
        return self.tape.put(f"{self.prefix}.control", body, Party.TARGET)

    def refused(self, request: Entry, code: int, **more: Any) -> Entry:
        return self.gets(request, "error", {"error": error(code, **more)})

    # -- stream ------------------------------------------------------------------------------------

    def state(self, kind: str, reason: str = "change") -> Entry:
        self.seq += 1
        data = self.slices[kind]
        body = {
            **envelope("session.state", self.user, self.id, self.tape.now(), data),
            "epoch": self.epoch,
            "seq": self.seq,
            "last_action_seq": self.count,
            "reason": reason,
        }
        if "digests" in self.features:
            body["digest"] = digest(data)
        entry = self.tape.put(f"{self.prefix}.state", body, Party.TARGET)
        self.stream.append(entry)
        return entry

    def states(self, reason: str, kinds: Sequence[str] | None = None) -> list[Entry]:
        return [self.state(kind, reason) for kind in kinds or self.kinds]

    def event(
        self,
        type_: str,
        data: dict[str, Any],
        event_id: str | None = None,
        *,
        actor: str | None = None,
        cause: dict[str, Any] | None = None,
    ) -> Entry:
        """An event of this session, whatever it negotiated; folds it."""
        self.seq += 1
        self.fold(type_, data)
        body = {
            **envelope(type_, self.user, self.id, self.tape.now(), data),
            "event_id": event_id or self.tape.event_id(),
            "epoch": self.epoch,
            "seq": self.seq,
            "last_action_seq": self.count,
            "actor": actor,
            "cause": cause,
        }
        entry = self.tape.put(f"{self.prefix}.events", body, Party.TARGET)
        self.stream.append(entry)
        return entry

    def fold(self, type_: str, data: dict[str, Any]) -> None:
        kind = kind_of_event(type_)
        if kind in self.slices:
            self.slices[kind] = reduce_event(self.slices[kind], type_, data, self.limits)

    def tell(self, type_: str, data: dict[str, Any], event_id: str, **what: Any) -> Entry:
        """Tell a change in the way of this session: by an event, or by a state."""
        if self.has_events:
            return self.event(type_, data, event_id, **what)
        self.fold(type_, data)
        return self.state(kind_of_event(type_) or "")

    # -- requests ----------------------------------------------------------------------------------

    def open_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "protocol": ["1.0"],
            "kinds": list(self.kinds),
            "features": list(self.features),
            "auth": {"scheme": "bearer", "token": f"token-of-{self.user}-0123456789"},
            "client": {"name": "kit", "version": "0"},
        }
        return data if self.asked_timers is None else {**data, "timers": self.asked_timers}

    def opened_data(self) -> dict[str, Any]:
        return {
            "protocol": "1.0",
            "position": self.position(),
            "kinds": list(self.kinds),
            "features": list(self.features),
            "profiles": list(PROFILES),
            "actions": list(ACTIONS),
            "server": {"name": "right", "version": "1"},
            "limits": dict(self.limits),
            "timers": dict(self.timers),
            "expires_at": None,
        }

    def open(self) -> tuple[Entry, Entry, list[Entry]]:
        """Open, be answered, get the states; returns request, answer, states."""
        request = self.asks("session.open", self.open_data())
        answer = self.gets(request, "session.opened", self.opened_data())
        return request, answer, self.states("open")

    def sync(self, kinds: Sequence[str] | None = None) -> tuple[Entry, Entry, list[Entry]]:
        request = self.asks("session.sync", {} if kinds is None else {"kinds": list(kinds)})
        told = list(kinds or self.kinds)
        answer = self.gets(request, "session.syncing", {"position": self.position(), "kinds": told})
        return request, answer, self.states("sync", told)

    def ping(self) -> tuple[Entry, Entry]:
        request = self.asks("session.ping")
        return request, self.gets(request, "session.pong", {"position": self.position()})

    def resume(self, epoch: int, seq: int, mode: str) -> tuple[Entry, Entry]:
        request = self.asks("session.resume", {"epoch": epoch, "seq": seq})
        data: dict[str, Any] = {"mode": mode, "position": self.position(), "messages": []}
        answer = self.gets(request, "session.resumed", data)
        if mode == "replay":
            answer.replays = [
                e for e in self.stream if e.body["epoch"] == epoch and e.body["seq"] > seq
            ]
        if mode == "snapshot":
            self.states("sync")
        return request, answer

    def close(self) -> tuple[Entry, Entry]:
        request = self.asks("session.close")
        return request, self.gets(request, "session.closed", {})

    def heartbeat(self) -> Entry:
        data: dict[str, Any] = {"position": self.position()}
        if "digests" in self.features:
            data["digests"] = {kind: digest(self.slices[kind]) for kind in self.kinds}
        return self.pushed("session.heartbeat", data)

    # -- actions -----------------------------------------------------------------------------------

    def sends(
        self,
        type_: str,
        data: dict[str, Any] | None = None,
        *,
        action_id: str | None = None,
        number: int | None = None,
        reply: str | None = None,
    ) -> Entry:
        """A copy of an action; takes the next number where none is given."""
        if number is None:
            self.sent += 1
            number = self.sent
        body = {
            **envelope(type_, self.user, self.id, self.tape.now(), data or {}),
            "action_id": action_id or self.tape.action_id(),
            "client_seq": number,
        }
        inbox = self.tape.inbox() if reply is None else reply
        return self.tape.put(f"user.actions.{tok(self.user)}", body, Party.KIT, reply=inbox)

    def outcome(self, copy_: Entry, type_: str, **data: Any) -> tuple[Entry, Entry]:
        """An outcome on `.control` and on the copy's inbox."""
        whole = {
            "action_id": copy_.body["action_id"],
            "client_seq": copy_.body["client_seq"],
            **data,
        }
        pushed = self.pushed(type_, {"position": self.position(), **whole})
        return pushed, self.tape.put(copy_.reply, pushed.body, Party.TARGET)

    def ack(self, copy_: Entry, status: str = "applied", **data: Any) -> tuple[Entry, Entry]:
        return self.outcome(copy_, "action.ack", status=status, **data)

    def nack(self, copy_: Entry, code: int, **more: Any) -> tuple[Entry, Entry]:
        return self.outcome(copy_, "action.nack", error=error(code, **more))

    def acts(
        self,
        type_: str,
        data: dict[str, Any] | None = None,
        *,
        events: Sequence[tuple[str, dict[str, Any]]] = (),
        seen_by: Sequence[Player] | None = None,
        result: dict[str, Any] | None = None,
    ) -> Done:
        """An action that is applied: its events or states in all sessions that see it, its ack."""
        copy_ = self.sends(type_, data)
        cause = {
            "action_id": copy_.body["action_id"],
            "session_id": self.id,
            "client_seq": copy_.body["client_seq"],
        }
        effects: list[Entry] = []
        readers = self.tape.players if seen_by is None else seen_by
        for index, (event_type, event_data) in enumerate(events):
            last = index == len(events) - 1
            event_id = self.tape.event_id()
            for player in readers:
                if kind_of_event(event_type) not in player.kinds or not player.stream:
                    continue
                if not player.has_events and not last:
                    player.fold(event_type, event_data)
                    continue
                if player is self and last:
                    self.count = copy_.body["client_seq"]
                effects.append(
                    player.tell(event_type, event_data, event_id)
                    if not player.has_events
                    else player.event(
                        event_type,
                        event_data,
                        event_id,
                        actor=self.user,
                        cause=cause if player.user == self.user else None,
                    )
                )
        self.count = copy_.body["client_seq"]
        more: dict[str, Any] = {} if result is None else {"result": result}
        own = [e for e in effects if e.body["session_id"] == self.id]
        position = self.position(seq=own[-1].body["seq"]) if own else self.position()
        ack, inbox = self.ack(copy_, position=position, **more)
        return Done(copy_, effects, ack, inbox)


@dataclass(frozen=True, slots=True)
class Done:
    """An action that was applied."""

    copy: Entry
    effects: list[Entry]
    ack: Entry
    inbox: Entry

    def of(self, player: Player) -> list[Entry]:
        """Its effects in one session."""
        return [e for e in self.effects if e.body["session_id"] == player.id]


def expect(
    found: Findings, *requirements: str, blamed: Entry, pointer: str | None = None
) -> list[Observation]:
    """Assert that exactly these requirements are broken, the first by this entry at this place.

    Returns what was found of the first.
    """
    assert found.broken == set(requirements), found.told()
    first = found.of(requirements[0])
    assert blamed.n in [o.records[0] for o in first], found.told()
    if pointer is not None:
        mine = next(o for o in first if o.records[0] == blamed.n)
        assert mine.pointer == pointer, found.told()
    return first


def clean(found: Findings) -> None:
    """Assert that nothing is broken."""
    assert found.broken == set(), found.told()

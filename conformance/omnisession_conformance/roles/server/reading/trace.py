"""A finished log read as sessions, requests with their answers, and actions with their outcomes.

Everything here is derived from the records alone, so the rules can judge a live run and a saved
transcript alike.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from omnisession_conformance.protocol.json import as_object, texts
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES, SERVICES, Side
from omnisession_conformance.traffic.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omnisession_conformance.roles.server.facts import Facts

T = TypeVar("T")

REQUESTS = frozenset(
    {"session.open", "session.sync", "session.resume", "session.ping", "session.close"}
)
OUTCOMES = frozenset({"action.ack", "action.nack"})
ACTION_FAMILIES = frozenset({"actions", "chat", "edit"})
MOST_LISTED = 64
"""Kinds and features of a session that are looked at; a right server grants fewer."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A control request of a client and everything that came to its reply inbox."""

    request: Record
    answers: tuple[Record, ...]

    @property
    def answer(self) -> Record | None:
        """The first answer."""
        return self.answers[0] if self.answers else None

    def answered(self, type_: str) -> bool:
        """Whether the first answer is of a type."""
        return bool(self.answers) and self.answers[0].type == type_


@dataclass(frozen=True, slots=True)
class Copy:
    """One published copy of an action, whichever action subject it took.

    `user_id` is the one its subject names (shared subjects: the body's); `session_id`, `action_id` and
    `client_seq` are the body's, None where it has none of the right type. `answers` came to its inbox.
    """

    request: Record
    user_id: str | None
    session_id: str | None
    action_id: str | None
    client_seq: int | None
    answers: tuple[Record, ...]


@dataclass(slots=True)
class SessionTrace:
    """All that a run saw of one session, keyed by the ids that its subjects name."""

    user_id: str
    session_id: str
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    stream: list[Record] = field(default_factory=list[Record])
    """States and events of the server, in tap order."""
    control: list[Record] = field(default_factory=list[Record])
    """Messages of the server on `.control`, in tap order."""
    copies: list[Copy] = field(default_factory=list[Copy])
    """Copies of actions that named this session, in publishing order."""

    @property
    def opened(self) -> Record | None:
        """The first `session.opened`, which fixes kinds, features, limits and timers."""
        return next((e.answers[0] for e in self.exchanges if e.answered("session.opened")), None)

    def _listed(self, name: str) -> tuple[str, ...]:
        return texts(self.opened.payload.get(name))[:MOST_LISTED] if self.opened else ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that the target opened, in its order."""
        return self._listed("kinds")

    @property
    def features(self) -> tuple[str, ...]:
        """Features that the target granted."""
        return self._listed("features")

    def _mapped(self, name: str) -> dict[str, Any]:
        return as_object(self.opened.payload.get(name)) if self.opened else {}

    @property
    def limits(self) -> dict[str, Any]:
        """The limits that the target advertised to this session."""
        return self._mapped("limits")

    @property
    def timers(self) -> dict[str, Any]:
        """The timers in force."""
        return self._mapped("timers")

    @property
    def outcomes(self) -> list[Record]:
        """Acks and nacks on `.control`, in tap order."""
        return [r for r in self.control if r.type in OUTCOMES]


@dataclass(slots=True)
class Trace:
    """One run, ready to be judged."""

    records: Sequence[Record]
    facts: Facts
    sessions: dict[Key, SessionTrace] = field(default_factory=dict[Key, SessionTrace])
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    copies: list[Copy] = field(default_factory=list[Copy])
    inboxes: dict[str, list[Record]] = field(default_factory=dict[str, list[Record]])
    """What the server sent to each inbox that a client asked to be answered on, in this protocol."""
    services: list[Exchange] = field(default_factory=list[Exchange])
    """What was asked on `$SRV.…`, with the answers of the server."""
    _views: dict[Callable[[Trace], Any], Any] = field(
        default_factory=dict["Callable[[Trace], Any]", Any], repr=False
    )

    def view(self, make: Callable[[Trace], T]) -> T:
        """Return what a function derives from this trace, made once however many rules ask."""
        if make not in self._views:
            self._views[make] = make(self)
        return cast("T", self._views[make])

    def session(self, user_id: str, session_id: str) -> SessionTrace:
        """The trace of a session, made on first sight."""
        key = (user_id, session_id)
        if key not in self.sessions:
            self.sessions[key] = SessionTrace(user_id, session_id)
        return self.sessions[key]

    def from_server(self) -> Sequence[Record]:
        """All records of the server's side."""
        return self.view(_from_server)

    def hints(self) -> Sequence[Record]:
        """What the server published on `article.{article_id}.updates`."""
        return self.view(_hints)

    def in_private(self) -> Sequence[Record]:
        """What the target published below prefixes of its own.

        There it may keep what it tells a user, body for body: such a message is of the user whom it names.
        Anything else is nobody's, and may be read by everybody.
        """
        return self.view(_in_private)

    def reply_subjects(self) -> frozenset[str]:
        """Every subject that somebody asked to be answered on; the server may ask, too."""
        return self.view(_reply_subjects)


def _from_server(trace: Trace) -> Sequence[Record]:
    return [r for r in trace.records if r.side is Side.SERVER]


def _in_private(trace: Trace) -> Sequence[Record]:
    prefixes = trace.facts.private_prefixes
    if not prefixes:
        return ()
    return [r for r in trace.from_server() if any(below(r.subject, p) for p in prefixes)]


def below(subject: str, prefix: str) -> bool:
    """Whether a subject lies below a prefix that the configuration names, or is it."""
    stem = prefix.removesuffix(">").removesuffix(".")
    return subject == stem or subject.startswith(f"{stem}.")


def _hints(trace: Trace) -> Sequence[Record]:
    return [r for r in trace.from_server() if r.address.family == "hint"]


def _reply_subjects(trace: Trace) -> frozenset[str]:
    return frozenset(r.reply for r in trace.records if r.reply)


def read_trace(records: Sequence[Record], facts: Facts) -> Trace:
    """Read records, in tap order, as sessions, exchanges and copies of actions.

    Records are read by side: which party sent them makes no difference. Those of strangers are to be
    left out before.
    """
    trace = Trace(records, facts)
    answers = _answers(records)
    asked = {r.reply for r in records if r.side is Side.CLIENT and r.subject.startswith(SERVICES)}
    trace.inboxes = {inbox: came for inbox, came in answers.items() if inbox not in asked}
    for record in records:
        if record.side is Side.SERVER:
            _place(trace, record)
        else:
            _ask(trace, record, answers)
    return trace


def _answers(records: Sequence[Record]) -> dict[str, list[Record]]:
    # Whatever lies on a forged reply subject is no answer: it may be somebody's state.
    asked = {
        r.reply for r in records if r.side is Side.CLIENT and r.reply.startswith(REPLY_PREFIXES)
    }
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.side is Side.SERVER and record.subject in asked:
            found[record.subject].append(record)
    return dict(found)


def _place(trace: Trace, record: Record) -> None:
    where = record.address
    if where.user is None or where.session is None:
        return
    session = trace.session(where.user, where.session)
    if where.family == "control":
        session.control.append(record)
    elif where.family in ("state", "events"):
        session.stream.append(record)


def _ask(trace: Trace, record: Record, answers: Mapping[str, list[Record]]) -> None:
    where = record.address
    came = tuple(answers.get(record.reply, ())) if record.reply else ()
    if record.subject.startswith(SERVICES):
        trace.services.append(Exchange(record, came))
    elif where.family == "control" and where.user is not None and where.session is not None:
        exchange = Exchange(record, came)
        trace.exchanges.append(exchange)
        trace.session(where.user, where.session).exchanges.append(exchange)
    elif where.family in ACTION_FAMILIES:
        copy = _copy(record, came)
        trace.copies.append(copy)
        if copy.user_id is not None and copy.session_id is not None:
            trace.session(copy.user_id, copy.session_id).copies.append(copy)


def _copy(record: Record, came: tuple[Record, ...]) -> Copy:
    body = record.body or {}

    def text(name: str) -> str | None:
        value = body.get(name)
        return value if isinstance(value, str) and value else None

    user_id = record.address.user if record.address.family == "actions" else text("user_id")
    return Copy(
        request=record,
        user_id=user_id,
        session_id=text("session_id"),
        action_id=text("action_id"),
        client_seq=record.integer("client_seq"),
        answers=came,
    )


def position_of(record: Record) -> Position | None:
    """The position that a message tells, in its body or in `data.position`."""
    return Position.of(record.body) or Position.of(record.payload.get("position"))

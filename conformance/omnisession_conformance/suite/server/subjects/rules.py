"""Rules on where things are published."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_object, is_object
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES
from omnisession_conformance.roles.server.reading.attempts import KNOWN_EVENTS
from omnisession_conformance.roles.server.reading.lifetimes import STATE_TYPE
from omnisession_conformance.roles.server.reading.trace import OUTCOMES, REQUESTS, Trace, below

if TYPE_CHECKING:
    from omnisession_conformance.traffic.record import Record

ANSWERS = frozenset(
    {
        "session.opened",
        "session.syncing",
        "session.resumed",
        "session.pong",
        "session.closed",
        "error",
    }
)
PUSHES = frozenset({"session.heartbeat", "session.closing", "auth.expiring", *OUTCOMES})
SERVER_TYPES = ANSWERS | PUSHES
"""Types that only a server publishes; it ignores them on `.control`."""
SERVER_FAMILIES = ("state", "events", "control", "hint")


def is_event(record: Record) -> bool:
    """Whether a body is an event of a session, wherever it was published."""
    body = record.body
    if body is None or "session_id" not in body or record.type in SERVER_TYPES:
        return False
    return record.type in KNOWN_EVENTS or ("event_id" in body and record.type != STATE_TYPE)


def _by_subject(trace: Trace) -> dict[str, list[Record]]:
    """What the target published, by subject: a subject is judged once for all that lies on it."""
    return trace.view(_group)


def _in_public(trace: Trace) -> dict[str, list[Record]]:
    """The same without what is the broker's, or private to the target: there it may keep anything."""
    return trace.view(_group_in_public)


def _group_in_public(trace: Trace) -> dict[str, list[Record]]:
    private = trace.facts.private_prefixes
    return {s: rs for s, rs in _by_subject(trace).items() if not _is_private(s, private)}


def _is_private(subject: str, private: tuple[str, ...]) -> bool:
    return subject.startswith("$") or any(below(subject, prefix) for prefix in private)


def _group(trace: Trace) -> dict[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in trace.from_server():
        found[record.subject].append(record)
    return dict(found)


@rule("SUBJ-001")
def streams_keep_their_subjects(trace: Trace, sweep: Sweep) -> None:
    """Judges that a state or event lies on the one subject of its session and class."""
    good = 0
    for subject, records in _in_public(trace).items():
        where = records[0].address
        for record in records:
            body = record.body
            if body is None:
                continue
            if record.type == STATE_TYPE:
                wanted = "state"
            elif is_event(record):
                wanted = "events"
            else:
                continue
            user_id, session_id = body.get("user_id"), body.get("session_id")
            if where.family == wanted and user_id == where.user and session_id == where.session:
                good += 1
                continue
            sweep.broken(
                "SUBJ-001",
                record,
                expected=f"on the .{wanted} subject of user {user_id!r}, session {session_id!r}",
                seen=f"on {subject}",
            )
    sweep.ok("SUBJ-001", good)


@rule("SUBJ-002")
def ids_in_subjects_are_encoded(trace: Trace, sweep: Sweep) -> None:
    """Judges the tokens of every subject that the target published on."""
    for records in _by_subject(trace).values():
        where = records[0].address
        if where.family not in SERVER_FAMILIES:
            continue
        if where.flaw is None:
            sweep.ok("SUBJ-002", len(records))
        else:
            sweep.broken("SUBJ-002", records[0], expected="canonical tokens", seen=where.flaw)


@rule("SUBJ-005")
def answers_go_to_inboxes(trace: Trace, sweep: Sweep) -> None:
    """Judges that answers lie on the reply subject of a message and nowhere else."""
    asked = trace.reply_subjects()
    good = 0
    for subject, records in _in_public(trace).items():
        # What was asked for on a forged reply subject is a matter of SEC-001.
        answers = [record for record in records if record.type in ANSWERS]
        if subject in asked:
            good += len(answers)
            continue
        for record in answers:
            sweep.broken(
                "SUBJ-005",
                record,
                expected="on the reply subject of the message that it answers",
                seen=f"{record.type} on {subject}",
            )
    sweep.ok("SUBJ-005", good)


@rule("SUBJ-007")
def servers_publish_what_is_theirs(trace: Trace, sweep: Sweep) -> None:
    """Judges that the subject table names the server as publisher of each subject used."""
    asked = trace.reply_subjects()
    for subject, records in _in_public(trace).items():
        if subject in asked:
            continue
        if records[0].address.family in SERVER_FAMILIES:
            sweep.ok("SUBJ-007", len(records))
            continue
        for record in records:
            if not _own_affair(record):
                sweep.broken(
                    "SUBJ-007",
                    record,
                    expected="a subject that the subject table gives to servers, or an inbox",
                    seen=subject,
                )


def _own_affair(record: Record) -> bool:
    """Whether an inbox that nobody was seen to ask on is the target's own, asked on before the tap.

    What it gets there looks like nothing of this protocol.
    """
    return record.subject.startswith(REPLY_PREFIXES) and not _of_the_protocol(record)


def _of_the_protocol(record: Record) -> bool:
    type_ = record.type
    known = type_ in SERVER_TYPES or type_ in REQUESTS
    return known or type_ == STATE_TYPE or is_event(record)


@rule("ART-014")
def hints_name_their_article(trace: Trace, sweep: Sweep) -> None:
    """Judges that a hint is about the article of its subject; what it may not say the schema tells."""
    for record in trace.hints():
        body, article = record.body, record.address.article
        if body is not None:
            sweep.judge(
                "ART-014",
                _names_article(body, article),
                record,
                expected=f"article_id {article!r}",
                seen=repr(body.get("article_id")),
                pointer="/article_id",
            )


def _names_article(body: dict[str, Any], article: str | None) -> bool:
    data = as_object(body.get("data"))
    told: list[Any] = [body.get("article_id")]
    if is_object(entity := data.get("article")):
        told.append(entity.get("id"))
    if "article_id" in data:
        told.append(data["article_id"])
    return all(name == article for name in told)

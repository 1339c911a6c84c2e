"""Rules on what nobody may be told: other people's sessions, emails, tokens and drafts."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, maybe_text, member
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES
from omnisession_conformance.roles.server.reading.attempts import attempts
from omnisession_conformance.roles.server.reading.lifetimes import STATE_TYPE, is_request
from omnisession_conformance.roles.server.reading.needles import Needles
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.suite.server.subjects.rules import ANSWERS, SERVER_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

# The rule on drafts has a file of its own and is registered by this.

SHORTEST_TOKEN = 20
"""What cases send as bad tokens may be ordinary words."""
SHORTEST_SESSION = 20
"""A shorter id has no 122 random bits: it is no secret, and may stand in any text."""


# -- forged replies ------------------------------------------------------------------------------------


@rule("SEC-001")
def forged_replies_get_nothing(trace: Trace, sweep: Sweep) -> None:
    """Judges that nothing is published on a reply subject that is no inbox."""
    forged: dict[str, Record] = {}
    for request in (*(e.request for e in trace.exchanges), *(c.request for c in trace.copies)):
        if not is_request(request):
            forged.setdefault(request.reply, request)
    came: defaultdict[str, list[Record]] = defaultdict(list)
    for record in trace.from_server() if forged else ():
        request = forged.get(record.subject)
        if request is not None and record.n > request.n and _is_reply(record, trace):
            came[record.subject].append(record)
    for subject, request in forged.items():
        for record in came[subject]:
            sweep.broken(
                "SEC-001",
                record,
                expected="nothing on a reply subject without _INBOX. or _R_.",
                seen=f"{record.type or 'a message'} on {subject}",
                also=(request,),
            )
        sweep.ok("SEC-001", int(not came[subject]))


def _is_reply(record: Record, trace: Trace) -> bool:
    """Whether a message on a forged reply subject is an answer, and not what belongs there."""
    where, type_ = record.address, record.type
    if where.family not in SERVER_FAMILIES or type_ in ANSWERS:
        return True
    if type_ not in OUTCOMES:
        return False
    if where.family != "control" or where.user is None or where.session is None:
        return True
    action_id: Any = record.payload.get("action_id")
    attempt = attempts(trace).get((where.user, where.session, str(action_id)))
    own = attempt is not None and any(
        not c.request.reply or c.request.reply.startswith(REPLY_PREFIXES) for c in attempt.copies
    )
    return not own


# -- texts that are secrets ------------------------------------------------------------------------------


@rule("SEC-004")
def sessions_stay_secret(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message to a user holds a session id of another user."""
    owners: defaultdict[bytes, set[str]] = defaultdict(set)
    own: defaultdict[str | None, list[bytes]] = defaultdict(list)
    for (user_id, session_id), session in trace.sessions.items():
        own[user_id].append(session_id.encode())
        # What a faulty request named is no session: `xxx…` may well stand in somebody's text.
        if session.opened is not None and len(session_id) >= SHORTEST_SESSION:
            owners[session_id.encode()].add(user_id)
    needles = Needles(owners)
    told = addressed(trace)
    doubtful = [told[n] for n in _told_of_others(told, owners, needles)]
    broken = 0
    found = needles.found_in([record.data for record, _, _ in doubtful])
    for index, texts in found.items():
        record, user_id, request = doubtful[index]
        for text in texts:
            theirs = user_id not in owners[text] and not any(text in id_ for id_ in own[user_id])
            if theirs and (request is None or text not in request.data):
                broken += 1
                sweep.broken(
                    "SEC-004",
                    record,
                    expected="no session id of another user",
                    seen=f"session {text.decode()}",
                    also=(request,) if request is not None else (),
                )
                break
    sweep.ok("SEC-004", len(told) - broken)


def _told_of_others(
    told: list[Told], owners: Mapping[bytes, set[str]], needles: Needles
) -> list[int]:
    """Return which messages are to users who were told of a session of others in any of them.

    Almost every message names its own session, so who reads it is what decides.
    """
    by_reader: defaultdict[str | None, list[int]] = defaultdict(list)
    for index, (_, user_id, _) in enumerate(told):
        by_reader[user_id].append(index)
    found: list[int] = []
    for user_id, mine in by_reader.items():
        texts = needles.any_of(told[index][0].data for index in mine)
        if any(user_id not in owners[text] for text in texts):
            found += mine
    return sorted(found)


Told = tuple["Record", str | None, "Record | None"]
"""A message to users, with the user (None: everybody) and the message that it answers."""


def addressed(trace: Trace) -> list[Told]:
    """What users are sent, and what is private to the target, which is sent to nobody that is known."""
    return trace.view(_addressed)


def _addressed(trace: Trace) -> list[Told]:
    told: list[Told] = []
    for session in trace.sessions.values():
        told += [(record, session.user_id, None) for record in session.stream]
        told += [(record, session.user_id, None) for record in session.control]
    for exchange in trace.exchanges:
        request = exchange.request
        told += [(answer, request.address.user, request) for answer in exchange.answers]
    for copy in trace.copies:
        told += [(answer, copy.user_id, copy.request) for answer in copy.answers]
    told += [(record, None, None) for record in trace.hints()]
    told += [(r, maybe_text(member(r.body, "user_id")), None) for r in trace.in_private()]
    return told


@rule("SEC-005")
def tokens_stay_secret(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message of the target holds a token of the fixture or of an open."""
    tokens = set(trace.facts.tokens)
    for exchange in trace.exchanges:
        token = member(exchange.request.payload.get("auth"), "token")
        if isinstance(token, str) and len(token) >= SHORTEST_TOKEN:
            tokens.add(token)
    if not tokens:
        return
    records = trace.from_server()
    needles = Needles(token.encode() for token in tokens)
    leaked = needles.found_in([record.data for record in records])
    for index in leaked:
        seen = "a token that was sent to the server in a session.open"
        sweep.broken("SEC-005", records[index], expected="no token", seen=seen)
    sweep.ok("SEC-005", len(records) - len(leaked))


# -- emails ----------------------------------------------------------------------------------------------

# It begins where a word does: from within a long text without an `@` a search would be made anew
# for each of its characters.
_EMAIL = re.compile(rb'(?<![^\s"\\<>(),:;])[^\s"\\<>(),:;]+@[^\s"\\<>(),:;]+')


@rule("USER-002")
def emails_stay_with_their_owner(trace: Trace, sweep: Sweep) -> None:
    """Judges that an email stands in its owner's own `user` slice and events, and nowhere else."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for user_id, email in trace.facts.emails.items():
        owners[email].add(user_id)
    for copy in trace.copies:
        email = member(copy.request.payload.get("changes"), "email")
        if isinstance(email, str) and "@" in email and copy.user_id is not None:
            owners[email].add(copy.user_id)
    # An id may look like an email, and is told to whoever may know the user.
    for user_id, _ in trace.sessions:
        owners.pop(user_id, None)
    if not owners:
        return
    quiet = 0
    for record in trace.from_server():
        leaked = _leaked_email(record, owners) if b"@" in record.data else None
        if leaked is None:
            quiet += 1
        else:
            who = " or ".join(sorted(owners[leaked]))
            sweep.broken(
                "USER-002",
                record,
                expected=f"no email but in the user slice and user events of {who}",
                seen=f"the email of user {who} on {record.subject}",
            )
    sweep.ok("USER-002", quiet)


def _leaked_email(record: Record, owners: Mapping[str, set[str]]) -> str | None:
    texts = dict.fromkeys(_EMAIL.findall(record.data))
    found = [m for m in map(_text, texts) if m in owners]
    where = record.address
    if not found:
        return None
    if where.family == "reply":
        return _leaked_in_answer(record, found, owners)
    allowed = _is_of_user_kind(record.body)
    return next((e for e in found if not (allowed and where.user in owners[e])), None)


def _leaked_in_answer(
    record: Record, found: Iterable[str], owners: Mapping[str, set[str]]
) -> str | None:
    """A replay may hold the user states and events of its own session again."""
    told, user_id = as_list(record.payload.get("messages")), member(record.body, "user_id")
    may = "".join(str(m) for m in told if _is_of_user_kind(m))
    must_not = "".join(str(m) for m in told if not _is_of_user_kind(m))
    for email in found:
        if user_id not in owners[email] or email in must_not or email not in may:
            return email
    return None


def _is_of_user_kind(body: Any) -> bool:
    type_ = member(body, "type")
    if type_ == STATE_TYPE:
        return bool(member(member(body, "data"), "type") == "user")
    return isinstance(type_, str) and type_.startswith("user.")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

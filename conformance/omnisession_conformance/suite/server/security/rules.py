"""Rules on what nobody may be told: other people's sessions, emails, tokens and drafts."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.roles.server.reading.attempts import attempts
from omnisession_conformance.roles.server.reading.lifetimes import STATE_TYPE, is_request
from omnisession_conformance.roles.server.reading.trace import OUTCOMES, REPLY_PREFIXES
from omnisession_conformance.suite.server.subjects.rules import ANSWERS, SERVER_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

# The rule on drafts has a file of its own and is registered by this.

SHORTEST_SECRET = 8
"""Shorter texts are found by chance."""
SHORTEST_TOKEN = 20
"""What cases send as bad tokens may be ordinary words."""
LONG_START = 16
FEW = 4
SESSION_GROUPS = 2
"""The ids that the kit makes for most sessions, and one more form."""
TOKEN_GROUPS = 16


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


class Needles:
    """Many texts to look for in many messages, fast where they begin alike.

    Ids and tokens of one run have a long beginning in common and are made of few characters: one
    pattern finds everything that looks like them.
    """

    def __init__(self, texts: Iterable[bytes], most_groups: int) -> None:
        """Take the texts; the very short ones and those of the smallest groups are left out."""
        self.texts = frozenset(text for text in texts if len(text) >= SHORTEST_SECRET)
        # Each group costs a look at every byte of the run, and who leaks, leaks what is usual.
        largest = sorted(_alike(self.texts), key=len, reverse=True)[:most_groups]
        self._groups = [
            (_beginning(group), _looks_like(group), sorted({len(text) for text in group}))
            for group in largest
        ]

    def found_in(self, data: bytes) -> list[bytes]:
        """Return the texts that stand in a message, as often as they do."""
        found: list[bytes] = []
        for start, pattern, lengths in self._groups:
            # A long beginning that a message lacks is seen to be absent almost at once.
            if len(start) >= LONG_START and start not in data:
                continue
            if len(lengths) == 1:
                found += pattern.findall(data)
            else:
                starts = [match.start() for match in pattern.finditer(data)]
                found += [data[at : at + length] for at in starts for length in lengths]
        return [text for text in found if text in self.texts] if found else found


def _alike(texts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Group texts that begin alike; those that soon differ in many ways by their length instead."""
    for group in _grouped(texts, lambda text: text[:SHORTEST_SECRET]):
        by_start = _grouped(group, lambda text: text[:LONG_START])
        yield from by_start if len(by_start) <= FEW else _grouped(group, len)


def _grouped(texts: Iterable[bytes], key: Callable[[bytes], object]) -> list[list[bytes]]:
    groups: defaultdict[object, list[bytes]] = defaultdict(list)
    for text in texts:
        groups[key(text)].append(text)
    return list(groups.values())


def _beginning(texts: list[bytes]) -> bytes:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    shortest = min(len(first), len(last))
    return first[: next((n for n in range(shortest) if first[n] != last[n]), shortest)]


def _looks_like(texts: list[bytes]) -> re.Pattern[bytes]:
    """Return a pattern for what begins like some texts, as long as the shortest of them."""
    common = _beginning(texts)
    length = min(len(text) for text in texts) - len(common)
    rest = bytes(sorted({byte for text in texts for byte in text[len(common) :]}))
    tail = b"[%b]{%d}" % (re.escape(rest), length) if length else b""
    return re.compile(re.escape(common) + tail)


@rule("SEC-004")
def sessions_stay_secret(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message to a user holds a session id of another user."""
    owners: defaultdict[bytes, set[str]] = defaultdict(set)
    for (user_id, session_id), session in trace.sessions.items():
        # What a faulty request named is no session: `xxx…` may well stand in somebody's text.
        if session.opened is not None:
            owners[session_id.encode()].add(user_id)
    needles = Needles(owners, SESSION_GROUPS)
    good = 0
    for record, user_id, request in addressed(trace):
        good += 1
        for text in needles.found_in(record.data):
            if user_id not in owners[text] and (request is None or text not in request.data):
                good -= 1
                sweep.broken(
                    "SEC-004",
                    record,
                    expected="no session id of another user",
                    seen=f"session {text.decode()}",
                    also=(request,) if request is not None else (),
                )
                break
    sweep.ok("SEC-004", good)


def addressed(trace: Trace) -> Iterator[tuple[Record, str | None, Record | None]]:
    """Yield what users are sent, with the user (None: everybody) and the message that it answers."""
    for session in trace.sessions.values():
        for record in (*session.stream, *session.control):
            yield record, session.user_id, None
    for exchange in trace.exchanges:
        for answer in exchange.answers:
            yield answer, exchange.request.address.user, exchange.request
    for copy in trace.copies:
        for answer in copy.answers:
            yield answer, copy.user_id, copy.request
    for record in trace.hints():
        yield record, None, None


@rule("SEC-005")
def tokens_stay_secret(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message of the target holds a token of the fixture or of an open."""
    tokens = set(trace.facts.tokens)
    for exchange in trace.exchanges:
        auth: Any = exchange.request.payload.get("auth")
        token: Any = auth.get("token") if isinstance(auth, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(token, str) and len(token) >= SHORTEST_TOKEN:
            tokens.add(token)
    needles = Needles((token.encode() for token in tokens), TOKEN_GROUPS)
    if not tokens:
        return
    good = 0
    for record in trace.from_server():
        if not needles.found_in(record.data):
            good += 1
        else:
            seen = "a token that was sent to the server in a session.open"
            sweep.broken("SEC-005", record, expected="no token", seen=seen)
    sweep.ok("SEC-005", good)


# -- emails ----------------------------------------------------------------------------------------------

_EMAIL = re.compile(rb'[^\s"\\<>(),:;]+@[^\s"\\<>(),:;]+')


@rule("USER-002")
def emails_stay_with_their_owner(trace: Trace, sweep: Sweep) -> None:
    """Judges that an email stands in its owner's own `user` slice and events, and nowhere else."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for user_id, email in trace.facts.emails.items():
        owners[email].add(user_id)
    for copy in trace.copies:
        changes: Any = copy.request.payload.get("changes")
        email: Any = changes.get("email") if isinstance(changes, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
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
    found = [m for m in (_text(m) for m in _EMAIL.findall(record.data)) if m in owners]
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
    messages: Any = record.payload.get("messages")
    user_id: Any = record.body.get("user_id") if record.body else None
    told: list[Any] = messages if isinstance(messages, list) else []  # pyright: ignore[reportUnknownVariableType]
    may = "".join(str(m) for m in told if _is_of_user_kind(m))
    must_not = "".join(str(m) for m in told if not _is_of_user_kind(m))
    for email in found:
        if user_id not in owners[email] or email in must_not or email not in may:
            return email
    return None


def _is_of_user_kind(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    type_: Any = body.get("type")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    data: Any = body.get("data")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if type_ == STATE_TYPE:
        return isinstance(data, dict) and bool(data.get("type") == "user")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return isinstance(type_, str) and type_.startswith("user.")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

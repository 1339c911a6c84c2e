"""Rules on the slice of the own user: who it is about, and what of it never comes back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, as_object, is_list, is_object, member
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.roles.server.reading.needles import Needles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

KIND = "user"
NAMED = ("username", "email")
"""The members of `changes` that the protocol names."""
SHORTEST_VALUE = 16
"""Shorter texts are found by chance."""


def _told(trace: Trace) -> Iterator[tuple[Lifetime, Step]]:
    for lifetime in lifetimes(trace):
        for step in lifetime.steps:
            if step.kind == KIND:
                yield lifetime, step


@rule("USER-001")
def users_see_themselves(trace: Trace, sweep: Sweep) -> None:
    """Judges that the user of a state or event is the session's own, and its permissions are sorted."""
    for lifetime, step in _told(trace):
        user: Any = step.data.get("user")
        # A server may have no user for an id: then there is nothing to compare.
        if is_object(user):
            told = user.get("id")
            sweep.judge(
                "USER-001",
                told == lifetime.session.user_id,
                step.record,
                expected=f"user {lifetime.session.user_id!r}, whose session it is",
                seen=f"user {told!r}",
                pointer="/data/user/id",
            )
        permissions: Any = step.data.get("permissions")
        if is_list(permissions):
            _judge_permissions(step, permissions, sweep)


def _judge_permissions(step: Step, permissions: list[Any], sweep: Sweep) -> None:
    found = misplacement_in(KIND, "permissions", permissions)
    sweep.judge(
        "USER-001",
        found is None,
        step.record,
        expected="permissions by code point, each once",
        seen=str(permissions),
        pointer=found.pointer if found is not None else None,
    )


@rule("USER-003")
def sessions_are_of_their_user(trace: Trace, sweep: Sweep) -> None:
    """Judges that a list of sessions is in order, has the session that shows it, and none of others."""
    owners = _owners(trace)
    for lifetime, step in _told(trace):
        if step.is_state:
            fault = _fault(lifetime, step, owners)
            pointer, expected, seen = fault or (None, "", "")
            sweep.judge(
                "USER-003",
                fault is None,
                step.record,
                expected=expected,
                seen=seen,
                pointer=pointer,
            )


def _owners(trace: Trace) -> dict[str, set[str]]:
    """The users who opened a session of each id in this run."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for lifetime in lifetimes(trace):
        if lifetime.opened is not None:
            found[lifetime.session.session_id].add(lifetime.session.user_id)
    return found


def _fault(
    lifetime: Lifetime, step: Step, owners: dict[str, set[str]]
) -> tuple[str, str, str] | None:
    """Return where a list of sessions cannot be right: pointer, expected, seen."""
    sessions = as_list(step.data.get("sessions"))
    ids = [member(entry, "session_id") for entry in sessions]
    user_id, own = lifetime.session.user_id, lifetime.session.session_id
    for index, id_ in enumerate(ids):
        if isinstance(id_, str) and user_id not in owners.get(id_, {user_id}):
            return f"/data/sessions/{index}", f"sessions of user {user_id}", "one of another user"
    if own not in ids:
        return "/data/sessions", f"session {own}, which shows the list, in it", str(ids)
    found = misplacement_in(KIND, "sessions", sessions)
    # The same session twice is a matter of STATE-002.
    if found is None or found.same:
        return None
    expected = f"{found.after} before {found.before} (opened_at, then session_id)"
    return found.pointer, expected, f"{found.before} before {found.after}"


@rule("USER-005")
def unknown_members_do_not_come_back(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message of the target holds the value of an unknown member of a user.update."""
    sent: dict[bytes, Record] = {}
    known: set[bytes] = set()
    for copy in trace.copies:
        if copy.request.type != "user.update":
            continue
        for name, value in as_object(copy.request.payload.get("changes")).items():
            if isinstance(value, str) and len(value) >= SHORTEST_VALUE:
                text = value.encode("utf-8", "replace")
                if name in NAMED:
                    known.add(text)
                else:
                    sent.setdefault(text, copy.request)
    secret = {text: request for text, request in sent.items() if text not in known}
    if not secret:
        return
    records = trace.from_server()
    told = Needles(secret).found_in([record.data for record in records])
    # What was told before it was sent is no secret, such as the id of another user.
    known = {t for index, found in told.items() for t in found if records[index].n < secret[t].n}
    good = len(records)
    for index, found in told.items():
        leaked = next((text for text in found if text not in known), None)
        if leaked is None:
            continue
        good -= 1
        sweep.broken(
            "USER-005",
            records[index],
            expected="nothing of a member of user.update that the protocol does not name",
            seen=leaked.decode("utf-8", "replace"),
            also=(secret[leaked],),
        )
    sweep.ok("USER-005", good)

"""Lists at their limit: what a session does not show there may have been cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_text, is_object
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.protocol.model.limits import BOUNDS, bound_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.server.session import Session

ROOM = 100
"""Beside other cases, shorter lists may be cut without ever being seen at their limit."""

OF_ONE = frozenset({"revisions", "urls"})
"""Lists that no other case fills: each has users and articles of its own."""


def ever_full(session: Session, kind: str, name: str) -> bool:
    """Whether a list was at its limit at any time, so that an entry may be missing for good.

    What a case lets pass for that, beside others, it looks for again alone.
    """
    full = _may_have_lost(session, kind, name)
    session.lets_pass = session.lets_pass or (full and not session.alone)
    return full


def _may_have_lost(session: Session, kind: str, name: str) -> bool:
    bound = bound_of(kind, name, session.limits)
    if bound is None or (bound < ROOM and not session.alone):
        return bound is not None
    return was_full(session, kind, name)


def was_full(session: Session, kind: str, name: str) -> bool:
    """Whether a session was shown a list at its limit at any time."""
    bound = bound_of(kind, name, session.limits)
    if bound is None:
        return False
    folder = Folder(session.limits)
    for record in session.stream:
        if folder.take(record.body) == kind and len(folder.slices[kind].get(name) or ()) >= bound:
            return True
    return False


def ever_shown(session: Session, kind: str, name: str) -> frozenset[str]:
    """The ids in a list of users, at any time of what a session was told."""
    folder, found = Folder(session.limits), set[str]()
    for record in session.stream:
        if folder.take(record.body) == kind:
            # Some lists hold users, and some their ids alone.
            shown = folder.slices[kind].get(name) or ()
            found |= {as_text(one.get("id") if is_object(one) else one) for one in shown}
    return frozenset(found)


def crowded(sessions: Iterable[Session]) -> bool:
    """Whether any list that other cases fill as well was at its limit, or may have been."""
    return any(
        _may_have_lost(session, kind, name)
        for session in sessions
        for kind in session.kinds
        for name in BOUNDS.get(kind, {}).keys() - OF_ONE
    )

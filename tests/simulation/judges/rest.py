"""Looks at a world that is at rest: what clients hold, what the server holds, and what the store has."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from omnisession_client import view
from omnisession_conformance.protocol.model.compare import first_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.client import ClientNode
    from tests.simulation.judges.wire import Wire
    from tests.simulation.server import ServerNode

    from omnisession_reference.core import Core
    from omnisession_reference.session import Session

Find = "Callable[[str, str, str], None]"
SHARED = {
    "articles": ("articles", "editors"),
    "chat": ("messages", "participants", "typing_indicators"),
    "url": ("urls",),
    "user": ("user", "sessions"),
}
"""By kind: what every session of a user shows alike, if its rights are the same."""
STORED = {**SHARED, "user": ("user", "permissions")}
"""By kind: what a session that is opened now would show of the same store."""


def look(
    nodes: Iterable[ClientNode], server: ServerNode, wire: Wire, find: Callable[..., None]
) -> None:
    """Look at all clients that are still there."""
    core = server.core
    living = [node for node in nodes if not node.is_over]
    for node in living if core is not None else ():
        session = core.sessions.live(node.config.user_id, node.state.session_id)  # pyright: ignore[reportOptionalMemberAccess]
        if session is None:
            find("rest", node.name, "its session is not there")
            continue
        _like_the_session(node, session, find)
        _like_the_fold(session, wire, find)
    if core is not None:
        for session in core.sessions.all():
            _like_the_store(core, session, find)
    for one, other in combinations(living, 2):
        if one.config.user_id == other.config.user_id:
            _alike(one, other, find)


def _like_the_session(node: ClientNode, session: Session, find: Callable[..., None]) -> None:
    for kind in session.terms.kinds:
        expected, seen = session.slices[kind].data(), node.state.slices[kind]
        if (found := first_difference(kind, expected, seen)) is not None:
            find("slices", node.name, f"{kind}: {found}")
    if node.config.mode == "optimistic" and view.view(node.state) != node.state.slices:
        find("view-at-rest", node.name, "the view is not the slices")


def _like_the_fold(session: Session, wire: Wire, find: Callable[..., None]) -> None:
    stream = wire.streams[session.session_id]
    for kind, folded in stream.folds.get(stream.head, {}).items():
        held = session.slices[kind].data()
        if (found := first_difference(kind, held, folded)) is not None:
            find("server-fold", "server", f"{kind} of {session.session_id}: {found}")


def _like_the_store(core: Core, session: Session, find: Callable[..., None]) -> None:
    kinds: dict[str, Any] = vars(core.control)["_kinds"]
    for kind in session.terms.kinds:
        shown, stored = session.slices[kind].data(), kinds[kind].build(session).data()
        for member in STORED[kind]:
            if shown[member] != stored[member]:
                what = (
                    f"{kind}/{member} of {session.session_id}: {shown[member]} for {stored[member]}"
                )
                find("server-shows", "server", what)


def _alike(one: ClientNode, other: ClientNode, find: Callable[..., None]) -> None:
    for kind in one.state.slices.keys() & other.state.slices.keys():
        for member in SHARED[kind]:
            if one.state.slices[kind][member] != other.state.slices[kind][member]:
                find("converge", one.name, f"{kind}/{member} is not that of {other.name}")

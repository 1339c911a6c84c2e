"""Users as any kind: the name of the acting user, which the user alone is shown in this kind.

Nothing is made: each change takes the place of the one before, so at most the last one shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import FixtureTooSmall
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

UPDATE = "user.update"
TYPE = "user"
OWN = ("username", "email")


def _marker(ctx: Context) -> str:
    return ctx.draws.text("name")


def _make(marker: str) -> tuple[str, Entry]:
    return UPDATE, {"changes": {"username": marker}}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    del id_
    return _make(marker)


def _invalid(marker: str) -> tuple[str, Entry]:
    return UPDATE, {"changes": {"username": marker, "email": 5}}


def _texts(slice_: Mapping[str, Any]) -> list[str]:
    name = as_object(slice_.get(TYPE)).get("username")
    return [name] if isinstance(name, str) else []


def _told(data: Mapping[str, Any]) -> Any:
    return as_object(data.get(TYPE)).get("username")


async def _begins(ctx: Context, session: Session) -> None:
    """Take note of a user that is only lent, so that it has its name back when the case is over.

    Stops where the server has no user for the id, as it may: there is nothing to change then.
    """
    if session.user.id in ctx.put_back or (session.mints and TYPE not in session.kinds):
        return
    seen = session if TYPE in session.kinds else await ctx.open(session.user, kinds=[TYPE])
    before = as_object(seen.slice(TYPE).get(TYPE))
    if not before:
        raise FixtureTooSmall(
            "the server has no user for the ids of the fixture; list users it has"
        )
    if not session.mints:
        changes = {name: before[name] for name in OWN if name in before}
        ctx.put_back[session.user.id] = (UPDATE, {"changes": changes})


ANY_USER = AnyKind(
    name=TYPE,
    id_member=None,
    list=None,
    event="user.updated",
    altered="user.updated",
    everybody=False,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
    missing=None,
    texts=_texts,
    told=_told,
    begins=_begins,
)

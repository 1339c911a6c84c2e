"""How cases make short urls and look for them: small steps, each acked or the case stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.protocol.kinds.url import SHORT_URL
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.steps.articles import unique

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

KIND = "url"
LONGEST_CODE = 64
"""A `short_code` has so many characters at most."""
Entry = dict[str, Any]


def takes_url(*actions: str) -> tuple[str, ...]:
    """The needs of a case that works with urls and these actions on them (`create`, …)."""
    return (KIND, *(f"action:url.{name}" for name in actions))


def address(ctx: Context) -> str:
    """An address that nothing else in this run or on this server has."""
    return f"https://example.org/{unique(ctx, 'url')}"


def code(ctx: Context) -> str:
    """A short code that no url has."""
    return ctx.draws.slug()


async def open_urls(ctx: Context, user: User, *, events: bool = False) -> Session:
    """Open a session with the kind url; one with `events` gets states where these are not served."""
    return await ctx.open(user, kinds=[KIND], features=["events"] if events else [])


async def open_three(ctx: Context, user: User) -> list[Session]:
    """Open two sessions without `events`, the first to act in, and one with."""
    return [await open_urls(ctx, user, events=events) for events in (False, True, False)]


def url_id(ack: Answer) -> str:
    """The id that the ack of a create names; Prerequisite where it names none."""
    id_ = ack.result.get("url_id")
    if not isinstance(id_, str) or not id_:
        raise Prerequisite("the ack of url.create does not name the url in result.url_id")
    return id_


async def create_url(ctx: Context, session: Session, **data: Any) -> str:
    """Create a url and return its id; its address is one of its own where none is given."""
    return url_id(await session.apply("url.create", {"target_url": address(ctx), **data}))


async def update_url(session: Session, id_: str, **changes: Any) -> Answer:
    """Change members of a url."""
    return await session.apply("url.update", {"url_id": id_, "changes": changes})


async def urls_of(session: Session) -> list[Entry]:
    """The urls that a session shows at a fence that is made now."""
    told: list[Entry] = session.slice(KIND, upto=await session.fence()).get("urls") or []
    return told


async def url_in(session: Session, id_: str, *, there: bool = True) -> Entry | None:
    """How a session shows a url at a fence that is made now.

    Raises NoRoom where it should be there, is not, and may have been cut off a list at its limit.
    """
    told = await urls_of(session)
    found = next((entry for entry in told if entry.get("id") == id_), None)
    bound = bound_of(KIND, "urls", session.limits)
    if found is None and there and bound is not None and len(told) >= bound:
        raise NoRoom(f"the list of urls was at its limit and may have lost {id_}")
    return found


LASTING = tuple(name for name in SHORT_URL.members if name != "access_count")
"""Members that no access changes: somebody may follow a code at any time."""


def part_of(url: Entry | None, names: tuple[str, ...] = SHORT_URL.members) -> Entry:
    """Some members of a url, as told."""
    return {name: (url or {}).get(name, "(missing)") for name in names}

"""STATE, URL: what changes in a full list of urls, and what becomes of the urls that it does not show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.outcomes import refused
from omnisession_conformance.roles.server.steps.urls import (
    KIND,
    Entry,
    address,
    code,
    open_three,
    open_urls,
    part_of,
    takes_url,
    update_url,
    url_id,
    urls_of,
)
from omnisession_conformance.suite.server.limits.long_lists import (
    CUT,
    FULL,
    MOST,
    cut_or_stop,
    fill,
    may_show,
    unlike,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

SHOWN = ("id", "short_code", "target_url", "is_active")
LEAST = 3


@dataclass(frozen=True, slots=True)
class Full:
    """A user with a url more than a list of them shows, where such a list can be filled."""

    sessions: Sequence[Session]
    codes: Mapping[str, str]
    """By id the codes of all that were made."""
    shown: Sequence[Entry]
    """What the list shows."""

    @property
    def ids(self) -> list[str]:
        """The ids of what the list shows."""
        return [str(url.get("id")) for url in self.shown]

    @property
    def oldest(self) -> str:
        """A url that the list does not show; else Prerequisite."""
        cut = [id_ for id_ in self.codes if id_ not in self.ids]
        if not cut:
            raise Prerequisite("no url was cut off the list")
        return cut[0]


async def _fill(ctx: Context) -> Full:
    limit, sessions = ctx.declared.limit("urls"), await open_three(ctx, ctx.user())
    codes, target = [code(ctx) for _ in range(min(limit, MOST) + 1)], address(ctx)
    creates = [("url.create", {"target_url": target, "short_code": one}) for one in codes]
    acks = await fill(ctx, sessions[1], creates, KIND, "urls")
    made = dict(zip(map(url_id, acks), codes, strict=True))
    shown = await urls_of(sessions[0])
    ctx.require(len(shown) >= LEAST, "urls that were acked are not shown")
    return Full(sessions, made, shown)


def _where(session: Session, sessions: Sequence[Session]) -> str:
    late = "opened later " if session not in sessions else ""
    return f"in a session {late}{'with' if session.features else 'without'} events"


def _stay(ctx: Context, full: Full, session: Session, seen: Sequence[Entry], what: str) -> None:
    """Observe that a list has lost none of its urls, and shows no other."""
    ids = [str(url.get("id")) for url in seen]
    why = f"urls of a full list {what}, {_where(session, full.sessions)}"
    unlike(ctx, CUT, full.ids, ids, on=session.stream[-1:], why=why)


@case(
    *(CUT, FULL, "URL-006"),
    needs=takes_url("create", "update", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def changes_in_a_full_list_of_urls(ctx: Context) -> None:
    """The first, a middle one and the last that is shown are updated and deleted; all others stay."""
    limit, full = ctx.declared.limit("urls"), await _fill(ctx)
    # The last comes first: what is done to it while the list is full is undone by nothing that follows.
    chosen = [full.ids[at] for at in (-1, len(full.ids) // 2, 0)]
    targets = {id_: address(ctx) for id_ in chosen}
    for session, id_ in zip(full.sessions, chosen, strict=True):
        await update_url(session, id_, target_url=targets[id_])
    wanted = [
        part_of(
            {**url, "target_url": targets.get(str(url.get("id")), url.get("target_url"))}, SHOWN
        )
        for url in full.shown
    ]
    for session in (*full.sessions, await open_urls(ctx, full.sessions[0].user)):
        seen, on = await urls_of(session), session.stream[-1:]
        _stay(ctx, full, session, seen, "after updates")
        told = {url.get("id"): part_of(url, SHOWN) for url in seen}
        known = [url for url in wanted if url["id"] in told]
        why = f"after updates in a full list, {_where(session, full.sessions)}"
        unlike(ctx, "URL-006", known, [told[url["id"]] for url in known], on=on, why=why)
    for session, id_ in zip(full.sessions, chosen, strict=True):
        await session.apply("url.delete", {"url_id": id_})
    for session in (*full.sessions, await open_urls(ctx, full.sessions[0].user)):
        seen, on = [str(url.get("id")) for url in await urls_of(session)], session.stream[-1:]
        why = f"after deletes in a full list, {_where(session, full.sessions)}"
        back = [id_ for id_ in seen if id_ in chosen]
        ctx.equal("URL-006", [], back, on=on, why=f"deleted urls, {why}")
        left = may_show(full.ids, seen, limit, chosen)
        lost = [id_ for id_ in left if id_ not in seen]
        ctx.equal(CUT, [], lost[:3], on=on, why=f"urls that are missing, {why}")
    cut_or_stop(ctx, "urls")


@case(
    *(CUT, FULL, "URL-002", "URL-006", "EVENT-007"),
    needs=takes_url("create", "update", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def urls_that_were_cut_off_exist(ctx: Context) -> None:
    """A url that the list shows no more keeps its code, and can be updated and deleted."""
    cut_or_stop(ctx, "urls")
    full = await _fill(ctx)
    actor, told, _ = full.sessions
    other, id_ = await open_urls(ctx, ctx.user()), full.oldest
    await _is_taken(ctx, full, other, full.codes[id_])
    head, target, new = await told.fence(), address(ctx), code(ctx)
    for changes in ({"target_url": target}, {"short_code": new}):
        answer = await actor.act("url.update", {"url_id": id_, "changes": changes})
        if not ctx.acked("URL-006", answer, why="url.update of a url that was cut off the list"):
            return
    await _is_told(ctx, told, head, {"target_url": target, "short_code": new})
    await _is_taken(ctx, full, other, new)
    for session in (*full.sessions, await open_urls(ctx, actor.user)):
        _stay(ctx, full, session, await urls_of(session), "after an update of one that was cut off")
    answer = await actor.act("url.delete", {"url_id": id_})
    if ctx.acked("URL-006", answer, why="url.delete of a url that was cut off the list"):
        await refused(ctx, "URL-006", actor, "url.delete", {"url_id": id_}, 4040)
    for session in (*full.sessions, await open_urls(ctx, actor.user)):
        _stay(ctx, full, session, await urls_of(session), "after a delete of one that was cut off")


async def _is_taken(ctx: Context, full: Full, other: Session, taken: str) -> None:
    """Observe that nobody gets a code that a url has which is not shown."""
    create = {"target_url": address(ctx), "short_code": taken}
    for session in (full.sessions[0], other):
        await refused(ctx, "URL-002", session, "url.create", create, 4220)
    update = {"url_id": full.ids[0], "changes": {"short_code": taken}}
    await refused(ctx, "URL-002", full.sessions[0], "url.update", update, 4220)


async def _is_told(ctx: Context, session: Session, head: Position, last: Entry) -> None:
    """Observe that the updates of a url that is not shown come as events, where there are any."""
    if "events" not in session.features:
        return
    await session.fence()
    records = [r for r in session.after(head) if r.type == "url.updated"]
    urls = [as_object(r.payload.get("url")) for r in records]
    seen = part_of(urls[-1] if urls else None, tuple(last))
    why = f"{KIND}.updated of a url that was cut off the list of the session"
    ctx.equal("EVENT-007", last, seen, on=records, why=why)

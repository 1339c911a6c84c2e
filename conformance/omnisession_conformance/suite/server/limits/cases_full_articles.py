"""STATE, ART, EDIT: what changes in a full list of articles, and what becomes of those that are cut off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    created_id,
    current,
    delete,
    end_edit,
    find_editor,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.lists import ever_full
from omnisession_conformance.roles.server.steps.outcomes import refused
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.suite.server.limits.long_lists import (
    CUT,
    FEW,
    FULL,
    MOST,
    cut_or_stop,
    fill,
    may_show,
    unlike,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

LEAST = 3
TRIES = 3


@dataclass(frozen=True, slots=True)
class Full:
    """An author with a draft more than a list of articles shows, where such a list can be filled."""

    sessions: Sequence[Session]
    made: Sequence[str]
    titles: Mapping[str, str]
    """By id the titles of those drafts that the list shows, in its order."""
    selected: str | None
    """Which draft was selected in all sessions before the list was full."""

    @property
    def last(self) -> str:
        """A draft that the list does not show, the selected one if it is such; else Prerequisite."""
        cut = [id_ for id_ in self.made if id_ not in self.titles]
        if self.selected in cut:
            return self.selected
        if not cut:
            raise Prerequisite("no draft was cut off the list")
        return cut[0]


async def _fill(ctx: Context, *, selecting: bool = False) -> Full:
    """Fill the list and make one draft more; with `selecting` the last that is shown then is selected."""
    limit, user = ctx.declared.limit("articles"), ctx.user()
    sessions = [await open_articles(ctx, user, events=events) for events in (True, False)]
    acks = await fill(ctx, sessions[0], _creates(ctx, min(limit, MOST)), KIND, "articles")
    made = [created_id(ack) for ack in acks]
    selected = max(made) if selecting else None
    for session in sessions if selecting else ():
        await select(session, selected)
    titles: dict[str, str] = {}
    # Where the id of a further one is above all others it is the one that is cut off.
    for _ in range(TRIES):
        one_more = _creates(ctx, 1)
        acks = await fill(ctx, sessions[0], one_more, KIND, "articles", before=len(made))
        made.append(created_id(acks[0]))
        shown = [a for a in entries(await view(sessions[1]), "articles") if a.get("id") in made]
        titles = {str(a.get("id")): str(a.get("title")) for a in shown}
        if selected not in titles:
            break
    ctx.require(len(titles) >= LEAST, "articles that were acked are not shown")
    return Full(sessions, made, titles, selected)


def _creates(ctx: Context, count: int) -> list[tuple[str, dict[str, Any]]]:
    return [("article.create", {"title": unique(ctx, "title")}) for _ in range(count)]


def _where(session: Session, sessions: Sequence[Session]) -> str:
    late = "opened later " if session not in sessions else ""
    return f"in a session {late}{'with' if session.features else 'without'} events"


async def _stay(
    ctx: Context, full: Full, session: Session, what: str, titles: Mapping[str, str]
) -> None:
    """Observe that a list has lost none of its drafts, shows no other, and has their titles."""
    seen, on = await view(session), session.stream[-1:]
    own = {
        str(a.get("id")): a.get("title")
        for a in entries(seen, "articles")
        if a.get("id") in full.made
    }
    why = f"drafts of a full list {what}, {_where(session, full.sessions)}"
    unlike(ctx, CUT, list(titles), list(own), on=on, why=why)
    told = [own[id_] for id_ in titles if id_ in own]
    wanted = [title for id_, title in titles.items() if id_ in own]
    unlike(ctx, "ART-002", wanted, told, on=on, why=why)


@case(
    *(CUT, FULL, "ART-002", "ART-013"),
    needs=takes("create", "update", "edit_start", "edit_end", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def changes_in_a_full_list_of_articles(ctx: Context) -> None:
    """The first, a middle one and the last draft that is shown are changed and deleted; all others stay."""
    limit, full = ctx.declared.limit("articles"), await _fill(ctx)
    actor, ids = full.sessions[0], list(full.titles)
    # The last comes first: what is done to it while the list is full is undone by nothing that follows.
    chosen = [ids[at] for at in (-1, len(ids) // 2, 0)]
    titles = {**full.titles, **{id_: unique(ctx, "again") for id_ in chosen}}
    for id_ in chosen:
        await update(actor, id_, title=titles[id_])
    for session in (*full.sessions, await open_articles(ctx, actor.user)):
        await _stay(ctx, full, session, "after updates", titles)
    if ctx.declared.limit("editors") < FEW:
        await _ends_in_a_full_list(ctx, full)
    for id_ in chosen:
        await delete(actor, id_)
    for session in (*full.sessions, await open_articles(ctx, actor.user)):
        slice_, on = await view(session), session.stream[-1:]
        shown = [str(a.get("id")) for a in entries(slice_, "articles")]
        why = f"after deletes in a full list, {_where(session, full.sessions)}"
        back = [id_ for id_ in shown if id_ in chosen]
        ctx.equal("ART-013", [], back, on=on, why=f"deleted articles, {why}")
        own = [id_ for id_ in shown if id_ in full.made]
        lost = [id_ for id_ in may_show(ids, own, limit, chosen) if id_ not in own]
        ctx.equal(CUT, [], lost[:3], on=on, why=f"drafts that are missing, {why}")
    cut_or_stop(ctx, "articles")


async def _ends_in_a_full_list(ctx: Context, full: Full) -> None:
    """Observe that the end of an edit in a full list of editors takes no other one along."""
    actor, limit = full.sessions[0], ctx.declared.limit("editors")
    edited = sorted(full.titles)[: limit + 1]
    starts = [("article.edit_start", {"article_id": id_}) for id_ in edited]
    await fill(ctx, actor, starts, KIND, "editors")
    before = [_edited(session, await view(session), full) for session in full.sessions]
    late = await open_articles(ctx, actor.user)
    ended = edited[len(edited) // 2]
    await end_edit(actor, ended)
    before.append(before[-1])
    for session, old in zip((*full.sessions, late), before, strict=True):
        seen, on = _edited(session, await view(session), full), session.stream[-1:]
        why = f"after the end of an edit in a full list, {_where(session, full.sessions)}"
        lost = [id_ for id_ in may_show(old, seen, limit, [ended]) if id_ not in seen]
        ctx.equal(CUT, [], lost[:3], on=on, why=f"editors that are missing, {why}")


def _edited(session: Session, slice_: Mapping[str, object], full: Full) -> list[str]:
    """Which drafts of the case the list of editors says are edited by their author."""
    mine = [e for e in entries(slice_, "editors") if e.get("user_id") == session.user.id]
    return [id_ for e in mine if (id_ := str(e.get("article_id"))) in full.made]


@case(
    *(CUT, FULL, "ART-002", "ART-011", "ART-012", "ART-013", "EDIT-002"),
    needs=takes("create", "update", "select", "edit_start", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def articles_that_were_cut_off_exist(ctx: Context) -> None:
    """An article that the list shows no more stays selected, and can be changed, edited and deleted."""
    cut_or_stop(ctx, "articles")
    full = await _fill(ctx, selecting=True)
    actor, id_ = full.sessions[0], full.last
    for session in full.sessions:
        why = f"an article that was cut off the list, {_where(session, full.sessions)}"
        if id_ != full.selected:
            answer = await session.act("article.select", {"article_id": id_})
            if not ctx.acked("ART-011", answer, why=f"article.select of {why}"):
                return
        seen, on = current(await view(session)).get("id"), session.stream[-1:]
        ctx.equal("ART-012", id_, seen, on=on, why=f"current_article, {why}")
    title = unique(ctx, "again")
    data = {"article_id": id_, "changes": {"title": title}}
    answer = await actor.act("article.update", data)
    if not ctx.acked("ART-002", answer, why="article.update of one that was cut off the list"):
        return
    late = await open_articles(ctx, actor.user)
    answer = await late.act("article.select", {"article_id": id_})
    ctx.acked("ART-011", answer, why="article.select of one that was cut off the list")
    sessions = (*full.sessions, late)
    for session in sessions:
        requirement = "ART-011" if session is late else "ART-012"
        seen, on = current(await view(session)), session.stream[-1:]
        why = f"a selected article that was cut off the list, {_where(session, full.sessions)}"
        wanted = {"id": id_, "title": title}
        ctx.equal(requirement, wanted, {name: seen.get(name) for name in wanted}, on=on, why=why)
    await start_edit(actor, id_)
    for session in (*sessions, await open_articles(ctx, actor.user)):
        await _stay(ctx, full, session, "after an update of one that was cut off", full.titles)
        await _is_edited(ctx, session, id_, full)
    await delete(actor, id_)
    await refused(ctx, "ART-013", actor, "article.delete", {"article_id": id_}, 4040)
    for session in sessions:
        await _stay(ctx, full, session, "after a delete of one that was cut off", full.titles)
        seen, on = await view(session), session.stream[-1:]
        left = [current(seen).get("id"), *(r.get("article_id") for r in entries(seen, "revisions"))]
        why = f"a deleted article that was cut off the list, {_where(session, full.sessions)}"
        ctx.equal("ART-013", [None], left, on=on, why=why)
        edit = find_editor(seen, id_, actor.user.id)
        ctx.equal("ART-013", None, edit, on=on, why=f"the edit of {why}")


async def _is_edited(ctx: Context, session: Session, id_: str, full: Full) -> None:
    seen, on = find_editor(await view(session), id_, session.user.id), session.stream[-1:]
    if seen is None and ever_full(session, KIND, "editors"):
        return
    why = f"the edit of an article that was cut off the list, {_where(session, full.sessions)}"
    ctx.check(
        "EDIT-002",
        seen is not None,
        expected="an entry in editors",
        seen="it" if seen else "none",
        on=on,
        why=why,
    )

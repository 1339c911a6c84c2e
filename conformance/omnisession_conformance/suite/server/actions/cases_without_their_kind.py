"""ACTION: every listed action is taken from a session that did not open its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.urls import address

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

Data = dict[str, Any]
MAKES = {"articles": "article.create", "chat": "chat.send", "url": "url.create"}
"""What makes something that further actions name."""


def _made(ctx: Context, kind: str) -> Data:
    match kind:
        case "articles":
            return {"title": unique(ctx, "title")}
        case "chat":
            return {"content": unique(ctx, "message")}
        case _:
            return {"target_url": address(ctx)}


def _further(ctx: Context, kind: str, named: Data) -> list[tuple[str, Data]]:
    """What is done to something that was made, the last of it its deletion."""
    match kind:
        case "articles":
            changes = {"changes": {"title": unique(ctx, "title")}}
            rest = ("publish", "edit_start", "edit_end", "select", "delete")
            updated: Data = {**named, **changes}
            return [("article.update", updated), *((f"article.{name}", named) for name in rest)]
        case "chat":
            edited = {**named, "content": unique(ctx, "message")}
            return [("chat.edit", edited), ("chat.delete", named)]
        case _:
            switched = {**named, "changes": {"is_active": False}}
            return [("url.update", switched), ("url.delete", named)]


@case("ACTION-025")
async def further_actions_need_no_kind(ctx: Context) -> None:
    """What was made in a session of its kind is changed and deleted from one that has another kind."""
    user, tried = ctx.user(), 0
    for kind, makes in MAKES.items():
        others = ctx.declared.other_kinds(kind)
        if kind not in ctx.declared.kinds or makes not in ctx.declared.actions or not others:
            continue
        home = await ctx.open(user, kinds=[kind])
        elsewhere: Session = await ctx.open(user, kinds=others[:1])
        ack = await home.apply(makes, _made(ctx, kind))
        for type_, data in _further(ctx, kind, dict(ack.result)):
            if type_ in ctx.declared.actions:
                tried += 1
                answer = await elsewhere.act(type_, data)
                why = f"{type_} from a session that opened {others[0]} alone"
                ctx.acked("ACTION-025", answer, status="applied", why=why)
    if not tried:
        raise NotOffered("the target takes no further actions, or has one kind alone")

"""Two editors of one article: what is based on an old revision is refused, and both see the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_int, as_object, as_text, objects
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.interop.steps.scene import GOES_ON, OF_ALL, open_scene

if TYPE_CHECKING:
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.steps.acts import Act
    from omnisession_conformance.roles.interop.steps.scene import Player, Scene

ARTICLES, CREATE, UPDATE = "articles", "article.create", "article.update"
CONFLICT, TOLD, READS = "ART-007", "HYB-015", "ART-012"
REVISION_CONFLICT = 4090


@case(
    *OF_ALL,
    CONFLICT,
    READS,
    TOLD,
    needs=(ARTICLES, f"action:{CREATE}", f"action:{UPDATE}", "role:editor"),
    phase=Phase.LOUD,
    ends=(GOES_ON,),
    drawn=True,
    limit_ms=60_000,
)
async def edit_together(ctx: Context) -> None:
    """Two editors change one article; the one who is late is refused, is told, and tries again."""
    scene = await open_scene(ctx, 1, 1, kinds=(ARTICLES,), role="editor")
    one, other = scene.players
    article_id = await _article(scene, one)
    for player in scene.players:
        for type_ in ("article.select", "article.edit_start"):
            if scene.can(type_):
                await scene.does(player, type_, article_id)
    await scene.acting.settled()
    scene.acting.needs_acks()
    revision = _revision(one, article_id)
    first = await _update(scene, one, article_id, revision)
    scene.acting.needs_acks([first])
    late = await _update(scene, other, article_id, revision)
    _refused(ctx, late)
    await _is_told(ctx, late)
    again = await _update(scene, other, article_id, await _now(other, article_id))
    scene.acting.needs_acks([again])
    await scene.rest()
    _reads(scene, article_id, as_text(again.deed.data["changes"]["content"]))


async def _article(scene: Scene, player: Player) -> str:
    made = await scene.does(player, CREATE)
    await scene.acting.settled([made])
    scene.acting.needs_acks([made])
    if not made.made:
        raise Prerequisite("the ack of article.create names no article")
    if scene.can("article.publish"):
        published = await scene.does(player, "article.publish", data={"article_id": made.made})
        await scene.acting.settled([published])
        scene.acting.needs_acks([published])
    return made.made


def _revision(player: Player, article_id: str) -> int:
    articles = objects(player.witness.slice(ARTICLES)["articles"])
    mine = (as_int(one.get("revision")) for one in articles if one.get("id") == article_id)
    if not (revision := next(mine, 0)):
        raise Prerequisite("an editor is not shown the article that another one has made")
    return revision


async def _now(player: Player, article_id: str) -> int:
    await player.witness.fence()
    return _revision(player, article_id)


async def _update(scene: Scene, player: Player, article_id: str, revision: int) -> Act:
    act = await scene.does(player, UPDATE, article_id, expect={"revision": revision})
    await scene.acting.settled([act])
    await player.witness.fence()
    return act


def _refused(ctx: Context, late: Act) -> None:
    """Observe that what expects an old revision is refused as that."""
    outcome = late.outcome
    if outcome is None:
        raise Prerequisite("the client does not send what expects an old revision")
    ctx.check(
        CONFLICT,
        outcome.code == REVISION_CONFLICT,
        expected=f"a nack with {REVISION_CONFLICT}",
        seen=str(outcome),
        on=outcome,
        why="an update that expects the revision before the last update",
    )


async def _is_told(ctx: Context, late: Act) -> None:
    """Observe that the user whose action was refused is told of it."""
    if late.member is None or not ctx.judges(TOLD) or late.outcome is None or late.outcome.acked:
        return
    ids = late.ids
    expected = f"refused has {', '.join(ids)}"

    report = await late.member.refusal(ids, within_s=WITHIN_S)
    if report is None:
        ctx.absent(TOLD, expected=expected, waited_s=WITHIN_S, on=late.outcome)
    else:
        ctx.check(TOLD, good=True, expected=expected, seen=expected)


def _reads(scene: Scene, article_id: str, content: str) -> None:
    """Observe that both have the last text before them."""
    if not scene.can("article.select"):
        return
    for member in scene.members:
        if "article.select" not in member.takes:
            continue
        view = member.view(member.session_ids[-1])
        current = as_object(view.slice(ARTICLES)["current_article"])
        scene.ctx.equal(
            READS,
            (article_id, content),
            (current.get("id"), current.get("content")),
            on=view.stream[-1:],
            pointer="/data/current_article/content",
            why="the selected article, at rest, as the server has told it",
        )

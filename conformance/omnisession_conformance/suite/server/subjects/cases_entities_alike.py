"""SUBJ: ids of articles, messages and urls that are near to one that is there name nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.subjects import MAX_ARTICLE_BYTES, tok
from omnisession_conformance.protocol.vocabulary.lookups import misspelt
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.chat import open_chat, say, takes_chat
from omnisession_conformance.roles.server.steps.urls import create_url, open_urls, takes_url
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body


@case("SUBJ-004", needs=takes("create", "select"))
async def near_article_ids_name_nothing(ctx: Context) -> None:
    """A selection of an id that is near to that of an article gets 4040, one of the id itself is taken."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    await _names_nothing(ctx, session, id_, lambda named: ("article.select", {"article_id": named}))


@case("SUBJ-004", needs=takes_url("create", "update"))
async def near_url_ids_name_nothing(ctx: Context) -> None:
    """An update of an id that is near to that of a url gets 4040, one of the id itself is taken."""
    session = await open_urls(ctx, ctx.user())
    id_ = await create_url(ctx, session)
    what = {"is_active": False}
    await _names_nothing(
        ctx, session, id_, lambda named: ("url.update", {"url_id": named, "changes": what})
    )


@case("SUBJ-004", needs=takes_chat("send", "edit"))
async def near_message_ids_name_nothing(ctx: Context) -> None:
    """An edit of an id that is near to that of a message gets 4040, one of the id itself is taken."""
    session = await open_chat(ctx, ctx.user())
    id_, content = await say(session, unique(ctx, "message")), unique(ctx, "message")
    await _names_nothing(
        ctx, session, id_, lambda named: ("chat.edit", {"message_id": named, "content": content})
    )


async def _names_nothing(
    ctx: Context, session: Session, id_: str, action: Callable[[str], tuple[str, Body]]
) -> None:
    await session.apply(*action(id_))
    for named, what in misspelt(id_).items():
        # What is no id at all may be told so.
        codes = (4040,) if len(tok(named)) <= MAX_ARTICLE_BYTES else (4040, 4001)
        before = ctx.log.mark()
        answer = await session.act(*action(named))
        if answer.code not in codes and _is_told(ctx, named, before):
            # A server may count: then one digit less is the id of another thing.
            continue
        why = f"{action(named)[0]} of an id that differs from one that is there in {what}"
        ctx.refused("SUBJ-004", answer, *codes, why=why)
    answer = await session.act(*action(id_))
    ctx.acked("SUBJ-004", answer, why=f"{action(id_)[0]} of the id itself")


def _is_told(ctx: Context, id_: str, before: int) -> bool:
    """Whether the target has told an id of its own that is this one, before a message of the log.

    That is looked for in all that the target has said, so it is asked only where it decides.
    """
    word = json.dumps(id_, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return any(word in r.data for r in ctx.log.records[:before] if r.party is Party.TARGET)

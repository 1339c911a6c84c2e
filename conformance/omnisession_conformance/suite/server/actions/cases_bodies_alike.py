"""ACTION: bodies that differ in little are of different actions, however one is written it is the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.bodies import VALUE, backwards, differing
from omnisession_conformance.roles.server.steps.articles import (
    CREATE,
    open_articles,
    takes,
    titles,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.sending import NOOP

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body


@case("ACTION-009", "ACTION-005")
async def near_bodies_are_other_actions(ctx: Context) -> None:
    """Under a known id, data or an expect that differs in one place gets 4092, the same does not."""
    session = await ctx.open(ctx.user())
    plain = session.action_body(NOOP, VALUE)
    expecting = session.action_body(NOOP, {}, expect={"revision": 1})
    for body in (plain, expecting):
        ctx.require((await session.needed_outcome_of(body)).acked, f"{NOOP} was not acked")
    for what, data in differing().items():
        await _another(ctx, session, {**plain, "data": data}, f"data that differ in {what}")
    for what, expect in (
        ("another number", {"revision": 2}),
        ("the number as text", {"revision": "1"}),
        ("true for the number", {"revision": True}),
        ("a member more", {"revision": 1, "x-more": 1}),
        ("a number that is 32 bits away", {"revision": 1 + (1 << 32)}),
    ):
        why = f"an expect that differs in {what}"
        await _another(ctx, session, {**expecting, "expect": expect}, why)
    why = "an expect that is empty, where there was none"
    await _another(ctx, session, {**plain, "expect": {}}, why)
    await _same(ctx, session, plain)


async def _another(ctx: Context, session: Session, body: Body, why: str) -> None:
    ctx.refused("ACTION-009", await session.outcome_of(body), 4092, why=why)


async def _same(ctx: Context, session: Session, body: Body) -> None:
    """Observe that an action is a copy of itself, in whatever way it is written."""
    ways = {
        "as it was": json.dumps(body).encode(),
        "with white space": json.dumps(body, indent="\t").encode(),
        "with its members from last to first": json.dumps(
            backwards(body), ensure_ascii=False
        ).encode(),
        "with white space at both ends": b" \r\n\t" + json.dumps(body).encode() + b"\n \t\r\n",
        "with escapes": _escaped(body),
        "with escapes in its type and its names": json.dumps(body)
        .replace(NOOP, NOOP.replace(".", "\\u002e"))
        .replace('"data"', '"d\\u0061ta"')
        .encode(),
        "at another time, with a member that nobody knows": json.dumps(
            {**body, "timestamp": body["timestamp"] + 1, "x_more": {"a": 1}}
        ).encode(),
    }
    for what, raw in ways.items():
        sent = await session.send("a copy", body=raw, subject=session.actions_subject)
        ctx.acked("ACTION-005", await sent.answer(), status="duplicate", why=f"a copy {what}")


def _escaped(body: Body) -> bytes:
    """A body with escapes for letters that need none, in one of its texts."""
    text: str = body["data"]["text"]
    told = "".join(f"\\u{ord(letter):04X}" for letter in text)
    return json.dumps(body, ensure_ascii=False).replace(text, told).encode()


@case("ACTION-009", needs=takes("create"))
async def near_creates_are_other_actions(ctx: Context) -> None:
    """Under the id of a create, one with a title, text or list that differs in little gets 4092."""
    session = await open_articles(ctx, ctx.user())
    title = f"{unique(ctx, 'title')} \u00e9"
    data = {"title": title, "content": "text", "tags": ["b", "a"]}
    create = session.action_body(CREATE, data)
    made = await session.needed_outcome_of(create)
    ctx.require(made.acked, f"{CREATE} was not acked")
    others: list[tuple[str, Body]] = [
        ("the case of its title", {**data, "title": title.swapcase()}),
        ("the Unicode form of its title", {**data, "title": f"{title[:-1]}e\u0301"}),
        ("a space behind its title", {**data, "title": f"{title} "}),
        ("the case of its content", {**data, "content": "Text"}),
        ("the order of its tags", {**data, "tags": ["a", "b"]}),
        ("a tag that stands twice", {**data, "tags": ["b", "a", "a"]}),
        ("a text that is empty more", {**data, "subtitle": ""}),
        ("its content not being there", {"title": title, "tags": ["b", "a"]}),
    ]
    for what, other in others:
        await _another(ctx, session, {**create, "data": other}, f"a create that differs in {what}")
    made_of = {str(other["title"]) for _, other in others}
    shown = [told for told in titles(await view(session)) if told in made_of]
    ctx.equal("ACTION-009", [title], shown, on=session.stream[-1:], why="titles after all of them")

"""ENV: members that a receiver does not know, in requests and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.roles.server.steps.articles import (
    created_id,
    current,
    entry,
    find,
    open_articles,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
)
from omnisession_conformance.roles.server.steps.sending import (
    EDIT_SUBJECT,
    NOOP,
    UNKNOWN,
    edit_body,
)
from omnisession_conformance.roles.server.steps.timers import BEATS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer

EXTRA: dict[str, Any] = {
    "x_unknown": {"deep": [{"deeper": None}, [], {}]},
    "x_null": None,
    "x_text": "\u00e9 <&> \U0001f600",
    "xCamel": [1, "two", True],
    "ext": {"x-acme": {"shard": 3}},
    "__proto__": {"type": "session.close"},
}
"""Members that no version of the protocol names."""


def padded(value: Any) -> Any:
    """A JSON value with unknown members in every object of it."""
    if is_object(value):
        return {**EXTRA, **{name: padded(member) for name, member in value.items()}}
    return value


@case("ENV-007")
async def unknown_members_of_requests_are_ignored(ctx: Context) -> None:
    """Requests and actions with members that nobody knows are answered as those without."""
    user = ctx.user()
    plain, session = await ctx.open(user, timers=BEATS), ctx.session(user)
    head = await plain.fence()
    requests: tuple[tuple[str, dict[str, Any], str], ...] = (
        (OPEN, session.open_data(timers=BEATS), "session.opened"),
        (SYNC, {"kinds": list(plain.kinds)}, "session.syncing"),
        (RESUME, {"epoch": head.epoch, "seq": 0}, "session.resumed"),
        (PING, {}, "session.pong"),
    )
    for type_, data, wanted in requests:
        # What goes wrong without them is no matter of unknown members.
        (await plain.ask(type_, data)).must_be(wanted)
        body = padded(session.request_body(type_, data))
        answer = await (await session.send(type_, body=body)).answer()
        if (
            not answered(ctx, "ENV-007", answer, wanted, f"{type_} with unknown members")
            or not answer
        ):
            return
        session.opened = session.opened or answer
    for name in ("kinds", "features", "timers"):
        wanted_, seen = (s.opened.data.get(name) if s.opened else None for s in (plain, session))
        ctx.equal("ENV-007", wanted_, seen, on=session.opened, pointer=f"/data/{name}")
    for what, body, subject in (
        ("an action", session.action_body(NOOP), None),
        ("an action of an unknown type", session.action_body(UNKNOWN), None),
        ("a shared action", edit_body(session, "none"), EDIT_SUBJECT),
    ):
        same = {**body, "session_id": plain.id, "action_id": unique(ctx, "act")}
        known = await plain.needed_outcome_of(same, subject=subject)
        outcome = await session.outcome_of(padded(body), subject=subject)
        _alike(ctx, known, outcome, f"{what} with unknown members")
    body = padded(session.request_body(CLOSE))
    answer = await (await session.send(CLOSE, body=body)).answer()
    answered(ctx, "ENV-007", answer, "session.closed", f"{CLOSE} with unknown members")


def _alike(ctx: Context, known: Answer, outcome: Answer | None, why: str) -> None:
    """Observe that an action has the outcome of one without unknown members."""
    if answered(ctx, "ENV-007", outcome, known.type, why) and outcome is not None:
        ctx.equal(
            "ENV-007", known.code, outcome.code, on=(outcome, known), why=f"error code of {why}"
        )


@case("ENV-007", needs=takes("create", "update", "select"))
async def unknown_members_of_articles_are_ignored(ctx: Context) -> None:
    """Actions on articles with unknown members at every level do what they do without."""
    session = await open_articles(ctx, ctx.user())
    titles = [unique(ctx, "title") for _ in range(2)]
    create = session.action_body("article.create", {"title": titles[0], "tags": ["a"]})
    made = await session.outcome_of(padded(create))
    if not ctx.acked("ENV-007", made, why="article.create with unknown members") or made is None:
        return
    article_id = created_id(made)
    shown = await entry(session, article_id) or {}
    ctx.equal("ENV-007", titles[0], shown.get("title"), why="the title shown after it")
    changes = {"article_id": article_id, "changes": {"title": titles[1]}}
    expect = {"revision": shown.get("revision")}
    for type_, data in (
        ("article.update", changes),
        ("article.select", {"article_id": article_id}),
    ):
        held = expect if type_ == "article.update" else None
        body = padded(session.action_body(type_, data, expect=held))
        outcome = await session.outcome_of(body)
        ctx.acked("ENV-007", outcome, why=f"{type_} with unknown members")
    slice_ = await view(session)
    for article, where in (
        (find(slice_, article_id) or {}, "list"),
        (current(slice_), "selection"),
    ):
        seen = article.get("title")
        ctx.equal("ENV-007", titles[1], seen, why=f"the title in the {where} after both")

"""ACTION: copies that come later and elsewhere: under used numbers, and after reasons have gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    create_published,
    entry,
    find,
    open_articles,
    publish,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.articles import current as selected
from omnisession_conformance.roles.server.steps.outcomes import as_next, counted
from omnisession_conformance.roles.server.steps.sending import NO_GAP, NOOP, noops

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body

REUSED = 4092
STALE = 4090


# -- numbers and ids that were used ----------------------------------------------------------------------


@case("ACTION-006", "ACTION-010")
async def what_came_under_a_used_number_is_known(ctx: Context) -> None:
    """An action refused for its used number is refused again as the next one, here, there and later."""
    user = ctx.user()
    session, other = await ctx.open(user, timers=NO_GAP), await ctx.open(user)
    await noops(session, 2)
    body = session.action_body(NOOP, client_seq=1)
    first = await session.needed_outcome_of(body)
    ctx.refused("ACTION-010", first, REUSED, why="a new action under client_seq 1, which was used")
    again = await session.outcome_of(body)
    _same_error(ctx, "ACTION-006", first, again, 2, "the same once more, under client_seq 1")
    again = await as_next(session, body)
    _same_error(ctx, "ACTION-010", first, again, 3, "the same as the next number")
    await noops(session, 1)
    again = await as_next(other, body)
    _same_error(ctx, "ACTION-010", first, again, 1, "the same in another session")
    await session.close()
    session.leave_open = True
    again = await as_next(await ctx.open(user), body)
    _same_error(ctx, "ACTION-010", first, again, 1, "the same in a later session")


def _same_error(
    ctx: Context, requirement: str, first: Answer, copy: Answer | None, number: int, why: str
) -> None:
    """Observe that a copy got the first refusal again, whole, and what it counted."""
    if copy is None:
        ctx.absent(requirement, expected=f"the same refusal again, {first.code}", why=why)
        return
    wanted = {"type": first.type, "error": first.error, "last_action_seq": number}
    seen = {"type": copy.type, "error": copy.error, "last_action_seq": counted(copy)}
    ctx.equal(requirement, wanted, seen, on=(copy, first), pointer="/data", why=why)


@case("ACTION-006", "ACTION-020")
async def errors_are_told_again_whole(ctx: Context) -> None:
    """A refusal with details is told with all of them again, in its session and in another."""
    user = ctx.user()
    session, other = await ctx.open(user), await ctx.open(user)
    body = {**session.action_body(NOOP), "v": "9.0"}
    first = await session.needed_outcome_of(body)
    ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
    why = f"a copy of an action that was refused with {first.code}"
    _same_error(ctx, "ACTION-006", first, await session.outcome_of(body), 1, why)
    _same_error(ctx, "ACTION-006", first, await as_next(session, body), 2, f"{why}, as the next")
    answer = await as_next(other, body)
    _same_error(ctx, "ACTION-020", first, answer, 1, f"{why}, in another session")


@case("ACTION-009")
async def expect_is_a_part_of_an_action(ctx: Context) -> None:
    """A copy that lacks the expect of the first one, or has one where that had none, is another action."""
    session = await ctx.open(ctx.user())
    for first, second in ((True, False), (False, True)):
        bodies = {True: session.action_body(NOOP, expect={"revision": 1})}
        bodies[False] = {n: v for n, v in bodies[True].items() if n != "expect"}
        answer = await session.needed_outcome_of(bodies[first])
        ctx.require(answer.error.get("retryable") is not True, f"no final outcome, but {answer}")
        again = await session.outcome_of(bodies[second])
        why = (
            "a copy with an expect, of an action without"
            if second
            else "a copy that lacks the expect"
        )
        ctx.refused("ACTION-009", again, REUSED, why=why)


@dataclass(frozen=True, slots=True)
class _Step:
    """A body under a number, and what it must get: the status of an ack, or a code."""

    what: str
    body: Body
    number: int
    wanted: Any
    position_of: int | None = None
    """The place of the step whose position is told again."""


@case("ACTION-009", "ACTION-010")
async def an_id_keeps_its_first_body(ctx: Context) -> None:
    """Two bodies under one id, in turns under each number: the first stays what the id means."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    one = session.action_body(NOOP, client_seq=0)
    two = {**one, "data": {"x_other": unique(ctx, "other")}}
    steps = (
        _Step("the first body", one, 1, "applied"),
        _Step("another body under the same number", two, 1, REUSED),
        _Step("the first body again", one, 1, "duplicate", 0),
        _Step("the other body as the next number", two, 2, REUSED),
        _Step("the other body again", two, 2, REUSED, 3),
        _Step("the first body under the number that the other took", one, 2, REUSED),
        _Step("the first body as the next number", one, 3, "duplicate"),
        _Step("the other body under the number that the first took", two, 3, REUSED),
        _Step("the first body under that number again", one, 3, "duplicate", 6),
        _Step("the first body under its first number", one, 1, "duplicate", 0),
        _Step("the other body under its own number", two, 2, REUSED, 3),
        _Step("the other body as the next number", two, 4, REUSED),
    )
    answers: list[Answer] = []
    for step in steps:
        answer = await session.needed_outcome_of({**step.body, "client_seq": step.number})
        answers.append(answer)
        requirement = "ACTION-010" if "the number that" in step.what else "ACTION-009"
        why = f"{step.what}, client_seq {step.number}"
        seen = answer.code or answer.status
        ctx.equal(requirement, step.wanted, seen, on=answer, pointer="/data", why=why)
        if step.position_of is None:
            highest = max(s.number for s in steps[: len(answers)])
            ctx.equal(requirement, highest, counted(answer), on=answer, why=f"count, {why}")
        else:
            told = answers[step.position_of].data.get("position")
            where = answer.data.get("position")
            on = (answer, answers[step.position_of])
            ctx.equal(requirement, told, where, on=on, pointer="/data/position", why=why)
    session.next_seq = 5


# -- refusals whose reason is gone -----------------------------------------------------------------------


@case("ACTION-006", "ACTION-020", needs=takes("create", "update", "select"))
async def refusals_tell_what_was_true_then(ctx: Context) -> None:
    """A copy of what was refused for its revision tells the revision of then, also where it fits now."""
    user = ctx.user()
    session, other = await open_articles(ctx, user), await open_articles(ctx, user)
    article_id = await create_article(session)
    base = (await entry(session, article_id) or {}).get("revision")
    ctx.require(isinstance(base, int), "a session does not show the revision of an article")
    named, wrong = {"article_id": article_id}, unique(ctx, "wrong")
    tries = (
        ("article.update", {**named, "changes": {"title": wrong}}),
        ("article.select", named),
    )
    bodies = [session.action_body(t, d, expect={"revision": (base or 0) + 1}) for t, d in tries]
    firsts = [await session.needed_outcome_of(body) for body in bodies]
    for first in firsts:
        ctx.require(first.code == STALE, f"an action that expects another revision got {first}")
    for title in (unique(ctx, "title"), unique(ctx, "title")):
        await update(session, article_id, title=title)
        for body, first in zip(bodies, firsts, strict=True):
            number = body["client_seq"]
            why = f"a copy of {body['type']}, which was refused with {STALE}, after an update"
            again = await session.outcome_of(body)
            _same_error(ctx, "ACTION-006", first, again, number, why)
            again, number = await as_next(session, body), session.next_seq - 1
            _same_error(ctx, "ACTION-006", first, again, number, f"{why}, as the next number")
            again, number = await as_next(other, body), other.next_seq - 1
            _same_error(ctx, "ACTION-020", first, again, number, f"{why}, in another session")
        for requirement, one in (("ACTION-006", session), ("ACTION-020", other)):
            shown = await view(one)
            seen = {"title": (find(shown, article_id) or {}).get("title", title)}
            seen |= {"selected": selected(shown).get("id")}
            wanted = {"title": title, "selected": None}
            ctx.equal(requirement, wanted, seen, on=one.stream[-1:], why="after refused copies")


@case("ACTION-006", "ACTION-020", needs=takes("create", "publish", "select"))
async def refusals_outlive_their_reason(ctx: Context) -> None:
    """A selection that was refused stays so, as any later number, once it could be done."""
    author = await open_articles(ctx, ctx.user())
    user = ctx.user()
    reader, other = await open_articles(ctx, user), await open_articles(ctx, user)
    article_id = await create_article(author)
    body = reader.action_body("article.select", {"article_id": article_id})
    first = await reader.needed_outcome_of(body)
    ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
    await publish(author, article_id)
    await reader.fence()
    await _refused_again(ctx, "ACTION-006", reader, body, first, "as the next number")
    await _refused_again(ctx, "ACTION-020", other, body, first, "in another session")
    await reader.close()
    reader.leave_open = True
    later = await open_articles(ctx, user)
    await _refused_again(ctx, "ACTION-020", later, body, first, "in a later session")


async def _refused_again(
    ctx: Context, requirement: str, session: Session, body: Body, first: Answer, where: str
) -> None:
    """Observe that a copy gets the first refusal, takes its number and selects nothing."""
    number = session.next_seq
    answer = await as_next(session, body)
    why = f"a copy {where}, after the reason of its refusal has gone"
    _same_error(ctx, requirement, first, answer, number, why)
    shown = selected(await view(session)).get("id")
    ctx.equal(requirement, None, shown, on=answer, why=f"the selected article, {why}")


@case(
    *("ACTION-005", "ACTION-006", "ACTION-020"),
    needs=("fixture:mint", "role:editor", *takes("create", "publish", "update", "delete")),
)
async def copies_ask_for_no_rights(ctx: Context) -> None:
    """What a user may do, and whether a thing is there, decides on the first copy of an action only."""
    article_id = await create_published(await open_articles(ctx, ctx.user()))
    user = ctx.user("editor")
    rights = await open_articles(ctx, user)
    plain = ctx.session(user)
    token = ctx.fixture.sign({"sub": user.id, "perm": []})
    ctx.require((await plain.open(kinds=[KIND], token=token)).type == "session.opened", "no open")
    titled = {"article_id": article_id, "changes": {"title": unique(ctx, "title")}}
    refused = plain.action_body("article.update", titled)
    first = await plain.needed_outcome_of(refused)
    ctx.require(first.code == 4030, f"an update without rights got {first}")
    answer = await as_next(rights, refused)
    seen = answer.error if answer else None
    why = "a copy of an update that was refused for want of rights, where the user has them"
    ctx.equal("ACTION-006", first.error, seen, on=answer, pointer="/data/error", why=why)
    done = rights.action_body("article.update", titled)
    ctx.require((await rights.needed_outcome_of(done)).acked, "the update was not acked")
    why = "a copy of an update that was acked, in a session that has no right to it"
    ctx.acked("ACTION-020", await as_next(plain, done), status="duplicate", why=why)
    await rights.apply("article.delete", {"article_id": article_id})
    why = "a copy of an update that was acked, of an article that was deleted since"
    ctx.acked("ACTION-005", await rights.outcome_of(done), status="duplicate", why=why)
    ctx.acked("ACTION-020", await as_next(plain, done), status="duplicate", why=why)
    unspoken = {**done, "v": "9.0", "timestamp": None}
    why = "a copy with another v and without a timestamp, which make no difference"
    ctx.acked("ACTION-005", await rights.outcome_of(unspoken), status="duplicate", why=why)

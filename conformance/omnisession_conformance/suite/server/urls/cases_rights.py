"""URL: whose a code is, and that a url is its creator's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_object, objects
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.outcomes import refusal
from omnisession_conformance.roles.server.steps.sending import told_to
from omnisession_conformance.roles.server.steps.urls import (
    LASTING,
    LONGEST_CODE,
    address,
    code,
    create_url,
    open_three,
    open_urls,
    part_of,
    takes_url,
    update_url,
    url_id,
    url_in,
    urls_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.urls import Entry
    from omnisession_conformance.traffic.record import Record


async def _shown(session: Session) -> list[Entry]:
    """The urls that a session shows of its user: urls of others are a matter of URL-003."""
    urls, user_id = await urls_of(session), session.user.id
    return [part_of(url, LASTING) for url in urls if url.get("created_by") == user_id]


async def _refused(ctx: Context, session: Session, type_: str, data: Entry, why: str) -> None:
    """Observe a final 4220 without effect in the acting session."""
    before = await _shown(session)
    answer = await session.act(type_, data)
    ctx.refused("URL-002", answer, 4220, why=why)
    ctx.equal("URL-002", False, answer.error.get("retryable"), on=answer, why=f"retryable: {why}")
    after = await _shown(session)
    ctx.equal("URL-002", before, after, on=session.stream[-1:], why=f"urls of its user after {why}")


@case("URL-002", needs=takes_url("create", "update"))
async def taken_code_is_refused(ctx: Context) -> None:
    """A code that a url has is refused to its creator and to others, in create and update."""
    owner, other = ctx.user(), ctx.user()
    mine, theirs = await open_urls(ctx, owner), await open_urls(ctx, other, events=True)
    taken = code(ctx)
    id_ = await create_url(ctx, mine, short_code=taken)
    second, foreign = await create_url(ctx, mine), await create_url(ctx, theirs)
    before = await _shown(mine)
    for when in ("a url has", "a url has that is not active"):
        for session, own, who in (
            (mine, second, "the same user"),
            (theirs, foreign, "another user"),
        ):
            made = {"target_url": address(ctx), "short_code": taken}
            await _refused(
                ctx, session, "url.create", made, f"a create by {who} with a code that {when}"
            )
            changes = {"short_code": taken, "target_url": address(ctx), "is_active": False}
            data = {"url_id": own, "changes": changes}
            await _refused(
                ctx, session, "url.update", data, f"an update by {who} to a code that {when}"
            )
        after = await _shown(mine)
        ctx.equal("URL-002", before, after, on=mine.stream[-1:], why="the urls of the code's owner")
        await update_url(mine, id_, is_active=False)
        before = await _shown(mine)


@case("URL-002", needs=takes_url("create", "update"))
async def free_codes_are_taken(ctx: Context) -> None:
    """A code of no other url is taken as it is: a new one, the own one again, one that is like another."""
    session = await open_urls(ctx, ctx.user())
    first, other = code(ctx), code(ctx)
    id_ = await create_url(ctx, session, short_code=first)
    steps: list[tuple[str, Entry]] = [
        ("its own present code again", {"short_code": first}),
        ("its own code beside another change", {"short_code": first, "target_url": address(ctx)}),
        (f"a code of {LONGEST_CODE} characters", {"short_code": other.ljust(LONGEST_CODE, "x")}),
        ("a new code", {"short_code": other}),
    ]
    for what, changes in steps:
        answer = await session.act("url.update", {"url_id": id_, "changes": changes})
        ctx.acked("URL-002", answer, why=f"an update of a url to {what}")
        seen = part_of(await url_in(session, id_), ("short_code",))
        wanted = {"short_code": changes["short_code"]}
        ctx.equal("URL-002", wanted, seen, on=session.stream[-1:], why=f"after an update to {what}")
    for longer in (f"{other}x", other[:-1]):
        data = {"target_url": address(ctx), "short_code": longer}
        ctx.acked(
            "URL-002", await session.act("url.create", data), why="a code that is like another"
        )


@case("URL-002", needs=takes_url("create", "update", "delete"))
async def codes_change_hands(ctx: Context) -> None:
    """A code that an update gave is taken, and one that was freed and given to another url is, again."""
    mine, theirs = await open_urls(ctx, ctx.user()), await open_urls(ctx, ctx.user())
    first, other = code(ctx), code(ctx)
    id_, foreign = await create_url(ctx, mine, short_code=first), await create_url(ctx, theirs)
    await update_url(mine, id_, short_code=other)
    await _taken(
        ctx, other, [(mine, None), (theirs, None), (theirs, foreign)], "that an update gave"
    )
    made = {"target_url": address(ctx), "short_code": first}
    # Whether a code that was used can be used again is the server's choice.
    answer = await theirs.act("url.create", made)
    if answer.acked:
        await _taken(ctx, first, [(mine, None), (mine, id_)], "that changed hands")
    await mine.apply("url.delete", {"url_id": id_})
    if answer.acked:
        await _taken(ctx, first, [(mine, None)], "that the deleted url had before")
    data = {"url_id": foreign, "changes": {"short_code": other}}
    if (await theirs.act("url.update", data)).acked:
        await _taken(ctx, other, [(mine, None)], "of a deleted url, which another was given")


async def _taken(
    ctx: Context, taken: str, tries: Sequence[tuple[Session, str | None]], what: str
) -> None:
    """Observe that a code is refused, in a create, and in updates of some urls."""
    for session, id_ in tries:
        made: Entry = {"short_code": taken, "target_url": address(ctx)}
        data = made if id_ is None else {"url_id": id_, "changes": made}
        type_ = "url.create" if id_ is None else "url.update"
        await _refused(ctx, session, type_, data, f"{type_} with a code {what}")


@case("URL-003", needs=takes_url("create", "update", "delete"))
async def urls_are_told_to_their_creator_only(ctx: Context) -> None:
    """Of a url's whole life nothing comes to another user, with events or without, early or late."""
    owner, other = ctx.user(), ctx.user()
    mine = await open_three(ctx, owner)
    for events in (False, True):
        await open_urls(ctx, other, events=events)
    texts = [address(ctx) for _ in range(3)]
    taken = code(ctx)
    ids = [await create_url(ctx, mine[0], target_url=texts[0], short_code=taken)]
    ids.append(await create_url(ctx, mine[1], target_url=texts[1]))
    await update_url(mine[0], ids[0], target_url=texts[2])
    for events in (False, True):
        await open_urls(ctx, other, events=events)
    theirs = [session for session in ctx.sessions if session.user is other]
    # What is refused may not tell of it either.
    await theirs[0].act("url.create", {"target_url": address(ctx), "short_code": taken})
    await theirs[0].act("url.update", {"url_id": ids[0], "changes": {"is_active": False}})
    await theirs[0].act("url.delete", {"url_id": ids[1]})
    for id_ in ids:
        await mine[1].apply("url.delete", {"url_id": id_})
    for session in theirs:
        head = await session.fence()
        await session.sync()
        await session.resume(head.epoch, max(head.seq - 1, 0))
        await session.fence()
    records = told_to(ctx, other)
    leaks = [r for r in records if any(text.encode() in r.data for text in texts)]
    ctx.check(
        "URL-003",
        not leaks,
        expected="nothing of a url of another user",
        seen=[f"{r.type} on {r.subject}" for r in leaks[:5]] or "nothing of it",
        on=leaks[:5],
    )
    for session in theirs:
        told = [r for r in session.stream if _tells_of(r, owner, ids)]
        seen = [r.type for r in told]
        ctx.equal("URL-003", [], seen, on=told, why="states and events about urls of another user")


def _tells_of(record: Record, owner: User, ids: list[str]) -> bool:
    """Whether a state or event is about a url of a user, by its creator or its id."""
    data = record.payload
    urls = [*objects(data.get("urls")), as_object(data.get("url"))]
    if any(url.get("created_by") == owner.id or url.get("id") in ids for url in urls):
        return True
    return record.type == "url.deleted" and data.get("url_id") in ids


async def _tries(session: Session, id_: str, target: str, taken: str) -> dict[str, Answer]:
    """Send every action that names a url, and return the outcomes by what was sent."""
    changes: dict[str, Entry] = {
        "url.update": {"target_url": target},
        "url.update of nothing": {},
        "url.update to a code that is taken": {"short_code": taken},
    }
    told = {
        what: await session.act("url.update", {"url_id": id_, "changes": each})
        for what, each in changes.items()
    }
    return {**told, "url.delete": await session.act("url.delete", {"url_id": id_})}


@case("URL-004", needs=takes_url("create", "update", "delete"))
async def url_of_another_is_refused_as_missing(ctx: Context) -> None:
    """Update and delete of another user's url get the same refusal as of ids that do not exist."""
    owner, other = ctx.user(), ctx.user()
    mine, watching = await open_urls(ctx, owner), await open_urls(ctx, owner, events=True)
    taken = code(ctx)
    id_ = await create_url(ctx, mine, short_code=taken)
    deleted = await create_url(ctx, mine)
    await mine.apply("url.delete", {"url_id": deleted})
    before, head = await _shown(mine), await watching.fence()
    for events in (False, True):
        theirs = await open_urls(ctx, other, events=events)
        # The own url of the refused user must not stand in for the one that was named.
        own = url_id(await theirs.apply("url.create", {"target_url": address(ctx)}))
        target = address(ctx)
        told = await _tries(theirs, id_, target, taken)
        for missing in (deleted, unique(ctx, "missing")):
            for what, answer in (await _tries(theirs, missing, target, taken)).items():
                ctx.refused("URL-004", answer, 4040, why=f"{what} on an id that does not exist")
                first = told[what]
                ctx.refused("URL-004", first, 4040, why=f"{what} on a url of another user")
                ctx.equal(
                    "URL-004",
                    refusal(answer, missing),
                    refusal(first, id_),
                    on=(first, answer),
                    pointer="/data/error",
                    why=f"{what} on a url of another user, and on an id that does not exist",
                )
        there = await url_in(theirs, own) is not None
        ctx.check("URL-004", there, expected="the own url", seen="it" if there else "nothing")
    after = await _shown(mine)
    ctx.equal("URL-004", before, after, on=mine.stream[-1:], why="the urls of the other user")
    changed = [
        r
        for r in watching.after(head)
        if r.address.family == "events"
        and _tells_of(r, owner, [id_])
        # That somebody followed a code is told at any time, and is nobody's action.
        and (r.body or {}).get("actor") is not None
    ]
    ctx.equal("URL-004", [], [r.type for r in changed], on=changed, why="events of refused actions")

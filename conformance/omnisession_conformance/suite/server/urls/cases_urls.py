"""URL: what create, update and delete do with a user's own short urls, and in which order they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.model.fold import readable
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.roles.server.steps.articles import later_than, unique
from omnisession_conformance.roles.server.steps.sending import Posted, settle
from omnisession_conformance.roles.server.steps.sizes import text_of, usable
from omnisession_conformance.roles.server.steps.urls import (
    KIND,
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
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.urls import Entry

HOUR_MS = 3_600_000
AT_ONCE = 6
CHANGEABLE = ("target_url", "short_code", "is_active")


def _is_near(value: Any, now: int) -> bool:
    return type(value) is int and abs(value - now) < HOUR_MS


@case("URL-001", needs=takes_url("create"))
async def created_url_is_shown_as_given(ctx: Context) -> None:
    """A new url is in all sessions of its creator, as given and as made by the creator, right away."""
    user = ctx.user()
    sessions = await open_three(ctx, user)
    other = ctx.user()
    wrong = {"created_by": other.id, "access_count": 7, "is_active": False, "id": unique(ctx, "id")}
    for what, actor, data in (
        ("with a code", sessions[0], {"short_code": code(ctx)}),
        ("without a code", sessions[1], {}),
        ("with members that are the server's", sessions[2], wrong),
    ):
        given = {"target_url": address(ctx), **data}
        ack = await actor.apply("url.create", given)
        id_, now = url_id(ack), ack.record.integer("timestamp") or 0
        expected = {
            "target_url": given["target_url"],
            "created_by": user.id,
            "access_count": 0,
            "is_active": True,
        }
        expected |= {"short_code": data["short_code"]} if "short_code" in data else {}
        for session in (*sessions, await open_urls(ctx, user)):
            told = await url_in(session, id_)
            if session is actor:
                told = _at(actor, ack, id_) or told
            elif told is not None and _followed(told.get("access_count")):
                # Somebody may have followed the code since; at the ack it was as it began.
                told = {**told, "access_count": 0}
            why = f"a url {what}, in {_where(session, actor, sessions)}"
            on = session.stream[-1:]
            ctx.equal("URL-001", expected, part_of(told, tuple(expected)), on=on, why=why)
            times = part_of(told, ("created_at", "updated_at"))
            ctx.check(
                "URL-001",
                all(_is_near(value, now) for value in times.values()),
                expected=f"times about {now} ms, the time of the ack",
                seen=times,
                on=on,
                why=why,
            )


def _at(session: Session, ack: Answer, id_: str) -> Entry | None:
    """How a session shows a url at the position of an ack."""
    urls: list[Entry] = session.slice(KIND, upto=ack.position).get("urls") or []
    return next((entry for entry in urls if entry.get("id") == id_), None)


def _followed(count: Any) -> bool:
    return type(count) is int and count > 0


def _where(session: Session, actor: Session, sessions: list[Session]) -> str:
    if session is actor:
        return "the acting session"
    kind = "another session" if session in sessions else "a session opened later"
    return f"{kind} {'with' if session.features else 'without'} events"


@case("URL-001", needs=takes_url("create"))
async def codes_are_made_where_none_is_asked(ctx: Context) -> None:
    """Urls that were made in one go, some for one address, have codes of their own, none of them empty."""
    users = [ctx.user(), ctx.user()]
    sessions = [await open_urls(ctx, user) for user in users]
    target = address(ctx)
    pending = [
        (
            session,
            await session.send_action(session.action_body("url.create", {"target_url": target})),
        )
        for _ in range(AT_ONCE)
        for session in sessions
    ]
    made = [(session, url_id(await one.must())) for session, one in pending]
    codes = [part_of(await url_in(session, id_), ("short_code",)) for session, id_ in made]
    told = [entry["short_code"] for entry in codes]
    good = all(isinstance(one, str) and one for one in told)
    ctx.check("URL-001", good, expected="codes that are not empty", seen=told)
    ctx.equal("URL-001", len(told), len({str(one) for one in told}), why="different codes")


@case("URL-005", needs=takes_url("create", "update"))
async def urls_stand_by_their_creation(ctx: Context) -> None:
    """Urls of one moment and of several, updated in between, stand the latest first, then by id."""
    user = ctx.user()
    sessions = await open_three(ctx, user)
    actor = sessions[0]
    ids: list[str] = []
    for _ in range(3):
        bodies = [actor.action_body("url.create", {"target_url": address(ctx)}) for _ in range(4)]
        acks = await settle(actor, [Posted(body) for body in bodies])
        ids += [url_id(ack) for ack in acks]
        await later_than(actor, acks[-1].record.integer("timestamp"))
    for id_ in (ids[0], ids[5], ids[7]):
        await update_url(actor, id_, target_url=address(ctx))
    for session in (*sessions, await open_urls(ctx, user)):
        await session.sync()
        for record in session.states(KIND):
            wrong = misplacement_in(KIND, "urls", record.payload.get("urls"))
            ctx.check(
                "URL-005",
                wrong is None,
                expected="created_at descending, then id",
                seen="in order" if wrong is None else f"{wrong.before} before {wrong.after}",
                on=record,
                pointer="/data/urls" if wrong is None else wrong.pointer,
            )
        state = session.states(KIND)[-1]
        listed = [entry.get("id") for entry in readable(KIND, state.payload)["urls"]]
        # Within one moment the order is that of ids; the moments stand the latest first.
        seen = [id_ for id_ in listed if id_ in ids]
        latest = [id_ for at in (8, 4, 0) for id_ in seen if id_ in ids[at : at + 4]]
        ctx.equal("URL-005", latest, seen, on=state, why="the latest urls first")


@case("URL-006", needs=takes_url("create", "update"))
async def update_of_a_url_changes_what_it_names(ctx: Context) -> None:
    """Each member alone, all together, none and unknown ones: nothing else but `updated_at` changes."""
    user, other = ctx.user(), ctx.user()
    sessions = await open_three(ctx, user)
    id_ = await create_url(ctx, sessions[0])
    untouched = await create_url(ctx, sessions[0])
    bystander = part_of(await url_in(sessions[0], untouched))
    told = before = part_of(await url_in(sessions[0], id_))
    steps: list[Entry] = [
        {"is_active": False},
        {"target_url": address(ctx)},
        {"short_code": (own := code(ctx))},
        {"short_code": own.swapcase()},
        {"short_code": code(ctx), "target_url": address(ctx), "is_active": True},
        {},
        {"target_url": address(ctx), "x_unknown": 1, "created_by": other.id, "access_count": 9},
    ]
    for step, changes in enumerate(steps):
        acting = sessions[step % len(sessions)]
        await later_than(acting, before["updated_at"])
        await update_url(acting, id_, **changes)
        named: Entry = {n: value for n, value in changes.items() if n in CHANGEABLE}
        for session in (*sessions, *([await open_urls(ctx, user)] if step in (0, 6) else [])):
            told = part_of(await url_in(session, id_))
            why = f"after an update of {', '.join(changes) or 'nothing'}, in "
            why += _where(session, acting, sessions)
            _changed(ctx, session, before, named, told, why)
        before = {**before, **named, "updated_at": told["updated_at"]}
    seen = part_of(await url_in(sessions[0], untouched))
    # Somebody may have followed the code meanwhile.
    bystander["access_count"] = seen["access_count"]
    ctx.equal("URL-006", bystander, seen, why="a url that no action named")


def _changed(
    ctx: Context, session: Session, before: Entry, named: Mapping[str, Any], told: Entry, why: str
) -> None:
    """Observe that a url is as it was but for what an update named, and was updated later."""
    expected = {**before, **named}
    for free in ("updated_at", "access_count"):
        expected[free] = told[free]
    on = session.stream[-1:]
    ctx.equal("URL-006", expected, told, on=on, why=why)
    ctx.check(
        "URL-006",
        type(told["updated_at"]) is int and told["updated_at"] > before["updated_at"],
        expected=f"updated_at after {before['updated_at']}",
        seen=told["updated_at"],
        on=on,
        why=why,
    )


@case("URL-006", needs=takes_url("create", "update", "delete"))
async def deleted_url_is_gone(ctx: Context) -> None:
    """A deleted url, active or not, is in no session any more, and in none that is opened later."""
    user = ctx.user()
    sessions = await open_three(ctx, user)
    target = address(ctx)
    kept = await create_url(ctx, sessions[0], target_url=target)
    for acting in sessions[:2]:
        for changes in ({}, {"is_active": False}):
            # Of the same address: what goes is known by its id.
            id_ = await create_url(ctx, sessions[0], target_url=target)
            if changes:
                await update_url(sessions[0], id_, **changes)
            await acting.apply("url.delete", {"url_id": id_})
            for session in (*sessions, await open_urls(ctx, user)):
                left = await url_in(session, id_, there=False)
                why = f"a deleted url in {_where(session, acting, sessions)}"
                ctx.equal("URL-006", None, left, on=session.stream[-1:], why=why)
    for session in sessions:
        await session.sync()
        there = await url_in(session, kept) is not None
        ctx.check("URL-006", there, expected="the other url", seen="it" if there else "nothing")


@case("LIMIT-003", needs=takes_url("create", "update"))
async def longest_address_is_taken(ctx: Context) -> None:
    """A `target_url` of exactly the limit is taken whole, one byte more refused, in create and update."""
    session = await open_urls(ctx, ctx.user(), events=True)
    told, limit = ctx.declared.limit("target_url"), usable(session, "target_url")
    stem = f"{address(ctx)}/"
    ctx.require(limit > len(stem) + 2, "the limit of target_url leaves no room for an address")
    fits, above = (stem + text_of("x", limit + more - len(stem)) for more in (0, 1))
    why = f"a target_url of {limit} bytes, with the limit {told}"
    more = f"a target_url of {limit + 1} bytes, with the limit {told}"
    reached = limit == told
    refusals = [await session.act("url.create", {"target_url": above})] if reached else []
    made = await session.act("url.create", {"target_url": fits})
    if not ctx.acked("LIMIT-003", made, why=why):
        return
    id_, short = url_id(made), address(ctx)
    seen = part_of(await url_in(session, id_), ("target_url",))
    ctx.equal("LIMIT-003", {"target_url": fits}, seen, on=session.stream[-1:], why=why)
    await update_url(session, id_, target_url=short)
    before = part_of(await url_in(session, id_), CHANGEABLE)
    data = {"url_id": id_, "changes": {"target_url": above, "is_active": False}}
    if reached:
        refusals.append(await session.act("url.update", data))
    for answer in refusals:
        ctx.refused("LIMIT-003", answer, 4130, why=more)
        ctx.equal("LIMIT-003", False, answer.error.get("retryable"), on=answer, why=more)
    after = part_of(await url_in(session, id_), CHANGEABLE)
    ctx.equal("LIMIT-003", before, after, on=session.stream[-1:], why=f"an update, refused: {more}")
    long = [e.get("id") for e in await urls_of(session) if e.get("target_url") == above]
    ctx.equal("LIMIT-003", [], long, on=session.stream[-1:], why=f"urls with {more}")
    again = await session.act("url.update", {"url_id": id_, "changes": {"target_url": fits}})
    ctx.acked("LIMIT-003", again, why=why)

"""VER: which version a session uses, and bodies of other versions."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_list, as_object, texts
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
    opened,
    unchanged,
)
from omnisession_conformance.roles.server.steps.sending import EDIT_SUBJECT, NOOP, edit_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

Version = tuple[int, int]
VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\Z")
OFFERS: tuple[list[str], ...] = (
    ["1.0"],
    ["9.0", "1.0"],
    ["1.0", "9.0"],
    ["1.7"],
    ["1.7", "1.0"],
    ["1.12"],
    ["0.9", "1.3", "10.0"],
    ["1.4294967296"],
    [*(f"{major}.0" for major in range(40, 2, -1)), "1.0"],
    ["1.0", *(f"{major}.7" for major in range(3, 41))],
    ["0.4294967297", "4294967297.0", "1.2"],
)
OTHERS = ("10.0", "11.0", "2.10", "100.20", "0.1", "0.10", "9.19")
"""Versions of other MAJORs, with a digit of the server's own at either end, and with noughts."""
NO_OFFERS: tuple[list[str], ...] = (
    *(["9.0"], ["10.0"], ["0.9"], ["9.0", "0.1", "11.2"], []),
    *(["4294967297.0"], ["11.0", "0.1", "101.0"]),
)
MINORS = ("1.9", "1.10", "1.999", "1.4294967296")


def versions(listed: Any) -> set[Version]:
    """The versions in a list of texts."""
    found = (VERSION.match(text) for text in texts(listed))
    return {(int(m[1]), int(m[2])) for m in found if m is not None}


def highest(spoken: Iterable[Version], offer: Iterable[Version]) -> Version | None:
    """The highest version spoken whose MAJOR is offered with the same or a higher MINOR."""
    wanted = set(offer)
    fit = (v for v in spoken if any(o[0] == v[0] and o[1] >= v[1] for o in wanted))
    return max(fit, default=None)


async def spoken(session: Session) -> set[Version]:
    """The versions that the target says it speaks, in its refusal of one that nobody does."""
    answer = await session.ask(OPEN, session.open_data(protocol=["99999.0"]))
    return versions(_supported(answer)) or {(1, 0)}


def other_major(known: Iterable[Version]) -> str:
    """A version whose MAJOR the target does not speak."""
    majors = {major for major, _ in known}
    return f"{next(n for n in itertools.count(2) if n not in majors)}.0"


def _supported(answer: Answer) -> Any:
    return as_object(answer.error.get("details")).get("supported")


# -- offers ----------------------------------------------------------------------------------------------


@case("VER-001")
async def highest_common_version_is_chosen(ctx: Context) -> None:
    """Whatever else is offered, in whatever order, the answer names the highest version that fits."""
    user = ctx.user()
    known = await spoken(ctx.session(user))
    for offer in OFFERS:
        best = highest(known, versions(offer))
        if best is None:
            continue
        session = ctx.session(user)
        answer = await (await session.send(OPEN, session.open_data(protocol=offer))).answer()
        why = f"an offer of {offer}, to a server of {_texts(known)}"
        if opened(ctx, "VER-001", answer, why) and answer is not None:
            told, pointer = answer.data.get("protocol"), "/data/protocol"
            ctx.equal("VER-001", _texts([best])[0], told, on=answer, pointer=pointer, why=why)
        await session.close()


def _texts(known: Iterable[Version]) -> list[str]:
    return [f"{major}.{minor}" for major, minor in sorted(known)]


@case("VER-002")
async def no_common_version_is_refused(ctx: Context) -> None:
    """An offer without a version of the server makes no session and leaves a live one as it is."""
    user = ctx.user()
    live = await ctx.open(user)
    known = await spoken(ctx.session(user))
    for offer in NO_OFFERS:
        if highest(known, versions(offer)) is None:
            fresh, why = ctx.session(user), f"an offer of {offer}"
            await _unsupported(ctx, live, fresh, offer, why)
            ping = await (await fresh.send(PING)).answer()
            ctx.refused("VER-002", ping, 4041, why=f"session.ping after {why}")
            before = await live.fence()
            await _unsupported(ctx, live, live, offer, f"{why} in an open of a live session")
            await unchanged(ctx, "VER-002", live, before, f"{why} in an open of it")


async def _unsupported(
    ctx: Context, live: Session, session: Session, offer: Sequence[str], why: str
) -> None:
    answer = await (await session.send(OPEN, session.open_data(protocol=offer))).answer()
    # Of an empty offer a server may find that it is none.
    codes = (4003,) if offer else (4003, 4001)
    if not ctx.refused("VER-002", answer, *codes, why=why) or answer is None or answer.code == 4001:
        return
    told = _supported(answer)
    used = live.opened.data.get("protocol") if live.opened is not None else None
    ctx.check(
        "VER-002",
        used in as_list(told),
        expected=f"a list of all versions of the server, {used} among them",
        seen=told,
        on=answer,
        pointer="/data/error/details/supported",
        why=why,
    )


# -- bodies ----------------------------------------------------------------------------------------------


@case("VER-003")
async def any_minor_is_taken(ctx: Context) -> None:
    """Requests and actions of a higher MINOR are answered as those of 1.0 are."""
    user = ctx.user()
    for minor in (PROTOCOL, *MINORS):
        session = ctx.session(user)
        for type_, data, wanted in (
            (OPEN, session.open_data(), "session.opened"),
            (SYNC, {}, "session.syncing"),
            (RESUME, NOWHERE, "session.resumed"),
            (PING, {}, "session.pong"),
        ):
            body = {**session.request_body(type_, data), "v": minor}
            answer = await (await session.send(type_, body=body)).answer()
            if minor == PROTOCOL and answer is not None:
                # What goes wrong without is no matter of the MINOR.
                answer.must_be(wanted)
            if not answered(ctx, "VER-003", answer, wanted, f"{type_} with v {minor}"):
                return
            session.opened = session.opened or answer
        outcome = await _act(session, session.action_body(NOOP), minor)
        ctx.acked("VER-003", outcome, status="applied", why=f"an action with v {minor}")
        known = await _act(session, edit_body(session, "none"), "1.0", EDIT_SUBJECT)
        outcome = await _act(session, edit_body(session, "none"), minor, EDIT_SUBJECT)
        code = known.code if known is not None else None
        seen = outcome.code if outcome is not None else None
        why = f"{EDIT_SUBJECT} with v {minor}, compared with v 1.0"
        ctx.equal("VER-003", code, seen, on=outcome, pointer="/data/error/code", why=why)
        body = {**session.request_body(CLOSE), "v": minor}
        answer = await (await session.send(CLOSE, body=body)).answer()
        answered(ctx, "VER-003", answer, "session.closed", f"{CLOSE} with v {minor}")


async def _act(
    session: Session, body: dict[str, Any], version: str, subject: str | None = None
) -> Answer | None:
    return await session.outcome_of({**body, "v": version}, subject=subject)


@case("VER-003")
async def other_major_is_refused(ctx: Context) -> None:
    """Requests and actions of a MAJOR that the server does not speak get 4003 and do nothing."""
    user = ctx.user()
    live, fresh = await ctx.open(user), ctx.session(user)
    known = await spoken(ctx.session(user))
    other, majors = other_major(known), {str(major) for major, _ in known}
    for session in (live, fresh):
        data = session.open_data()
        for type_, content in (
            (OPEN, data),
            (SYNC, {}),
            (RESUME, NOWHERE),
            (PING, {}),
            (CLOSE, {}),
        ):
            before = await live.fence()
            body = {**session.request_body(type_, content), "v": other}
            answer = await (await session.send(type_, body=body)).answer()
            ctx.refused("VER-003", answer, 4003, why=f"{type_} with v {other}")
            await unchanged(ctx, "VER-003", live, before, f"{type_} with v {other}")
    ping = await (await fresh.send(PING)).answer()
    ctx.refused("VER-003", ping, 4041, why=f"a session that was opened with v {other} only")
    for body, subject in ((live.action_body(NOOP), None), (edit_body(live, "none"), EDIT_SUBJECT)):
        outcome = await _act(live, body, other, subject)
        ctx.refused("VER-003", outcome, 4003, why=f"{body['type']} with v {other}")
    for version in OTHERS:
        if version.partition(".")[0] in majors:
            continue
        outcome = await _act(live, live.action_body(NOOP), version)
        ctx.refused("VER-003", outcome, 4003, why=f"an action with v {version}")
        answer = await (
            await live.send(PING, body={**live.request_body(PING), "v": version})
        ).answer()
        ctx.refused("VER-003", answer, 4003, why=f"{PING} with v {version}")


@case("VER-003", needs=CHANGES)
async def other_major_has_no_effect(ctx: Context) -> None:
    """A change of another MAJOR is not made, one of a higher MINOR is."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind)
    await change(ctx, session, kind)
    other = other_major(await spoken(ctx.session(session.user)))
    for version, made in ((other, False), ("1.9", True)):
        deed = kind.new(ctx)
        outcome = await _act(session, deed.body(session), version)
        why = f"{deed.type} with v {version}"
        if made:
            ctx.acked("VER-003", outcome, status="applied", why=why)
        else:
            ctx.refused("VER-003", outcome, 4003, why=why)
        await shows_times(ctx, "VER-003", session, deed, f"after {why}", int(made))

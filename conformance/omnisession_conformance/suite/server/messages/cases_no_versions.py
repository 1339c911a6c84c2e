"""VER: what is no version, and programs with versions of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.versions import CLIENTS, NO_TEXTS, NO_VERSIONS
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    OPEN,
    PING,
    answered,
    opened,
    unchanged,
)
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import NOOP

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body

CODES = (4001, 4003)
"""What is no version breaks its schema, and is none that is spoken."""


@case("VER-004")
async def what_is_no_version_is_refused(ctx: Context) -> None:
    """Requests and actions without `v`, or with what is no version in it, are refused and do nothing."""
    user = ctx.user()
    live, fresh = await ctx.open(user), ctx.session(user)
    before = await live.fence()
    values = (*NO_VERSIONS, *NO_TEXTS, _MISSING)
    requests: list[tuple[Session, str, Body]] = [
        (fresh, OPEN, fresh.open_data()),
        (live, CLOSE, {}),
    ]
    sent: list[tuple[str, PendingRequest]] = []
    for number, value in enumerate(values):
        why = "no v" if value is _MISSING else f"the v {value!r}"
        # Both ways in turn: most servers read all requests by one part.
        for session, type_, data in requests if value is _MISSING else requests[number % 2 :][:1]:
            body = _with(session.request_body(type_, data), value)
            sent.append((f"{type_} with {why}", await session.send(type_, body=body)))
    for why, pending in sent:
        if not ctx.refused("VER-004", await pending.answer(), *CODES, why=why):
            return
    await unchanged(ctx, "VER-004", live, before, "requests with what is no version")
    ping = await (await fresh.send(PING)).answer()
    ctx.refused("VER-004", ping, 4041, why="a session that was opened with no version only")
    for value in (*NO_VERSIONS[1:7], *NO_TEXTS[:3], _MISSING):
        why = "no v" if value is _MISSING else f"the v {value!r}"
        outcome = await live.outcome_of(_with(live.action_body(NOOP), value))
        if not ctx.refused("VER-004", outcome, *CODES, why=f"{NOOP} with {why}"):
            return
        # It is known which action this is, so it is done.
        ctx.equal(
            "VER-004", live.next_seq - 1, counted(outcome), on=outcome, why=f"{NOOP} with {why}"
        )


_MISSING = object()
"""Stands for no member at all."""


def _with(body: Body, version: Any) -> Body:
    if version is _MISSING:
        return {name: value for name, value in body.items() if name != "v"}
    return {**body, "v": version}


@case("VER-002")
async def what_is_no_version_is_no_offer(ctx: Context) -> None:
    """An offer of nothing but texts that are no versions opens nothing."""
    session = ctx.session(ctx.user())
    offers = [[text] for text in NO_VERSIONS]
    sent = [await session.send(OPEN, session.open_data(protocol=offer)) for offer in offers]
    for offer, pending in zip(offers, sent, strict=True):
        # A server that judges the form first finds that it fails its schema.
        ctx.refused("VER-002", await pending.answer(), 4003, 4001, why=f"an offer of {offer} alone")
    ping = await (await session.send(PING)).answer()
    ctx.refused("VER-002", ping, 4041, why="a session that no version was offered for")


@case("VER-005")
async def clients_may_be_called_anything(ctx: Context) -> None:
    """Sessions open whatever their client calls itself and its version, and are those of any other."""
    user = ctx.user()
    plain = await ctx.open(user)
    for name, version in CLIENTS:
        session = ctx.session(user)
        await _opens(ctx, session, {"name": name, "version": version}, plain)


async def _opens(ctx: Context, session: Session, client: Body, plain: Session) -> None:
    data = {**session.open_data(), "client": client}
    answer = await (await session.send(OPEN, data)).answer()
    why = f"an open by the client {client}"
    if not opened(ctx, "VER-005", answer, why) or answer is None:
        return
    session.opened = answer
    for name in ("kinds", "features", "protocol", "timers"):
        wanted = plain.opened.data.get(name) if plain.opened else None
        ctx.equal("VER-005", wanted, answer.data.get(name), on=answer, why=f"{name} of {why}")
    session.leave_open = True
    closed = await (await session.send(CLOSE)).answer()
    answered(ctx, "VER-005", closed, "session.closed", f"the end of a session after {why}")

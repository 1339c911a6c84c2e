"""What a step does, and the look at all sessions that says whether it was done right."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import KitTooSlow
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.breaks import SERVER
from omnisession_conformance.roles.server.generation import acting, refusing, requests, rows
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.blame import (
    blamed,
    session_of,
    stream_law,
)
from omnisession_conformance.roles.server.generation.breaking import LAW, break_wire
from omnisession_conformance.roles.server.generation.flights import Search, fly, recents
from omnisession_conformance.roles.server.generation.hints import hints, told_hints
from omnisession_conformance.roles.server.generation.machine import Machine, told_of
from omnisession_conformance.roles.server.generation.memory import burst
from omnisession_conformance.roles.server.generation.outcome import NONE, Finding
from omnisession_conformance.roles.server.generation.restarting import restart
from omnisession_conformance.roles.server.generation.shows import Comparison, Shown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from omnisession_conformance.roles.server.generation.outcome import Sent, Told
    from omnisession_conformance.roles.server.generation.world import World
    from omnisession_conformance.roles.server.pending import PendingRequest

EVENTUAL_MS = 2_000
"""What begins and ends with a session is told within this time."""


async def do(machine: Machine, step: s.Step) -> None:
    """Do one step."""
    if isinstance(step, s.Flight):
        await look(machine)
        if not machine.findings:
            await look(machine, await fly(machine, step))
    elif isinstance(step, s.Break):
        await _broken(machine, step)
    elif isinstance(step, s.Look):
        await look(machine)
    elif isinstance(step, s.Hush):
        await hush(machine)
    else:
        await _DOES[type(step)](machine, step)


async def _broken(machine: Machine, step: s.Break) -> None:
    """A wire that fails, and the look behind it: what differs then, the lost connection has undone."""
    await look(machine)
    outcomes = None if machine.findings else await break_wire(machine, step)
    if outcomes is None or machine.findings:
        return
    await look(machine, outcomes)
    if machine.findings and step.side == SERVER:
        machine.find(replace(machine.findings[0], requirement=LAW))
    elif not machine.findings:
        machine.good(LAW)


_DOES: Mapping[type[Any], Callable[[Machine, Any], Awaitable[None]]] = {
    s.Open: requests.open_session,
    s.Reopen: requests.reopen,
    s.Close: requests.close,
    s.Expire: requests.expire,
    s.Rest: requests.rest,
    s.Sync: requests.sync,
    s.Resume: requests.resume,
    s.Ask: refusing.refuse,
    s.Bend: refusing.bend_request,
    s.Act: acting.act,
    s.Copy: acting.copy,
    s.Swap: rows.swap,
    s.Row: rows.row,
    s.Restart: restart,
    s.Burst: burst,
}


async def look(
    machine: Machine, flown: Sequence[tuple[Sent, Told]] = (), *, audit: bool = False
) -> None:
    """Ping all live sessions, and compare what they show then with the model.

    `flown` are outcomes whose order is not known. An `audit` asks for all states again at the end.
    """
    if not await _fence(machine):
        return
    machine.recent += recents(machine, flown)
    found, after = _compare(machine, flown)
    if found and all(one.eventual for one in found):
        found, after = await _patiently(machine, flown)
    if found:
        machine.find(*blamed(machine, found), *await _told_too_little(machine, found))
        return
    if after is not None:
        machine.world = after
        _counts(machine)
        if machine.findings:
            return
    for recent in machine.recent:
        if recent.requirement:
            machine.good(recent.requirement)
    machine.recent.clear()
    _kept(machine)
    if audit:
        await _audit(machine)


async def hush(machine: Machine) -> None:
    """Wait until all sessions show by themselves what they have to; a look says who showed it late."""
    found, _ = _compare(machine, ())
    if found:
        longest_ms = max((machine.coalesce_ms(one.name) for one in machine.world.live()), default=0)
        found, _ = await _patiently(machine, (), longest_ms, all_of_it=True)
    held = [(session_of(machine, one), one) for one in found]
    await look(machine)
    if machine.findings:
        return
    for session, one in held:
        # What it shows only now that it was asked for was held back for too long.
        if session is not None and not session.events:
            machine.find(replace(one, requirement="STATE-014", eventual=False))
            return
    machine.good("STATE-014")


async def _told_too_little(machine: Machine, found: Sequence[Finding]) -> list[Finding]:
    """Whether the server holds what its session was not told: then the stream is at fault as well."""
    model = session_of(machine, found[0])
    if model is None or machine.sessions[model.name].opened is None:
        return []
    answer = await (await machine.sessions[model.name].send("session.sync")).answer()
    told = told_of(answer)
    if told.position is None:
        return []
    start = Position(*told.position)
    await machine.sessions[model.name].reach(Position(start.epoch, start.seq + len(model.kinds)))
    still, _ = _compare(machine, ())
    if any(session_of(machine, one) is model for one in still):
        return []
    return [replace(found[0], requirement=stream_law(machine, model))]


def _compare(
    machine: Machine, flown: Sequence[tuple[Sent, Told]]
) -> tuple[list[Finding], World | None]:
    """What differs, and the world after it where nothing does; neither where nobody can tell."""
    for name in machine.watches:
        machine.watch(name)
    from_s, to_s = machine.fenced_s, time.monotonic()

    hinted = told_hints(machine)

    def compare(world: World) -> list[Finding]:
        found = list(hints(world, hinted))
        for session in list(world.live()):
            watch = machine.watches[session.name]
            alone = machine.fresh and not machine.began_anew
            lists = {place: (watch.early[place], watch.later[place]) for place in watch.full}
            shown = Shown(watch.slices, lists, frozenset(machine.aliens), alone)
            found += Comparison(world, session, shown, from_s, to_s).run()
        return found

    if not flown:
        after = machine.world.copy()
        found = compare(after)
        return found, None if found else after
    search = Search(compare)
    after = search.explain(machine.world.copy(), flown)
    if after is not None:
        return [], after
    if search.given_up:
        machine.gave_up = True
        return [], None
    return search.first or [], None


async def _patiently(
    machine: Machine,
    flown: Sequence[tuple[Sent, Told]],
    longer_ms: int = 0,
    *,
    all_of_it: bool = False,
) -> tuple[list[Finding], World | None]:
    """Compare again and again until nothing differs, or what is left may not be late."""
    deadline = time.monotonic() + (EVENTUAL_MS + longer_ms) / 1_000 + machine.ctx.margin_s
    names = [session.name for session in machine.world.live()]
    topics = tuple(t for name in names for t in machine.sessions[name].topics)
    while True:
        mark = machine.ctx.log.mark()

        def more(mark: int = mark) -> bool | None:
            return machine.ctx.log.mark() > mark or None

        left_s = deadline - time.monotonic()
        if left_s > 0:
            await machine.keep_alive()
            await machine.ctx.log.wait(topics, more, timeout_s=min(left_s, 0.3))
        found, after = _compare(machine, flown)
        sure = not all_of_it and not all(one.eventual for one in found)
        if not found or left_s <= 0 or sure:
            return found, after


async def _fence(machine: Machine) -> bool:
    """Ping all live sessions, and wait for their streams; False where that showed a fault."""
    live = list(machine.world.live())
    from_s = time.monotonic()
    sent: list[tuple[str, PendingRequest]] = []
    for session in live:
        machine.sign(session.name)
        sent.append((session.name, await machine.sessions[session.name].send("session.ping")))
    answers = await asyncio.gather(*(pending.answer() for _, pending in sent))
    for (name, _), answer in zip(sent, answers, strict=True):
        told = told_of(answer)
        machine.tally.codes[told.code] += 1
        if told.type != "session.pong" or told.position is None:
            machine.find(_no_pong(machine, name, told))
            continue
        machine.pongs[name] = told
        await machine.sessions[name].reach(Position(*told.position))
    machine.fenced_s = from_s
    return not machine.findings


def _no_pong(machine: Machine, name: str, told: Told) -> Finding:
    if told.code == NONE:
        return Finding("CTRL-001", f"session.pong for {name}", str(told), absent=True)
    # Signs come twice in a window, so one that is late by half of it may be too late.
    if 2 * machine.ctx.late_ms > machine.world.sessions[name].window_ms:
        raise KitTooSlow("the machine was too busy to keep a session alive")
    ended = {r.what for r in machine.recent} & {"close", "expire", "open"}
    requirement = "SEC-008" if ended else "CTRL-016"
    why = f"{name} is live: it was heard of within its window"
    return Finding(requirement, "session.pong", str(told), why, records=(told.record,))


def _counts(machine: Machine) -> None:
    """A pong counts all actions of its session that are final, and no other."""
    for session in machine.world.live():
        told = machine.pongs.get(session.name)
        if told is None or told.position is None:
            continue
        machine.tally.judged += 1
        count = told.position[2]
        if count == session.last:
            continue
        requirement = "CTRL-007" if count < session.last else "ORDER-005"
        held = {"ACTION-012", "ACTION-007"}
        if count > session.last and any(
            recent.requirement in held and recent.session == session.name
            for recent in machine.recent
        ):
            requirement = "ACTION-007"
        why = f"so many actions of {session.name} are final"
        expected = f"last_action_seq {session.last} in the pong"
        machine.find(Finding(requirement, expected, str(count), why, records=(told.record,)))


def _kept(machine: Machine) -> None:
    """What a look without a difference has shown to be kept, as far as anybody could see it."""
    live, world = list(machine.world.live()), machine.world
    kinds = {kind for session in live for kind in session.kinds}
    articles = [one for one in world.articles.values() if not one.deleted]
    shown = {
        "CTRL-007": True,
        "EVENT-001": any(session.events for session in live),
        "STATE-006": not all(session.events for session in live),
        "SEC-008": len(live) > 1,
        **dict.fromkeys(("USER-001", "USER-003"), "user" in kinds),
        "CHAT-011": "chat" in kinds,
        **dict.fromkeys(("CHAT-003", "CHAT-004"), "chat" in kinds and bool(world.messages)),
        **dict.fromkeys(
            ("ART-004", "ART-015", "STATE-009"), "articles" in kinds and bool(articles)
        ),
        **dict.fromkeys(
            ("ART-003", "ART-014"), "articles" in kinds and any(one.published for one in articles)
        ),
        "URL-003": "url" in kinds and bool(world.urls),
    }
    for requirement, was_seen in shown.items():
        if was_seen:
            machine.good(requirement)


async def _audit(machine: Machine) -> None:
    """Ask each session for all states again: what it was told and what the server holds are the same."""
    for session in list(machine.world.live()):
        await requests.sync(machine, s.Sync(session.name))
        if machine.findings:
            return
    found, after = _compare(machine, ())
    if found and all(one.eventual for one in found):
        found, after = await _patiently(machine, ())
    if found:
        machine.find(*blamed(machine, found, audit=True))
    elif after is not None:
        machine.world = after
        machine.good("EVENT-002" if any(one.events for one in after.live()) else "STATE-002")

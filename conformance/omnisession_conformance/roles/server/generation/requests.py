"""Steps that ask: opens and ends of sessions, states again, and resumes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import KitTooSlow
from omnisession_conformance.protocol.json import as_list, as_object, texts
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.roles.server.generation.machine import Machine, Recent, told_of
from omnisession_conformance.roles.server.generation.outcome import ACK, NONE, Finding, Told
from omnisession_conformance.roles.server.generation.watch import Watch
from omnisession_conformance.roles.server.generation.world import (
    CLOSED,
    EXPIRED,
    LIVE,
    SessionM,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation import steps as s
    from omnisession_conformance.roles.server.session import Session

EXPIRES_WITHIN_S = 2.0
BEAT_S = 0.2
LONGEST_REST_MS = 10_000
EARLY_S = 0.05
"""How much earlier than its window a session may seem to end, as clocks of two machines differ."""


async def ask(
    machine: Machine,
    session: Session,
    type_: str,
    data: Mapping[str, Any] | None = None,
    **how: Any,
) -> tuple[Told, Mapping[str, Any]]:
    """Send a request and wait for its answer, which is counted; its data with it."""
    machine.sign(_name_of(machine, session))
    answer = await (await session.send(type_, data, **how)).answer()
    told = told_of(answer)
    machine.judged(told)
    return told, {} if answer is None else answer.data


def _name_of(machine: Machine, session: Session) -> str:
    return next((n for n, one in machine.sessions.items() if one is session), "")


def expect(
    machine: Machine, told: Told, type_: str, requirement: str, why: str, *codes: int
) -> bool:
    """Whether an answer is of a type, or a refusal with one of some codes; else that is found."""
    good = told.code in codes if codes else told.code == ACK and told.type == type_
    if good:
        machine.good(requirement)
        return True
    wanted = f"a refusal with {' or '.join(map(str, codes))}" if codes else type_
    absent = told.code == NONE
    machine.find(
        Finding(
            "CTRL-001" if absent else requirement,
            wanted,
            str(told),
            why,
            records=(told.record,) if told.record >= 0 else (),
            absent=absent,
        )
    )
    return False


# -- opens -----------------------------------------------------------------------------------------


async def open_session(machine: Machine, step: s.Open) -> None:
    """A user opens a session, and its first states come."""
    user = machine.users.get(step.user)
    live = sum(1 for _ in machine.world.live(step.user))
    if user is None or step.name in machine.sessions or live >= machine.world.floor("sessions"):
        return
    kinds = machine.kinds(step.kinds)
    ended = [one.ended_s for one in machine.world.sessions.values() if one.user == step.user]
    alike = step.alike and machine.fresh
    power = not alike and machine.power(step.user, step.power)
    session = machine.ctx.session(user, _same_id(machine, step), publisher=machine.publisher)
    machine.sessions[step.name] = session
    token = machine.token(step.user, power=power, alike=alike)
    data = session.open_data(
        kinds=kinds, features=step.features, timers=dict(step.timers) or None, token=token
    )
    machine.sign(step.name)
    pending = await session.send("session.open", data)
    answer = await pending.answer()
    told = told_of(answer)
    machine.judged(told)
    if not expect(machine, told, "session.opened", "CTRL-001", f"{step.name} is new"):
        return
    session.opened = answer
    kept_ms = session.limits.get("outcomes_ms", 0)
    if not live and ended and kept_ms and (time.monotonic() - max(ended)) * 1_250 > kept_ms:
        raise KitTooSlow("the kit was away for so long that outcomes may be forgotten")
    features = tuple(f for f in step.features if f in machine.ctx.declared.features)
    for name, wanted, seen in (
        ("kinds", kinds, session.kinds),
        ("features", features, session.features),
    ):
        if wanted != seen:
            why = "those that it asked for and the server serves, in the order asked"
            machine.find(
                Finding("CTRL-003", f"{name} {list(wanted)}", str(list(seen)), why, f"/data/{name}")
            )
    _enter(machine, step, session, power=power, kinds=kinds)
    if told.position is not None:
        start = Position(*told.position)
        await session.reach(Position(start.epoch, start.seq + len(session.kinds)))
    machine.recent.append(Recent("open", step.name))


def _same_id(machine: Machine, step: s.Open) -> str | None:
    """The id of a session of another user, where its user has had none of that id."""
    other = machine.world.sessions.get(step.same)
    mine = {one.id for one in machine.world.sessions.values() if one.user == step.user}
    return None if other is None or other.id in mine else other.id


def _enter(
    machine: Machine, step: s.Open, session: Session, *, power: bool, kinds: tuple[str, ...]
) -> None:
    timers = session.timers
    machine.world.sessions[step.name] = SessionM(
        step.name,
        step.user,
        session.id,
        kinds,
        session.features,
        power,
        gap_ms=timers.get("gap_ms", 0),
        window_ms=timers.get("resume_window_ms", 120_000),
    )
    machine.watches[step.name] = Watch(session)


async def reopen(machine: Machine, step: s.Reopen) -> None:
    """A live session is opened again; the answer is that of the first open."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None or session.opened is None:
        return
    told = session.opened.data.get("expires_at")
    if told is not None and SECURE in machine.ctx.declared.profiles:
        return  # it is renewed by a token of the same rights alone (SECU-019), which is a case of its own
    power = machine.power(model.user, step.power)
    data = session.open_data(
        kinds=machine.kinds(step.kinds),
        features=step.features,
        timers={"heartbeat_ms": 700, "gap_ms": 0},
        token=machine.token(model.user, power=power),
    )
    if model.life == EXPIRED:
        return
    told, answer = await ask(machine, session, "session.open", data)
    if model.life == CLOSED:
        expect(machine, told, "error", "CTRL-012", f"{step.session} was closed", 4101)
        return
    if not expect(machine, told, "session.opened", "CTRL-004", f"{step.session} is live"):
        return
    first = session.opened.data
    for name in ("kinds", "features", "timers"):
        one, other = first.get(name), answer.get(name)
        if one != other:
            why = "an open of a live session is answered as the first one was"
            machine.find(Finding("CTRL-004", f"{name} {one}", str(other), why, f"/data/{name}"))
    await states_follow(session, told, len(session.kinds))
    machine.recent.append(Recent("reopen", step.session))


async def states_follow(session: Session, told: Told, count: int) -> None:
    """Wait for the states that an answer has announced; Prerequisite where they do not come."""
    if told.position is not None:
        start = Position(*told.position)
        await session.reach(Position(start.epoch, start.seq + count))


# -- ends --------------------------------------------------------------------------------------------


async def close(machine: Machine, step: s.Close) -> None:
    """A session is closed; one that is closed already, or expired, gets a refusal."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None:
        return
    told, _ = await ask(machine, session, "session.close")
    if model.life != LIVE:
        is_over(machine, model, told)
        return
    if expect(machine, told, "session.closed", "CTRL-011", f"{step.session} is live"):
        session.leave_open = True
        machine.world.end(step.session, CLOSED, time.monotonic())
        machine.recent.append(Recent("close", step.session))


def is_over(machine: Machine, model: SessionM, told: Told) -> None:
    """Observe the refusal that a session which is over gets."""
    if model.life == CLOSED:
        # Who remembers it for its window alone may have forgotten it by then.
        past = (time.monotonic() - model.ended_s) * 1_000 > model.window_ms * 0.9
        codes = (4101, 4041) if past else (4101,)
        expect(machine, told, "error", "CTRL-012", f"{model.name} was closed", *codes)
    else:
        expect(machine, told, "error", "STATE-007", f"{model.name} has expired", 4101, 4041)


async def expire(machine: Machine, step: s.Expire) -> None:
    """A session is left alone until those who can see it are told that it is over."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None or model.life != LIVE or model.window_ms > 1_500:
        return
    since = machine.signs[step.session]
    over = since + model.window_ms / 1_000
    latest = over + EXPIRES_WITHIN_S + machine.ctx.margin_s
    while time.monotonic() < latest:
        await machine.keep_alive(but=step.session)
        left = max(0.0, latest - time.monotonic())
        if await _seen_over(machine, model, min(BEAT_S, left)):
            break
    now = time.monotonic()
    if now < over - EARLY_S and _told_over(machine, model):
        why = "no session ends before its window is over"
        window = f"{step.session} lives for {model.window_ms} ms"
        machine.find(Finding("CTRL-016", window, f"{(now - since) * 1_000:.0f} ms", why))
    session.leave_open = True
    machine.tally.judged += 1
    machine.world.end(step.session, EXPIRED, now)
    machine.recent.append(Recent("expire", step.session))


async def rest(machine: Machine, step: s.Rest) -> None:
    """Nothing is done for a while."""
    until_s = time.monotonic() + min(step.ms, LONGEST_REST_MS) / 1_000
    while (left_s := until_s - time.monotonic()) > 0:
        await machine.keep_alive()
        live = next((machine.sessions[one.name] for one in machine.world.live()), None)
        if live is None:
            return
        await live.wait(lambda: None, min(BEAT_S, left_s))


async def _seen_over(machine: Machine, model: SessionM, timeout_s: float) -> bool:
    observer = _observer(machine, model)
    session = machine.sessions[model.name if observer is None else observer.name]
    found = await session.wait(lambda: _told_over(machine, model) or None, timeout_s)
    return bool(found)


def _observer(machine: Machine, model: SessionM) -> SessionM | None:
    """A session that is told of the end of another one."""
    others = (one for one in machine.world.live(model.user, "user") if one.name != model.name)
    return next(others, None)


def _told_over(machine: Machine, model: SessionM) -> bool:
    observer = _observer(machine, model)
    if observer is None:
        return False
    slice_ = machine.watch(observer.name).slices.get("user") or {}
    listed = [as_object(one).get("session_id") for one in as_list(slice_.get("sessions"))]
    return model.id not in listed


# -- states again ----------------------------------------------------------------------------------------


async def sync(machine: Machine, step: s.Sync) -> None:
    """A session asks for states."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None:
        return
    kinds = tuple(kind for kind in step.kinds if kind in model.kinds)
    told, answer = await ask(
        machine, session, "session.sync", {"kinds": list(kinds)} if kinds else {}
    )
    if model.life != LIVE:
        is_over(machine, model, told)
        return
    if not expect(machine, told, "session.syncing", "CTRL-005", f"{step.session} is live"):
        return
    wanted = kinds or model.kinds
    if texts(answer.get("kinds")) != wanted:
        why = "the kinds of the states that follow"
        seen = str(answer.get("kinds"))
        machine.find(Finding("CTRL-005", f"kinds {list(wanted)}", seen, why, "/data/kinds"))
        return
    await states_follow(session, told, len(wanted))
    machine.recent.append(Recent("sync", step.session))


async def resume(machine: Machine, step: s.Resume) -> None:
    """A session resumes from some position."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None:
        return
    epoch, head = session.head
    at = {
        "head": (epoch, head),
        "start": (epoch, 0),
        "middle": (epoch, head // 2),
        "ahead": (epoch, head + 5),
        "epoch": (epoch + 1, head),
    }[step.where]
    if model.life == LIVE and step.where == "head":
        # What is held back, or said by others, moves the head: the position is that of a pong.
        position = await session.position()
        at = position.head
    data = {"epoch": at[0], "seq": at[1]}
    told, answer = await ask(machine, session, "session.resume", data)
    if model.life != LIVE:
        is_over(machine, model, told)
        return
    first = all(recent.what == "open" for recent in machine.recent[-1:]) and not model.last
    requirement = "RESUME-006" if first else "RESUME-002"
    if not expect(machine, told, "session.resumed", requirement, f"{step.session} is live"):
        return
    _mode(machine, step, at, told, answer)
    if answer.get("mode") == "snapshot":
        await states_follow(session, told, len(session.kinds))
    machine.recent.append(Recent("resume", step.session))


def _mode(
    machine: Machine, step: s.Resume, at: tuple[int, int], told: Told, answer: Mapping[str, Any]
) -> None:
    if told.position is None:
        return
    epoch, seq, _ = told.position
    mode = answer.get("mode")
    if at == (epoch, seq):
        allowed, requirement = ("current",), "RESUME-001"
        if step.where != "head":
            return
    elif at[0] == epoch and at[1] < seq:
        allowed, requirement = ("replay", "snapshot"), "RESUME-002"
    else:
        allowed, requirement = ("snapshot",), "RESUME-005"
    if mode not in allowed:
        why = f"{step.session} resumed from {at[0]}:{at[1]}, and its head was {epoch}:{seq}"
        expected = f"the mode {' or '.join(allowed)}"
        machine.find(Finding(requirement, expected, str(mode), why, "/data/mode", (told.record,)))
    else:
        machine.good(requirement)

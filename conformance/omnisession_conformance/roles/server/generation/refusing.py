"""Steps that ask for what has to be refused: requests and actions that are wrong in some way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.generation.bends import MORE, bent, is_valid, root_of
from omnisession_conformance.roles.server.generation.machine import Machine, Recent
from omnisession_conformance.roles.server.generation.outcome import ACK
from omnisession_conformance.roles.server.generation.requests import ask, expect, is_over
from omnisession_conformance.roles.server.generation.world import LIVE, SessionM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation import steps as s
    from omnisession_conformance.roles.server.session import Session

UNKNOWN_TYPE = "session.none_such"
OVER_TYPES = ("session.ping", "session.sync", "session.resume", "session.close")


async def refuse(machine: Machine, step: s.Ask) -> None:
    """A request that has to be refused, and leaves the session as it is."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None:
        return
    if step.how == "never":
        await _never(machine, session)
        return
    if step.how == "ended":
        await _ended(machine, session, model)
        return
    if model.life != LIVE:
        return
    if step.how.startswith("act-"):
        await _bad_action(machine, step, session)
        machine.recent.append(Recent(f"ask {step.how}", step.session))
        return
    await _bad(machine, step, session, model)
    machine.recent.append(Recent(f"ask {step.how}", step.session))


async def bend_request(machine: Machine, step: s.Bend) -> None:
    """A request with one change in its body: refused where it is not valid by the schema, else answered."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None or model.life != LIVE:
        return
    data: Mapping[str, Any] = {
        "session.open": session.open_data(
            kinds=model.kinds,
            features=model.features,
            token=machine.token(model.user, power=model.power),
        ),
        "session.resume": {"epoch": max(1, session.head[0]), "seq": session.head[1]},
    }.get(step.type, {})
    whole = bent(session.request_body(step.type, data), step.bend)
    if whole is None:
        return
    told, _ = await ask(machine, session, step.type, body=whole)
    codes, requirement = _of_bend(machine, step, whole)
    why = f"{step.session} sent {step.type} with {step.bend}"
    if ACK in codes and told.code == ACK:
        expect(machine, told, _ANSWERS[step.type], requirement, why)
    else:
        expect(machine, told, "error", requirement, why, *codes)
    machine.recent.append(Recent("bend", step.session))


_ANSWERS = {
    "session.open": "session.opened",
    "session.sync": "session.syncing",
    "session.resume": "session.resumed",
    "session.ping": "session.pong",
}


def _of_bend(
    machine: Machine, step: s.Bend, whole: Mapping[str, Any]
) -> tuple[tuple[int, ...], str]:
    """What may come of a bent request, and the requirement that says so."""
    root, valid = root_of(step.bend), is_valid(step.type, whole)
    if root == "v":
        return ((ACK,), "VER-003") if valid else ((4003, 4001), "VER-003")
    if root == "type":
        return (4001, 4002), "CTRL-013"
    place = step.bend.partition(" ")[0]
    if place.startswith("/data/auth") and not step.bend.endswith(f" {MORE}"):
        # Null may be taken, and what a token is made of is the server's choice.
        also = (ACK,) if machine.ctx.fixture.config.takes_null and valid else ()
        return ((4010, *also) if valid else (4001, 4010)), "SEC-006" if valid else "ERR-003"
    if place.startswith("/data/protocol"):
        return (4003, 4001), "VER-002"
    if step.type == "session.sync" and place == "/data/kinds" and valid:
        return (ACK, 4220), "CTRL-005"
    return ((ACK,), "ENV-007") if valid else ((4001,), "ERR-003")


async def _never(machine: Machine, session: Session) -> None:
    other = machine.ctx.session(session.user, publisher=machine.publisher)
    told, _ = await ask(machine, other, "session.ping")
    expect(machine, told, "error", "CTRL-019", "it was never opened", 4041)


async def _ended(machine: Machine, session: Session, model: SessionM) -> None:
    if model.life == LIVE:
        return
    type_ = OVER_TYPES[machine.at % len(OVER_TYPES)]
    data = {"epoch": 1, "seq": 0} if type_ == "session.resume" else {}
    told, _ = await ask(machine, session, type_, data)
    is_over(machine, model, told)


async def _bad_action(machine: Machine, step: s.Ask, session: Session) -> None:
    why = f"{step.session} sent an action that has no outcome"
    body = session.action_body("session.noop", client_seq=1_000_000)
    live = list(machine.world.live())
    mine = {one.id for one in live if machine.users[one.user] is session.user}
    strangers = [
        one for one in live if machine.users[one.user] is not session.user and one.id not in mine
    ]
    if step.how == "act-identity" and strangers:
        raw: Any = body | {"user_id": machine.users[strangers[0].user].id}
        requirement, codes = "ACTION-013", (4031,)
    elif step.how == "act-foreign" and strangers:
        raw = body | {"session_id": strangers[0].id}
        requirement, codes = "ACTION-014", (4041,)
    elif step.how == "act-never":
        raw = body | {"session_id": machine.ctx.session(session.user).id}
        requirement, codes = "ACTION-014", (4041,)
    elif step.how == "act-garbage":
        raw, requirement, codes = b"[1]", "ERR-002", (4000,)
    else:
        raw = {name: value for name, value in body.items() if name != "client_seq"}
        requirement, codes = "ACTION-015", (4001,)
    told, _ = await ask(machine, session, "action", body=raw, subject=session.actions_subject)
    expect(machine, told, "error", requirement, why, *codes)


async def _bad(machine: Machine, step: s.Ask, session: Session, model: SessionM) -> None:
    why = f"{step.session} sent what has to be refused"
    if step.how == "type":
        told, _ = await ask(machine, session, UNKNOWN_TYPE)
        expect(machine, told, "error", "CTRL-013", why, 4002)
    elif step.how == "data":
        bad = {"epoch": "1", "seq": -1}
        told, _ = await ask(machine, session, "session.resume", bad)
        expect(machine, told, "error", "ERR-003", why, 4001)
    elif step.how == "kind":
        closed = next((k for k in (*machine.served, "none") if k not in model.kinds), "none")
        told, _ = await ask(machine, session, "session.sync", {"kinds": [closed]})
        expect(machine, told, "error", "CTRL-006", why, 4220)
    elif step.how == "identity":
        # Of the same length: a longer one may be none.
        body = session.request_body("session.ping") | {"session_id": f"{session.id[1:]}x"}
        told, _ = await ask(machine, session, "session.ping", body=body)
        expect(machine, told, "error", "SEC-003", why, 4031)
    elif step.how == "garbage":
        told, _ = await ask(machine, session, "session.ping", body=b'["no object"]')
        expect(machine, told, "error", "ERR-002", why, 4000)
    elif step.how == "version":
        body = session.request_body("session.ping") | {"v": "9.0"}
        told, _ = await ask(machine, session, "session.ping", body=body)
        expect(machine, told, "error", "VER-003", why, 4003)
    elif step.how == "token" and not machine.ctx.fixture.config.takes_null:
        data = session.open_data(kinds=model.kinds, token=".".join("xyz"))
        told, _ = await ask(machine, session, "session.open", data)
        expect(machine, told, "error", "SEC-006", why, 4010)

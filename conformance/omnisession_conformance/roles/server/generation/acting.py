"""Steps that act: actions alone and copies; bodies, and how they are sent."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.limits import LONGEST_ACTION_ID
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.bending import bend_action
from omnisession_conformance.roles.server.generation.judge import (
    APPLIED,
    BUSY,
    DUPLICATE,
    NO_TARGET,
    UNKNOWN,
    WITHOUT_OUTCOME,
    forecast,
    of_copy,
    take,
)
from omnisession_conformance.roles.server.generation.machine import Machine, Recent, told_of
from omnisession_conformance.roles.server.generation.messages import (
    SHARED,
    data_of,
    same_action,
    target_member,
)
from omnisession_conformance.roles.server.generation.near_ids import formed_id, near_codes, near_id
from omnisession_conformance.roles.server.generation.outcome import NONE, TOO_LONG, Sent, Told
from omnisession_conformance.roles.server.generation.twists import HEADER, OTHERS, twisted
from omnisession_conformance.roles.server.generation.world import LIVE, Remembered, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session

TRIES = 6
MOST_REST_MS = 500
AHEAD_BY = 2
MSG_ID = "Nats-Msg-Id"


async def act(machine: Machine, step: s.Act) -> None:
    """One action, whose outcome is waited for."""
    made = make(machine, step)
    if made is not None:
        await one_of(machine, *made)


async def copy(machine: Machine, step: s.Copy) -> None:
    """One copy of an earlier action."""
    made = make_copy(machine, step)
    if made is not None:
        await one_of(machine, *made)


async def one_of(machine: Machine, sent: Sent, body: Mapping[str, Any]) -> None:
    """Send an action, and take its outcome into the world."""
    told = await deliver(machine, sent, body)
    settle(machine, sent, told)


def settle(machine: Machine, sent: Sent, told: Told) -> None:
    """Take one outcome into the world."""
    machine.judged(told)
    requirement = expected_by(machine, sent)
    found = take(machine.world, sent, told)
    machine.find(*found)
    if not found:
        machine.good(requirement)
        machine.recent.append(
            Recent(sent.type, sent.session, sent.on or sent.name, requirement, not told.acked)
        )


def expected_by(machine: Machine, sent: Sent) -> str:
    """The requirement that an outcome is judged by."""
    world, session = machine.world, machine.world.sessions[sent.session]
    known = world.memory.get((session.user, sent.action_id))
    if sent.crooked in WITHOUT_OUTCOME:
        return WITHOUT_OUTCOME[sent.crooked]
    if session.life != LIVE:
        return "ACTION-014"
    if sent.seq > session.last + 1:
        return "ACTION-012"
    if known is not None:
        return of_copy(known, sent)
    return "ACTION-010" if sent.seq <= session.last else forecast(world, session, sent).requirement


async def deliver(
    machine: Machine, sent: Sent, body: Mapping[str, Any], before: Told | None = None
) -> Told:
    """Send an action until it has an outcome that is no matter of a moment; `before` is one that was."""
    is_unknown = before is not None and before.code == UNKNOWN
    session = machine.sessions[sent.session]
    told = Told(NONE)
    for _ in range(TRIES):
        pending = await publish(machine, sent, body)
        answer = await pending.outcome()
        told = told_of(answer)
        if answer is None or told.code not in BUSY or not told.retryable:
            return _of_the_first(machine, sent, told) if is_unknown else told
        is_unknown |= told.code == UNKNOWN
        later = min(answer.later_ms or 1, MOST_REST_MS)
        await session.rest(later, pending.sent_s)
    return told


def _of_the_first(machine: Machine, sent: Sent, told: Told) -> Told:
    """The outcome of what was done once, also where that was by a copy that nobody knew of."""
    user = machine.world.sessions[sent.session].user
    known = (user, sent.action_id) in machine.world.memory
    return told if known or told.status != DUPLICATE else replace(told, status=APPLIED)


# -- bodies ----------------------------------------------------------------------------------------


def make(machine: Machine, step: s.Act) -> tuple[Sent, dict[str, Any]] | None:
    """An action of a step with its body; None where there is nothing that it could be about."""
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if session is None or model is None or step.name in machine.sent:
        return None
    known = step.on in (s.NOTHING, s.MISSING) or step.on in machine.world.ids
    if not known or (step.type not in machine.world.actions and not s.is_unlisted(step.type)):
        return None
    given = given_of(machine, step)
    shared = step.shared and step.type in SHARED
    if shared:
        given = {name: value for name, value in given.items() if not name.startswith("+")}
    data, lacks = _data(machine, step, given)
    if lacks:
        given = {**given, "+": Value(None, "bad")}
    expect, place = _expect(machine, step)
    if step.expect and expect is None:
        return None
    number = {
        s.NEXT: model.last + 1,
        s.USED: max(model.last, 1),
        s.AHEAD: model.last + 1 + AHEAD_BY,
        **{far: model.last + 1 + by for far, by in s.FAR.items()},
    }
    seq = number[step.number]
    if step.number == s.USED and not model.last:
        return None
    sent = Sent(
        step.name,
        step.session,
        step.type,
        step.on,
        given,
        same_action(step.type, data, expect),
        _id_of(machine, step, model.user) or _fresh_id(machine, step, model.user),
        seq,
        time.monotonic(),
        shared,
        # What is refused by an error is told on a reply subject only.
        step.silent and model.life == LIVE and not step.bend,
        near=bool(step.near or step.form),
        expect=None if place is None else (step.on, place),
    )
    if len(sent.action_id) > LONGEST_ACTION_ID:
        sent = replace(sent, crooked=TOO_LONG, silent=False)
    body = write(session, sent, data, expect)
    if step.bend:
        crooked = bend_action(machine, step, sent, body)
        if crooked is None:
            return None
        sent, body = crooked
    machine.sent[step.name] = (sent, body)
    return sent, body


def _id_of(machine: Machine, step: s.Act, user: int) -> str | None:
    """The id of an action of another user, or one that is near to that of any."""
    other = machine.sent.get(step.id_of)
    if step.near:
        near = None if other is None else near_id(other[0].action_id, step.near)
        return None if near is None or _is_taken(machine, near, user) else near
    if other is None:
        return None
    id_ = other[0].action_id
    if _user(machine, other[0]) == user:
        # Known with another body, it is refused; before it is known nobody could tell.
        return id_ if machine.world.remembers(user, id_) else None
    return None if _is_taken(machine, id_, user) else id_


def _fresh_id(machine: Machine, step: s.Act, user: int) -> str:
    """An id that its user has not given yet, of the form that is asked for if that one is free."""
    fresh = machine.sessions[step.session].new_action_id()
    formed = formed_id(fresh, step.form) if step.form else fresh
    return fresh if _is_taken(machine, formed, user) else formed


def _is_taken(machine: Machine, id_: str, user: int) -> bool:
    return any(
        one.action_id == id_ and _user(machine, one) == user for one, _ in machine.sent.values()
    )


def _user(machine: Machine, sent: Sent) -> int:
    return machine.world.sessions[sent.session].user


def given_of(machine: Machine, step: s.Act) -> dict[str, Value]:
    """The values that a step gives."""
    prefix = step.type.partition(".")[0]
    found: dict[str, Value] = {}
    for name, spec in step.give:
        value = _code_of(machine, spec) if name == "short_code" else _user_of(machine, spec)
        found[name] = value or machine.values.of(name, spec, prefix)
    if step.type == "chat.typing" and "active" not in found:
        found["active"] = Value(value=True)
    for name in _NEEDED.get(step.type, ()):
        if name not in found:
            found[name] = machine.values.of(name, f"plain {step.name}", prefix)
    return found


_NEEDED = {
    "article.create": ("title",),
    "chat.send": ("content",),
    "chat.edit": ("content",),
    "url.create": ("target_url",),
}


def _code_of(machine: Machine, spec: str) -> Value | None:
    """The code of a url that there is, as it is or in other cases."""
    how, _, label = spec.partition(" ")
    if how == "beside":
        number, _, label = label.partition(" ")
        taken = _code_of(machine, f"taken {label}")
        return None if taken is None else Value(near_codes(taken.value)[int(number)])
    url = machine.world.urls.get(label)
    if how not in ("taken", "swapped", "had") or url is None:
        return None
    given = url.had[0] if how == "had" and url.had else url.code
    code = given if isinstance(given, str) else machine.world.known.get(given.key)
    if not isinstance(code, str):
        return None
    return Value(code.swapcase() if how == "swapped" else code)


def _user_of(machine: Machine, spec: str) -> Value | None:
    """The id of a user of the program, as the value of a member that no action has."""
    how, _, number = spec.partition(" ")
    user = machine.world.users.get(int(number)) if how == "user" and number.isdecimal() else None
    return None if user is None else Value(user.id)


def _data(machine: Machine, step: s.Act, given: Mapping[str, Value]) -> tuple[dict[str, Any], bool]:
    """The data of an action, and whether it lacks the entity that it has to name."""
    target: Any = machine.world.ids.get(step.on, NO_TARGET)
    lacks = False
    if step.on == s.NOTHING:
        target = None if step.type == "article.select" else ...
        lacks = target is ... and target_member(step.type) is not None
    return data_of(step.type, target, given), lacks


def _expect(machine: Machine, step: s.Act) -> tuple[dict[str, int] | None, int | None]:
    article = machine.world.articles.get(step.on)
    if step.expect == s.IGNORED:
        named = step.type.startswith("article.") and step.on != s.NOTHING
        return (None if named else {"revision": 7}), None
    if not step.expect or article is None:
        return None, None
    place = article.revisions[-1].place
    number = machine.revision(step.on, place)
    if number is None:
        return None, None
    if step.expect == s.RIGHT:
        return {"revision": number}, place
    if step.expect == s.SOON:
        return {"revision": number + 1}, -1
    older = machine.revision(step.on, place - 1)
    return (
        ({"revision": older}, place - 1) if older is not None else ({"revision": number + 50}, -1)
    )


def write(
    session: Session, sent: Sent, data: Mapping[str, Any], expect: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The body of an action."""
    how: dict[str, Any] = {"action_id": sent.action_id, "client_seq": sent.seq, "expect": expect}
    if sent.shared:
        return session.action_body(sent.type, top=dict(data), **how)
    return session.action_body(sent.type, data, **how)


def make_copy(machine: Machine, step: s.Copy) -> tuple[Sent, dict[str, Any]] | None:
    """A copy of an action with its body; None where it would mean what no sentence decides."""
    first = machine.sent.get(step.of)
    session, model = machine.sessions.get(step.session), machine.world.sessions.get(step.session)
    if first is None or session is None or model is None:
        return None
    sent, body = first
    user = machine.world.sessions[sent.session].user
    known = machine.world.memory.get((user, sent.action_id))
    if model.user != user or known is None or not machine.world.remembers(user, sent.action_id):
        return None
    if sent.crooked:
        return None if step.change else _crooked_again(machine, step, known)
    given, on = dict(sent.given), sent.on
    data = (
        body.get("data") if not sent.shared else {SHARED[sent.type][1]: body[SHARED[sent.type][1]]}
    )
    if step.change:
        changed = _changed(machine, sent, given)
        if changed is None:
            return None
        given, on, data = changed
    if step.number == s.SAME:
        if step.session != known.session:
            return None
        seq = known.seq
    else:
        seq = model.last + 1 + (AHEAD_BY if step.number == s.AHEAD else 0)
    shared = step.shared and sent.type in SHARED and not _has_more(sent, data)
    expect = body.get("expect")
    again = Sent(
        sent.name,
        step.session,
        sent.type,
        on,
        given,
        same_action(sent.type, data, expect),
        sent.action_id,
        seq,
        time.monotonic(),
        shared,
        expect=sent.expect,
    )
    whole = write(session, again, data or {}, expect)
    return _twist(again, whole, step.twist) if step.twist else (again, whole)


def _twist(again: Sent, body: dict[str, Any], twist: str) -> tuple[Sent, dict[str, Any]] | None:
    """A copy with a twist, and what it means; None where it has no place for that."""
    whole = twisted(body, twist, shared=again.shared)
    if whole is None or twist not in OTHERS:
        header = again.session if twist == HEADER else ""
        return None if whole is None else (replace(again, header=header), whole)
    expect = whole.get("expect")
    said = again.body if again.shared else same_action(again.type, whole.get("data"), expect)
    return replace(again, body=f"{said} {twist}" if again.shared else said), whole


def _crooked_again(
    machine: Machine, step: s.Copy, known: Remembered
) -> tuple[Sent, dict[str, Any]] | None:
    """A copy of an action whose body is not valid."""
    sent, body = machine.sent[step.of]
    model = machine.world.sessions[step.session]
    if step.number == s.SAME:
        if (step.session, known.seq) != (sent.session, sent.seq):
            return None
        return replace(sent, silent=False), dict(body)
    seq = model.last + 1 + (AHEAD_BY if step.number == s.AHEAD else 0)
    again = replace(sent, session=step.session, seq=seq, silent=False)
    return again, {**body, "session_id": model.id, "client_seq": seq}


def make_twin(machine: Machine, step: s.Copy) -> tuple[Sent, dict[str, Any]] | None:
    """A copy of an action that has no outcome yet: the same bytes, or as the next of another session."""
    sent, body = machine.sent[step.of]
    model = machine.world.sessions.get(step.session)
    if model is None or model.user != _user(machine, sent) or model.life != LIVE:
        return None
    if step.session == sent.session:
        return replace(sent, silent=False), dict(body)
    again = replace(sent, session=step.session, seq=model.last + 1, silent=False)
    session = machine.sessions[step.session]
    written = {"session_id": session.id, "client_seq": again.seq}
    return again, {**body, **written}


def _has_more(sent: Sent, data: Any) -> bool:
    """Whether data has members that have no place on a shared subject."""
    return not isinstance(data, dict) or set(data) != {SHARED[sent.type][1]}  # pyright: ignore[reportUnknownArgumentType]


def _changed(
    machine: Machine, sent: Sent, given: dict[str, Value]
) -> tuple[dict[str, Value], str, dict[str, Any]] | None:
    names = [name for name in given if name not in ("+", "active", "is_active", "ttl_ms")]
    if not names:
        return _elsewhere(machine, sent)
    prefix = sent.type.partition(".")[0]
    given[names[0]] = machine.values.of(names[0], f"plain changed {sent.name}", prefix)
    target = machine.world.ids.get(sent.on, NO_TARGET)
    if sent.on == s.NOTHING:
        target = None if sent.type == "article.select" else ...
    return given, sent.on, data_of(sent.type, target, given)


def _elsewhere(machine: Machine, sent: Sent) -> tuple[dict[str, Value], str, dict[str, Any]] | None:
    """The same about something else, where that is all that an action says."""
    known = machine.world.ids
    others = [label for label in known if label[0] == sent.on[:1] and label != sent.on]
    if not others:
        return None
    on = others[len(machine.sent) % len(others)]
    return dict(sent.given), on, data_of(sent.type, known[on], sent.given)


async def publish(machine: Machine, sent: Sent, body: Mapping[str, Any]) -> PendingAction:
    """Send an action without waiting for its outcome."""
    session = machine.sessions[sent.session]
    subject = SHARED[sent.type][0] if sent.shared else None
    machine.sign(sent.session)
    if sent.crooked in WITHOUT_OUTCOME:
        # What has no id or number is told of on its reply subject only.
        return await session.send_action(session.encode(body), subject=subject)
    reply = "" if sent.silent else None
    headers = {MSG_ID: sent.header} if sent.header else None
    return await session.send_action(body, subject=subject, reply=reply, headers=headers)

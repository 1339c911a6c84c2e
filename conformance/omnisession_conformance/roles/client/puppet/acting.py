"""Actions as a truthful server takes them: in their order, once each, every copy with its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.effects import EFFECTS, Act, Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.puppet.served import Message, Served
    from omnisession_conformance.roles.client.puppet.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """The type and data of an outcome."""

    type: str
    data: Object


@dataclass(frozen=True, slots=True)
class _Done:
    """A final outcome that is remembered for copies."""

    effect: Effect
    position: Position
    session_id: str
    number: int


@dataclass(slots=True)
class Memory:
    """The outcomes of a user's actions, by their ids."""

    done: dict[str, _Done] = field(default_factory=dict[str, _Done])


def act(
    memory: Memory,
    world: World,
    session: Served,
    others: Iterable[Served],
    action: Object,
    *,
    new_id: Callable[[], str],
    at_ms: int,
    instead: Effect | None = None,
    counted: bool = True,
) -> tuple[list[Message], Outcome]:
    """Take an action in: what it makes its server publish, and its outcome, which comes after that.

    What is done `instead` of its effect takes its number as well, be it a refusal. One that is not
    `counted` has its effect, and whoever says so counts it later.
    """
    known, number = memory.done.get(action["action_id"]), action["client_seq"]
    if number > session.counted + 1:
        return [], _nack(action, session, 4091, details={"expected": session.counted + 1})
    if known is not None:
        return [], _again(known, session, action)
    if number <= session.counted:
        return [], _nack(action, session, 4092)
    effect = instead or _effect(session, world, action, new_id(), at_ms)
    for type_, data in effect.events:
        if type_ != "article.selected":
            # What a session has selected is its own.
            world.changed(type_, data)
    messages, position = _publish(session, others, action, effect, new_id, at_ms, counted)
    memory.done[action["action_id"]] = _Done(effect, position, session.session_id, number)
    if effect.refusal is not None:
        return messages, Outcome("action.nack", bodies.nack(action, position, effect.refusal))
    data = bodies.ack(action, position, result=effect.result)
    return messages, Outcome("action.ack", data)


def counted_at(memory: Memory, action: Object, position: Position) -> Outcome:
    """The ack of an action that had its effect before it counts, for it and for its copies."""
    done = memory.done[action["action_id"]] = replace(
        memory.done[action["action_id"]], position=position
    )
    return Outcome("action.ack", bodies.ack(action, position, result=done.effect.result))


def _effect(session: Served, world: World, action: Object, new_id: str, at_ms: int) -> Effect:
    doing = EFFECTS.get(action["type"])
    if doing is None:
        return Effect(refusal=bodies.error(4002))
    expect = as_object(action.get("expect"))
    there = world.slices, world.contents
    return doing(Act(session.user_id, action["data"], expect, *there, new_id, at_ms))


def _again(known: _Done, session: Served, action: Object) -> Outcome:
    """The outcome of a copy; one that comes in another session takes its number there."""
    here = known.session_id == session.session_id and known.number == action["client_seq"]
    if not here and action["client_seq"] == session.counted + 1:
        session.counted += 1
    position = known.position if here else session.position
    if known.effect.refusal is not None:
        return Outcome("action.nack", bodies.nack(action, position, known.effect.refusal))
    data = bodies.ack(action, position, "duplicate", known.effect.result)
    return Outcome("action.ack", data)


def _publish(
    session: Served,
    others: Iterable[Served],
    action: Object,
    effect: Effect,
    new_id: Callable[[], str],
    at_ms: int,
    counted: bool,
) -> tuple[list[Message], Position]:
    cause = {
        "action_id": action["action_id"],
        "session_id": session.session_id,
        "client_seq": action["client_seq"],
    }
    more: dict[str, Any] = {"actor": session.user_id, "cause": cause}
    own = [one for one in effect.events if kind_of_event(one[0]) in session.slices]
    messages: list[Message] = []
    for index, (type_, data) in enumerate(own, 1):
        if index == len(own) and counted:
            # The last of its effects counts it.
            session.counted += 1
        messages += shown(session, type_, data, new_id(), at_ms, **more)
    if not own:
        session.counted += 1
    for other in others:
        for type_, data in effect.events:
            if type_ == "article.selected":
                continue
            messages += shown(other, type_, data, new_id(), at_ms, **more)
    return messages, session.position


def shown(
    session: Served, type_: str, data: Object, event_id: str, at_ms: int, **more: Any
) -> list[Message]:
    """A change as a session is told of it: the event, or the state that it leads to, or nothing."""
    kind = kind_of_event(type_)
    if kind not in session.slices:
        return []
    if "events" in session.features:
        return [session.event(type_, data, at_ms, event_id=event_id, **more)]
    return [session.changed(kind, type_, data, at_ms)]


def _nack(action: Object, session: Served, code: int, **more: Any) -> Outcome:
    refusal = bodies.error(code, **more)
    return Outcome("action.nack", bodies.nack(action, session.position, refusal))

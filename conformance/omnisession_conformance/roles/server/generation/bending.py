"""Steps with a body that was bent: what it means to the model, and what may come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, is_object
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.bends import bent, is_valid, root_of
from omnisession_conformance.roles.server.generation.messages import (
    IN_CHANGES,
    SHARED,
    same_action,
    target_member,
)
from omnisession_conformance.roles.server.generation.outcome import NO_FORM
from omnisession_conformance.roles.server.generation.world import BAD, ODD, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation.machine import Machine
    from omnisession_conformance.roles.server.generation.outcome import Sent

FORM = ("user_id", "session_id", "action_id", "client_seq")
"""Members without which nobody knows which action it is."""
VERSION, TYPE = "version", "type"


def bend_action(
    machine: Machine, step: s.Act, sent: Sent, body: Mapping[str, Any]
) -> tuple[Sent, dict[str, Any]] | None:
    """A bent action, and what it means; None where it has no such place, or nobody could tell."""
    if s.is_unlisted(step.type) or any(v.quality == BAD for v in sent.given.values()):
        return None
    whole = bent(body, step.bend)
    if whole is None or whole == body:
        return None
    root, valid = root_of(step.bend), is_valid(step.type, whole, shared=sent.shared)
    if not valid:
        crooked = {"v": VERSION, "type": TYPE} | dict.fromkeys(FORM, NO_FORM)
        return replace(sent, crooked=crooked.get(root, BAD), body=f"{sent.body} {step.bend}"), whole
    if root == "client_seq":
        return replace(sent, seq=whole["client_seq"]), whole
    return _read_again(machine, sent, whole), whole


def _read_again(machine: Machine, sent: Sent, whole: Mapping[str, Any]) -> Sent:
    """What a valid body says, as the model has it."""
    data = as_object(whole.get("data"))
    if sent.shared:
        member = SHARED[sent.type][1]
        data = {member: whole[member]}
    given = as_object(data.get("changes")) if sent.type in IN_CHANGES else data
    named = target_member(sent.type)
    values = {
        name: _known(sent, name, value)
        for name, value in given.items()
        if name != named and not is_object(value)
    }
    on = sent.on
    if named is not None and data.get(named) != machine.world.ids.get(sent.on):
        on = s.NOTHING if data.get(named) is None else s.MISSING
    body = same_action(sent.type, data, whole.get("expect"))
    return replace(sent, given=values, on=on, body=body, expect=_expect(machine, on, whole))


def _known(sent: Sent, name: str, value: Any) -> Value:
    for before in (sent.given.get(name), sent.given.get(f"+{name}")):
        if before is not None and before.value == value:
            return before
    return Value(value, ODD)


def _expect(machine: Machine, on: str, whole: Mapping[str, Any]) -> tuple[str, int] | None:
    article = machine.world.articles.get(on)
    expect = whole.get("expect")
    if article is None or not is_object(expect):
        return None
    place = article.revisions[-1].place
    same = machine.revision(on, place) == expect.get("revision")
    return on, place if same else -1

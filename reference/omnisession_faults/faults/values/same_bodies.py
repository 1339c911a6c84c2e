"""Faults of bodies and texts that are compared by something coarser than they are."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from omnisession_faults.coarse import Fold
from omnisession_faults.families import family
from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import TOP_LEVEL, Actions
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, fingerprint


def _loosely(fold: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        told = cast("JsonObject", value)
        return {name: _loosely(fold, inner) for name, inner in told.items()}
    if isinstance(value, list):
        return [_loosely(fold, inner) for inner in cast("list[Any]", value)]
    return fold(value)


def _bodies(fold: Fold) -> type:
    def of_texts(value: Any) -> Any:
        return str(fold(value)) if isinstance(value, str) else value

    return _read_by(of_texts)


def _read_by(fold: Callable[[Any], Any]) -> type:
    class Coarse(Actions):
        def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
            action = super().read(message, row, session, body)
            member = TOP_LEVEL.get(row)
            data = body.get("data") if member is None else {member: body.get(member)}
            what = _loosely(fold, [body.get("type"), data, body.get("expect")])
            return replace(action, fingerprint=fingerprint(what))

    return Coarse


family(
    *("bodies", "ACTION-009", "Bodies of one id are compared by all but", _bodies),
    *("case", "form"),
)


def _as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool | int | float) else value


def _truth(value: Any) -> Any:
    return value or None


for _name, _sentence, _fold in (
    ("numbers-like-their-text", "In bodies of one id 1 is `1`, and true is `true`.", _as_text),
    (
        "nothing-like-nothing",
        "In bodies of one id null, 0, false and an empty text are one.",
        _truth,
    ),
):
    _part = _read_by(_fold)
    _part.__doc__ = _sentence
    fault(_name, breaks="ACTION-009")(_part)


def _sorted(value: Any) -> Any:
    return sorted(map(str, cast("list[Any]", value))) if isinstance(value, list) else value


@fault("lists-in-any-order", breaks="ACTION-009")
class ListsInAnyOrder(Actions):
    """Bodies of one id are the same whatever order their lists have."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        data = body.get("data")
        told = cast("JsonObject", data) if isinstance(data, dict) else {}
        what = {n: _sorted(value) for n, value in told.items()}
        return replace(
            action, fingerprint=fingerprint([body.get("type"), what, body.get("expect")])
        )


def _updates(fold: Fold) -> type:
    class Coarse(Articles):
        def update(self, action: Action) -> Any:
            old = self.find(action)
            changes = action.data["changes"]
            for name, value in list(changes.items()):
                if isinstance(value, str) and fold(value) == fold(str(old.get(name))):
                    changes[name] = old[name]
            return super().update(action)

    return Coarse


def _edits(fold: Fold) -> type:
    class Coarse(Chat):
        def edit(self, action: Action) -> Any:
            old = self.find_own(action)
            if fold(action.data["content"]) == fold(old["content"]):
                action.data["content"] = old["content"]
            return super().edit(action)

    return Coarse


def _names(fold: Fold) -> type:
    class Coarse(Users):
        def named(self, changes: JsonObject) -> JsonObject:
            return {
                n: fold(v) if isinstance(v, str) else v for n, v in super().named(changes).items()
            }

    return Coarse


family(
    *("changed-texts", "ENV-010", "An article is not changed by what differs only in", _updates),
    *("case", "form"),
)
family(
    *("edited-messages", "ENV-010", "A message is not changed by what differs only in", _edits),
    *("spaces",),
)
family("names", "ENV-010", "Names are kept without", _names, "compatibility", "nul")

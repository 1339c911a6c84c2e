"""Bodies of actions: what a type has in its data, and what makes two of them the same action."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation.world import Value

TARGET = {
    "article": "article_id",
    "chat": "message_id",
    "url": "url_id",
}
"""By prefix of a type: the member that names what it is about."""
WITHOUT_TARGET = ("article.create", "chat.send", "chat.typing", "url.create")
IN_CHANGES = ("article.update", "url.update", "user.update")
"""Types that say in `changes` what they give."""
SHARED = {
    "chat.send": ("chat.messages", "content"),
    "article.edit_start": ("article.edit.start", "article_id"),
}
"""Types with a subject of their own, and the member that stands at top level there."""


def target_member(type_: str) -> str | None:
    """The member by which a type names an entity, None where it names none."""
    if type_ in WITHOUT_TARGET:
        return None
    return TARGET.get(type_.partition(".")[0])


def data_of(type_: str, target: Any, given: Mapping[str, Value]) -> dict[str, Any]:
    """The data of an action; a `target` of ... means that the member is left out."""
    values = {name.removeprefix("+"): value.value for name, value in given.items()}
    data: dict[str, Any] = {}
    named = target_member(type_)
    if named is not None and target is not ...:
        data[named] = target
    if type_ in IN_CHANGES:
        return {**data, "changes": values}
    return {**values, **data}


def same_action(type_: str, data: Any, expect: Any) -> str:
    """What two copies of one action have in common, and no other action has."""
    return json.dumps([type_, data, expect], sort_keys=True, ensure_ascii=True)

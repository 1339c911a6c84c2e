"""Rows of the optimistic view, and what the reference client shows of one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from docs.guides.examples.player import unlike

from omnisession_client import report, update
from omnisession_client.values import Config, Doing, Opened, Pending, Place
from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from docs.guides.examples.player import Json

FOLDER = schemas_folder() / "vectors" / "optimistic"
ROWS: dict[str, Json] = {
    f"{path.stem}/{row['name']}": row
    for path in sorted(FOLDER.iterdir())
    for row in json.loads(path.read_text("utf-8"))
}
ABSENT = object()


def shown(row: Json) -> Json:
    """What the client shows, live or, without limits, before its session is open."""
    kinds = tuple(row["slices"])
    limits = row.get("limits")
    state = update.init(Config(row["user_id"], kinds, mode="optimistic"))
    if limits is not None:
        opened = Opened(kinds, (), (), limits, heartbeat_ms=1_000)
        state = replace(state, opened=opened, phase="live", place=Place(1, len(kinds)))
    pending = tuple(
        Pending(Doing(one["action_id"], one["type"], one["data"], one.get("expect"), 1), number)
        for number, one in enumerate(row["pending"], 1)
    )
    return report.report(replace(state, slices=row["slices"], pending=pending))["view"]


def difference(row: Json, view: Json) -> str | None:
    """Where a view is not the one of the row."""
    for pointer, type_ in row.get("types", {}).items():
        found = at(view, pointer)
        if type(found) is not {"string": str, "integer": int}[type_]:
            return f"{pointer}: expected any {type_}, seen {found!r}"
    for pointer, value in row.get("never", {}).items():
        if at(view, pointer) == value:
            return f"{pointer}: {value!r} is shown"
    return unlike("view", row["view"], view)


def at(value: Any, pointer: str) -> Any:
    """What is at a JSON pointer."""
    for name in pointer.split("/")[1:]:
        if is_list(value):
            value = value[int(name)] if int(name) < len(value) else ABSENT
        else:
            value = value.get(name, ABSENT) if is_object(value) else ABSENT
    return value

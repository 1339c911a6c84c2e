"""Lines of a trace, as they are written."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.client.puppet.served import Message

Json = dict[str, Any]


def placed(message: Message) -> Json:
    """A message as a line has it: the last token of its subject, and its body."""
    return {"on": message.subject.rpartition(".")[2], "body": message.body}


def listed(messages: Iterable[Message]) -> list[Json]:
    """Messages behind an answer."""
    return [placed(message) for message in messages]


def raw(data: bytes) -> str:
    """Bytes that are no body."""
    return base64.b64encode(data).decode()


def written(lines: Iterable[Json]) -> str:
    """A file of lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def rows(some: Iterable[Json]) -> str:
    """A file of rows, each with a line for each of its members."""
    return "[\n" + ",\n".join(_row(one) for one in some) + "\n]\n"


def _row(one: Json) -> str:
    members = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in one.items()
    ]
    return "  {\n    " + ",\n    ".join(members) + "\n  }"

"""The generated parts of the page of vectors: the list of traces, and one of them as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from docs_markdown import code, fence, plain, table
from omnisession_conformance.protocol.json import is_list, is_object

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = "tail-by-ack"
"""The trace that the page shows: it has most of what there is in one."""
WIDE = 112
REQUIREMENTS = "requirements.md"


def parts(schemas: Path) -> dict[str, str]:
    """The list of traces, and an example."""
    folder = schemas / "vectors" / "traces"
    headers = [_header(path) for path in sorted(folder.iterdir())]
    rows = [[code(one["name"]), plain(one["title"]), _needs(one)] for one in headers]
    lines = (folder / f"{SHOWN}.jsonl").read_text("utf-8").splitlines()
    shown = "\n".join(broken(json.loads(line)) for line in lines)
    return {
        "traces": table(("Trace", "What it shows", "Illustrates"), rows),
        "trace-example": fence("json", shown),
    }


def _header(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8").partition("\n")[0])


def _needs(header: dict[str, Any]) -> str:
    return ", ".join(f"[{name}]({REQUIREMENTS}#{name.lower()})" for name in header["requirements"])


def broken(value: Any, indent: int = 0, before: int = 0) -> str:
    """JSON whose objects and lists are broken where they do not fit into a line."""
    text = json.dumps(value, ensure_ascii=False)
    if indent + before + len(text) <= WIDE:
        return text
    inner = " " * (indent + 1)
    if is_list(value):
        return "[\n" + _filled([broken(item, indent + 1) for item in value], inner) + "]"
    if not is_object(value):
        return text
    members: list[str] = []
    for name, member in value.items():
        label = f"{json.dumps(name)}: "
        members.append(label + broken(member, indent + 1, len(label)))
    return "{" + _filled(members, inner).lstrip() + "}"


def _filled(parts: list[str], inner: str) -> str:
    """Parts on as few lines as they need; one that is broken itself begins a line."""
    rows: list[str] = []
    for part in parts:
        last = rows[-1].rpartition("\n")[2] if rows else ""
        if rows and "\n" not in part and len(last) + len(part) < WIDE:
            rows[-1] += f", {part}"
        else:
            rows.append(inner + part)
    return ",\n".join(rows)

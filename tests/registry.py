"""The registry as its file has it, read once in a process."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from omnisession_conformance.protocol.schemas.location import schemas_folder

# In Python alone it takes a second, which every process of the tests would wait for.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def registry() -> dict[str, Any]:
    """All that the file holds; nobody changes it."""
    text = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one


def entries() -> list[dict[str, Any]]:
    """Its entries in their order."""
    return registry()["requirements"]


def of_profiles(*profiles: str) -> set[str]:
    """The ids of what binds servers that declare one of these profiles."""
    return {
        entry["id"]
        for entry in entries()
        if entry.get("role") == "server" and entry["profile"] in profiles
    }

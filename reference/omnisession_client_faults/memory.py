"""What a client with a fault remembers beside its state, for as long as the process lives."""

from typing import Any

from omnisession_client.values import Config, State

_KEPT: dict[int, tuple[Config, dict[str, Any]]] = {}


def of(state: State) -> dict[str, Any]:
    """What is remembered for one client: all its states have the same configuration."""
    # The configuration is kept, so no other one gets its identity.
    return _KEPT.setdefault(id(state.config), (state.config, {}))[1]


def count(state: State, name: str) -> int:
    """How often this was called for a client under this name, this time included."""
    kept = of(state)
    kept[name] = kept.get(name, 0) + 1
    return kept[name]

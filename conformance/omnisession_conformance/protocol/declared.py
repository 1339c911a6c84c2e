"""What a target declared of itself in its first `session.opened`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("articles", "chat", "url", "user")
CHEAPEST_KIND_FIRST = ("user", "url", "articles", "chat")
"""Which kind disturbs and is disturbed least: own data first, the shared chat room last."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Profiles, kinds, features, actions and limits as the start probe was told them."""

    profiles: frozenset[str] = frozenset({"core"})
    kinds: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    actions: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    timers: Mapping[str, int] = field(default_factory=dict[str, int])
    server: str | None = "unnamed"
    version: str | None = ""

    @property
    def cheapest_kind(self) -> str:
        """The kind that a case opens when any will do."""
        for kind in CHEAPEST_KIND_FIRST:
            if kind in self.kinds:
                return kind
        return self.kinds[0] if self.kinds else "articles"

    def offers(self) -> frozenset[str]:
        """What cases may name in `needs`: the actions that the target takes."""
        return frozenset(f"action:{action}" for action in self.actions)

    def limit(self, name: str, default: int) -> int:
        """An advertised limit, or the protocol's default where the target tells none."""
        return self.limits.get(name, default)


def read_declared(data: Mapping[str, Any]) -> Declared:
    """Read the `data` of a `session.opened`, whatever is wrong with it: the rules judge that."""
    server = data.get("server")
    info = cast("dict[str, Any]", server if isinstance(server, dict) else {})
    return Declared(
        profiles=frozenset({"core", *_texts(data.get("profiles"))}),
        kinds=_texts(data.get("kinds")),
        features=_texts(data.get("features")),
        actions=frozenset(_texts(data.get("actions"))),
        limits=_numbers(data.get("limits")),
        timers=_numbers(data.get("timers")),
        server=str(info.get("name") or "unnamed"),
        version=str(info.get("version") or ""),
    )


def _texts(value: Any) -> tuple[str, ...]:
    items: list[Any] = value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
    return tuple(item for item in items if isinstance(item, str))


def _numbers(value: Any) -> dict[str, int]:
    items: dict[Any, Any] = value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]
    return {
        str(name): number
        for name, number in items.items()
        if isinstance(number, int) and not isinstance(number, bool)
    }

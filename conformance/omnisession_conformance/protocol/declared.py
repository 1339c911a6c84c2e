"""What a target declared of itself in its first `session.opened`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, integers, texts
from omnisession_conformance.protocol.kinds.abilities import abilities_of
from omnisession_conformance.protocol.kinds.tables import LEAST_DISTURBED, NAMES
from omnisession_conformance.protocol.limits import (
    FLOORS,
    FLOORS_HOLD,
    OF_KINDS,
    below_floors,
    limit_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        """The kind that a case opens when any will do: that which disturbs and is disturbed least."""
        known = self.other_kinds()
        return known[0] if known else (*self.kinds, NAMES[0])[0]

    def other_kinds(self, *but: str) -> tuple[str, ...]:
        """Its kinds that the protocol knows without some of them, the least disturbed first."""
        return tuple(k for k in LEAST_DISTURBED if k in self.kinds and k not in but)

    def offers(self) -> frozenset[str]:
        """What cases may name in `needs`: the actions that the target takes, and what they add up to."""
        able = abilities_of(self.claimed_kinds, self.actions)
        return frozenset(
            (
                *(f"action:{action}" for action in self.actions),
                *(f"able:{name}" for name, _ in able),
                *(f"able:{name}:{kind}" for name, kind in able),
            )
        )

    @property
    def claimed_kinds(self) -> tuple[str, ...]:
        """Its kinds whose profiles it declares: of others nothing is promised."""
        return tuple(kind for kind in self.kinds if kind in self.profiles)

    def able_kinds(self, ability: str) -> tuple[str, ...]:
        """Its kinds that have an ability, in the order of the tables; see `abilities`."""
        return tuple(
            kind for name, kind in abilities_of(self.claimed_kinds, self.actions) if name == ability
        )

    def limit(self, name: str) -> int:
        """An advertised limit, or the protocol's default where the target tells none."""
        return limit_of(self.limits, name)

    def cramped(self) -> Mapping[str, str]:
        """What there is no room to judge, and why: by kind, with "" for every kind and session.

        A limit below its floor is a fault of its own. What else would be seen there comes of it.
        """
        found: dict[str, list[str]] = {}
        for name, told in below_floors(self.limits).items():
            text = f"limits.{name} is {told}, below its floor of {FLOORS[name]}"
            found.setdefault(OF_KINDS.get(name, ""), []).append(text)
        return {kind: f"{'; '.join(texts)} ({FLOORS_HOLD})" for kind, texts in found.items()}


def read_declared(data: Mapping[str, Any]) -> Declared:
    """Read the `data` of a `session.opened`, whatever is wrong with it: the rules judge that."""
    info = as_object(data.get("server"))
    return Declared(
        profiles=frozenset({"core", *texts(data.get("profiles"))}),
        kinds=texts(data.get("kinds")),
        features=texts(data.get("features")),
        actions=frozenset(texts(data.get("actions"))),
        limits=integers(data.get("limits")),
        timers=integers(data.get("timers")),
        server=str(info.get("name") or "unnamed"),
        version=str(info.get("version") or ""),
    )

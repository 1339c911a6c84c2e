"""The list of traces: each is a function that writes its script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vectors.entries import USER
from vectors.script import TIMERS, Script

if TYPE_CHECKING:
    from vectors.lines import Json

Play = Callable[[Script], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """For which cores a trace is, and how they are set up."""

    profiles: tuple[str, ...] = ("core", "events", "chat")
    mode: Literal["pure", "hybrid", "optimistic"] = "pure"
    kinds: tuple[str, ...] = ("chat",)
    features: tuple[str, ...] = ("events",)
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    outcome_ms: int = TIMERS["outcome_ms"]


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace."""

    name: str
    title: str
    requirements: tuple[str, ...]
    play: Play
    setting: Setting

    def lines(self) -> list[Json]:
        """The header, and a line for each input."""
        setting = self.setting
        header: Json = {
            "vector": 1,
            "name": self.name,
            "title": self.title,
            "requirements": list(self.requirements),
            "profiles": list(setting.profiles),
            "mode": setting.mode,
            "user_id": USER,
            "kinds": list(setting.kinds),
            "features": list(setting.features),
            "timers": {**TIMERS, "outcome_ms": setting.outcome_ms},
        }
        told = Script(header, setting.limits)
        self.play(told)
        return [header, *told.lines]


TRACES: dict[str, Trace] = {}
STREAM = Setting()
"""A chat with events."""


def trace(name: str, *requirements: str, setting: Setting = STREAM) -> Callable[[Play], Play]:
    """Put a function on the list; the first line of its docstring is the title."""

    def add(play: Play) -> Play:
        title = (play.__doc__ or "").partition("\n")[0]
        if name in TRACES or not title:
            raise ValueError(f"the trace {name!r} needs a name of its own and a sentence")
        TRACES[name] = Trace(name, title, requirements, play, setting)
        return play

    return add

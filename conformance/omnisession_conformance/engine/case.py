"""Cases: one coroutine each, with its own users and sessions, that says what it observes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

W = TypeVar("W")
"""What a case is handed: the context of its role."""

DEFAULT_LIMIT_MS = 15_000
"""No case takes more than 2 s on a healthy target; a busy machine was seen to need five times that,
and a case that is cut off has judged nothing."""


class Phase(StrEnum):
    """When a case runs: `quiet` cases run side by side, those of the later phases one at a time.

    Those in `instances` end some, or let them stand still, and everybody notices.

    What is said once a wire has failed in one of `wires` is a matter of these cases alone: they come last.
    """

    QUIET = "quiet"
    LOUD = "loud"
    HOSTILE = "hostile"
    HOOKS = "hooks"
    INSTANCES = "instances"
    WIRES = "wires"


@dataclass(frozen=True, slots=True)
class Case(Generic[W]):
    """A named coroutine with the requirements that it observes.

    `needs` are what must be declared or at hand, else the checks are NOT_RUN: profile names (`events`),
    listed actions (`action:article.create`), what some kind of the target can do (`able:change`), roles
    of users in the fixture (`role:editor`), `hook:restart`, `hook:stop`,
    `hook:kill_instance` and its like, `instances:several`, `wire:server`, `fixture:expired-token`.
    `alone` keeps every other case out of its time; `slow` cases wait for real timers and start first. A
    case that is `first` runs before all others, which have no room where it fails. What a `drawn` case
    sends is left to chance: as a sweep, it is excused from what its traffic did not come to. A target that
    ends in it has broken `ends`, or all its requirements where none are named. `module` is where it
    stands, and `area` the folder of that.
    """

    name: str
    requirements: tuple[str, ...]
    run: Callable[[W], Awaitable[None]]
    needs: tuple[str, ...] = ()
    phase: Phase = Phase.QUIET
    alone: bool = False
    slow: bool = False
    first: bool = False
    drawn: bool = False
    ends: tuple[str, ...] = ()
    limit_ms: int = DEFAULT_LIMIT_MS
    module: str = ""
    title: str = ""

    @property
    def area(self) -> str:
        """The folder of its module, which is the area of requirements that it is about."""
        return self.module.rpartition(".")[0].rpartition(".")[2]


_cases: dict[str, Case[Any]] = {}


def case(
    *requirements: str,
    needs: tuple[str, ...] = (),
    phase: Phase = Phase.QUIET,
    alone: bool = False,
    slow: bool = False,
    first: bool = False,
    drawn: bool = False,
    ends: tuple[str, ...] = (),
    limit_ms: int = DEFAULT_LIMIT_MS,
) -> Callable[[Callable[[W], Awaitable[None]]], Callable[[W], Awaitable[None]]]:
    """Register a coroutine function as a case; its name with dashes is the case's name."""

    def register(
        function: Callable[[W], Awaitable[None]],
    ) -> Callable[[W], Awaitable[None]]:
        name = function.__name__.replace("_", "-")
        if name in _cases:
            raise ValueError(f"two cases are called {name}")
        _cases[name] = Case(
            name=name,
            requirements=requirements,
            run=function,
            needs=needs,
            phase=phase,
            alone=alone,
            slow=slow,
            first=first,
            drawn=drawn,
            ends=ends,
            limit_ms=limit_ms,
            module=function.__module__,
            title=(function.__doc__ or "").strip().partition("\n")[0],
        )
        return function

    return register


def registered_cases(package: str) -> tuple[Case[Any], ...]:
    """The cases of the modules below a package that were imported, in order of registration."""
    return tuple(case for case in _cases.values() if case.module.startswith(f"{package}."))

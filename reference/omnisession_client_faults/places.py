"""Places of the reference client where something else can stand: functions, methods and constants."""

import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from omnisession_client.values import Mode

CLIENT = "omnisession_client"
# Who changes what is there is about a client that has one action at a time.
ONE_AT_A_TIME = "outbox."


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands at a place: a function that gets the one that stood there, and then its arguments.

    At the place of a constant it gets the constant alone, and gives the one to have instead.
    """

    place: str
    made: Callable[..., Any]


def replacing(place: str) -> Callable[[Callable[..., Any]], Replacement]:
    """Make a function a replacement; raises TypeError for a place that the client does not have."""
    find(place)
    return lambda made: Replacement(place, made)


def mode_of(replacements: Sequence[Replacement]) -> Mode | None:
    """The mode that a client needs for these to be used; None for any."""
    alone = any(part.place.startswith(ONE_AT_A_TIME) for part in replacements)
    return "pure" if alone else None


def find(place: str) -> tuple[Any, str]:
    """The module or class of a place such as `stream.gap` or `shell.Shell.stop`, and the name in it.

    Raises TypeError where the client has no such place: what is put there would change nothing.
    """
    *path, name = place.split(".")
    owner = _owner(path)
    if owner is None or not hasattr(owner, name) or isinstance(getattr(owner, name), ModuleType):
        raise TypeError(f"the client has no {place} to replace")
    return owner, name


def _owner(path: list[str]) -> Any:
    for count in range(len(path), 0, -1):
        try:
            found: Any = importlib.import_module(".".join((CLIENT, *path[:count])))
        except ModuleNotFoundError:
            continue
        for name in path[count:]:
            found = getattr(found, name, None)
        return found
    return None


def put(replacements: Sequence[Replacement]) -> list[tuple[Any, str, Any]]:
    """Put replacements in force for the rest of this process; what stood there is told, and where."""
    before: list[tuple[Any, str, Any]] = []
    for replacement in replacements:
        owner, name = find(replacement.place)
        original = getattr(owner, name)
        made = _made(replacement, original)
        for holder in _holders(owner, name, original):
            has = name in vars(holder)
            before.append((holder, name, getattr(holder, name) if has else None))
            setattr(holder, name, made)
    return before


@contextlib.contextmanager
def in_force(replacements: Sequence[Replacement]) -> Generator[None]:
    """Have replacements in force for a while."""
    before = put(replacements)
    try:
        yield
    finally:
        for holder, name, original in reversed(before):
            if original is None:  # a class had it from its base
                delattr(holder, name)
            else:
                setattr(holder, name, original)


def _made(replacement: Replacement, original: Any) -> Any:
    made = replacement.made
    if not callable(original):
        return made(original)
    if inspect.iscoroutinefunction(original):  # the library asks for such where it calls back

        @functools.wraps(original)
        async def stands_in_later(*arguments: Any, **named: Any) -> Any:
            return await made(original, *arguments, **named)

        return stands_in_later

    @functools.wraps(original)
    def stands_in(*arguments: Any, **named: Any) -> Any:
        return made(original, *arguments, **named)

    return stands_in


def _holders(owner: Any, name: str, original: Any) -> list[Any]:
    """Everything that has it under this name: a module that has imported it would keep the original."""
    if isinstance(owner, type):
        return [owner]
    modules = [module for path, module in sys.modules.items() if path.startswith(f"{CLIENT}.")]
    return [module for module in modules if vars(module).get(name) is original]

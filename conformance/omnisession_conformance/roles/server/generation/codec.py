"""Programs as JSON files: written whole, and read with a sentence for what is wrong."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.roles.server.breaks import HOWS, SIDES
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.bends import REQUESTS, is_bend
from omnisession_conformance.roles.server.generation.near_ids import FORMS, NEAR
from omnisession_conformance.roles.server.generation.near_users import WAYS
from omnisession_conformance.roles.server.generation.twists import ALIKE, OTHERS
from omnisession_conformance.roles.server.generation.words import ASKED, PLACES, program_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

BURSTS = ("session.noop", s.UNLISTED)
"""Types of actions that say nothing."""
FORMAT = 1
"""The version of the files, in their member `program`."""
MOST_STEPS = 10_000
ROLES = ("author", "reader", "editor")
_KINDS: dict[str, type[Any]] = {
    step.__name__.lower(): step
    for step in (
        *(s.Open, s.Reopen, s.Close, s.Expire, s.Rest, s.Sync, s.Resume, s.Ask),
        *(
            s.Bend,
            s.Act,
            s.Copy,
            s.Flight,
            s.Swap,
            s.Row,
            s.Break,
            s.Restart,
            s.Burst,
            s.Hush,
            s.Look,
        ),
    )
}
_CHOICES = {
    ("resume", "where"): PLACES,
    ("ask", "how"): ASKED,
    ("act", "number"): (s.NEXT, s.USED, s.AHEAD, *s.FAR),
    ("act", "expect"): ("", s.RIGHT, s.WRONG, s.SOON, s.IGNORED),
    ("act", "near"): ("", *NEAR),
    ("act", "form"): ("", *FORMS),
    ("copy", "number"): (s.SAME, s.NEXT, s.AHEAD),
    ("copy", "twist"): ("", *ALIKE, *OTHERS),
    ("burst", "type"): BURSTS,
    ("break", "how"): HOWS,
    ("break", "side"): SIDES,
    ("restart", "how"): (s.STOP, s.KILL),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """A program with what is told of it: which requirement it found broken, and how."""

    program: s.Program
    about: Mapping[str, Any]


def to_json(step: s.Step) -> dict[str, Any]:
    """A step as a JSON object; what has its usual value is left out."""
    written: dict[str, Any] = {"do": type(step).__name__.lower()}
    for field in fields(step):
        value = getattr(step, field.name)
        if value == field.default:
            continue
        if isinstance(value, tuple) and field.name in ("give", "timers"):
            written[field.name] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, tuple) and field.name in _PARTS:
            written[field.name] = [to_json(act) for act in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        elif isinstance(value, tuple):
            written[field.name] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, s.Act):
            written[field.name] = to_json(value)
        else:
            written[field.name] = value
    return written


def dump(program: s.Program, about: Mapping[str, Any] | None = None) -> str:
    """A program as the text of a file, with its steps in words for whoever reads it."""
    whole = {
        "program": FORMAT,
        **(about or {}),
        "words": list(program_in_words(program)),
        "users": list(program.users),
        **({"ids": program.ids} if program.ids else {}),
        "steps": [to_json(step) for step in program.steps],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def load(text: str, name: str) -> Saved:
    """Read the text of a file; UsageError says what is wrong with it."""
    try:
        whole: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is no JSON: {error}") from error
    if not is_object(whole) or "program" not in whole:
        raise UsageError(f"{name} is no saved program: it has no member 'program'.")
    if whole["program"] != FORMAT:
        raise UsageError(
            f"{name} is a program of format {whole['program']!r}, and this kit reads {FORMAT}."
        )
    try:
        program = _program(whole)
    except _BadError as bad:
        raise UsageError(f"{name}: {bad}") from None
    told = ("requirement", "expected", "seen", "kit", "found_on")
    return Saved(program, {key: whole[key] for key in told if key in whole})


class _BadError(Exception):
    """What is wrong with a program."""


def _program(whole: dict[str, Any]) -> s.Program:
    users = _texts(whole.get("users"), "users")
    if not users or any(role not in ROLES for role in users):
        raise _BadError(f"'users' is a list of roles, {', '.join(ROLES)}.")
    steps = whole.get("steps")
    if not is_list(steps) or len(steps) > MOST_STEPS:
        raise _BadError(f"'steps' is a list of at most {MOST_STEPS} steps.")
    read = tuple(_step(step, f"step {number}") for number, step in enumerate(steps, 1))
    for step in read:
        if isinstance(step, s.Open) and not 0 <= step.user < len(users):
            raise _BadError(f"{step.name} is opened by user {step.user}, and there is none.")
    ids = whole.get("ids", "")
    if ids not in ("", *WAYS):
        raise _BadError(f"'ids' is one of {', '.join(map(repr, WAYS))}.")
    return s.Program(users, read, ids)


def _step(value: Any, where: str) -> s.Step:
    if not is_object(value):
        raise _BadError(f"{where} is no object.")
    do = value.get("do")
    made = _KINDS.get(do) if isinstance(do, str) else None
    if made is None:
        raise _BadError(f"{where} does {do!r}, and a step does one of {', '.join(_KINDS)}.")
    known = {field.name: field for field in fields(made)}
    if unknown := [name for name in value if name != "do" and name not in known]:
        raise _BadError(f"{where} ({do}) has a member '{unknown[0]}' that there is not.")
    told = {name: _member(name, value[name], str(do), where) for name in known if name in value}
    try:
        return made(**told)
    except TypeError:
        lacking = next(name for name in _needed(made) if name not in told)
        raise _BadError(f"{where} ({do}) has no '{lacking}'.") from None


def _needed(made: type[Any]) -> list[str]:
    return [f.name for f in fields(made) if f.default is MISSING]


def _member(name: str, value: Any, do: str, where: str) -> Any:
    at = f"{where} ({do}): '{name}'"
    if (choices := _CHOICES.get((do, name))) is not None and value not in choices:
        raise _BadError(f"{at} is one of {', '.join(map(repr, choices))}.")
    if name in ("give", "timers"):
        return _pairs(value, at, str if name == "give" else int)
    if name in ("kinds", "features"):
        return _texts(value, at)
    if name in _PARTS:
        return _actions(value, at, *_PARTS[name])
    if name == "order":
        return _order(value, at)
    if name in ("first", "second"):
        return _action(value, at, s.Act)
    if name == "bend" and not (isinstance(value, str) and (not value or is_bend(value))):
        raise _BadError(f"{at} is a place and a change, such as '/data/title null'.")
    if (do, name) == ("bend", "type") and value not in REQUESTS:
        raise _BadError(f"{at} is one of {', '.join(REQUESTS)}.")
    wanted, what = _TYPES.get(name, (str, "a text"))
    if type(value) is not wanted:
        raise _BadError(f"{at} is {what}.")
    return value


_PARTS: dict[str, tuple[type[Any], ...]] = {
    "acts": (s.Act, s.Copy),
    "rivals": (s.Act,),
    "between": (s.Act, s.Sync, s.Resume, s.Reopen, s.Close),
}
"""What the steps within a step may be."""
_FLAG = (bool, "true or false")
_TYPES: dict[str, tuple[type[Any], str]] = {
    "user": (int, "the number of a user"),
    "ms": (int, "a number of milliseconds"),
    "count": (int, "a number of actions"),
    "before": (int, "a number of actions"),
    "again": (int, "the place of an action"),
    **dict.fromkeys(("power", "alike", "change", "shared", "silent"), _FLAG),
}


def _order(value: Any, at: str) -> tuple[int, ...]:
    places = value if is_list(value) else []
    right = all(type(place) is int and place >= 0 for place in places)
    if not places or not right or len({*places}) < len(places):
        raise _BadError(f"{at} is a list of places from 0 on, each once at most.")
    return tuple(places)


def _pairs(value: Any, at: str, wanted: type[Any]) -> tuple[tuple[str, Any], ...]:
    if not is_object(value) or any(type(one) is not wanted for one in value.values()):
        raise _BadError(f"{at} is an object of {'texts' if wanted is str else 'integers'}.")
    return tuple(value.items())


def _actions(value: Any, at: str, *allowed: type[Any]) -> tuple[Any, ...]:
    if not is_list(value):
        raise _BadError(f"{at} is a list of actions.")
    return tuple(_action(act, at, *allowed) for act in value)


def _action(value: Any, at: str, *allowed: type[Any]) -> Any:
    step = _step(value, at)
    if not isinstance(step, allowed):
        raise _BadError(f"{at} is made of actions only.")
    return step


def _texts(value: Any, at: str) -> tuple[str, ...]:
    if not is_list(value) or not all(isinstance(one, str) for one in value):
        raise _BadError(f"{at} is a list of texts.")
    return tuple(value)

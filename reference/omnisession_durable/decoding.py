"""Reads entries. Whatever the journal holds is read as something: a bad entry stops nobody."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from omnisession_durable.digests import LENGTH
from omnisession_durable.entries import (
    FORMAT,
    Act,
    Beat,
    Body,
    Conf,
    Decided,
    End,
    Entry,
    Hint,
    Limits,
    Nil,
    Open,
    Outcome,
    Own,
    Place,
    Signs,
)
from omnisession_reference.wire import JsonObject, WireError
from omnisession_reference.wire import decode as decode_json

MAX_INTEGER = 2**53 - 1
CLOSED, EXPIRED = "closed", "expired"


@dataclass(frozen=True, slots=True)
class Poison:
    """No entry of this format; it counts for nothing in any fold."""

    why: str


@dataclass(frozen=True, slots=True)
class Newer:
    """An entry of a later format: who cannot read it must not go on as if it were not there."""

    version: int


class _UnreadableError(Exception):
    """A member is missing, or is not what it has to be."""


def decode(data: bytes) -> Entry | Poison | Newer:
    """Read an entry; never raises."""
    try:
        body = decode_json(data)
        members = Members(body)
        version = members.integer("j", least=1)
        if version > FORMAT:
            return Newer(version)
        name = members.text("t")
        if name in _PLAIN:
            return _PLAIN[name](members)
        if name in _BODIES:
            return Decided(_place(members), _BODIES[name](members))
    except (WireError, _UnreadableError) as error:
        return Poison(str(error))
    return Poison("t is no type of this format")


class Members:
    """The members of an object, each read as what it has to be; raises for anything else."""

    def __init__(self, body: JsonObject) -> None:
        self._body = body

    def text(self, name: str, least: int = 1) -> str:
        """A string of at least so many characters."""
        found = self._body.get(name)
        if not isinstance(found, str) or len(found) < least:
            raise _UnreadableError(f"{name} is no string of {least} characters or more")
        return found

    def integer(self, name: str, least: int = 0) -> int:
        """An integer of at least so much."""
        found = self._body.get(name)
        if type(found) is not int or not least <= found <= MAX_INTEGER:
            raise _UnreadableError(f"{name} is no integer of {least} or more")
        return found

    def flag(self, name: str) -> bool:
        """A boolean; False where it is not there."""
        found = self._body.get(name, False)
        if not isinstance(found, bool):
            raise _UnreadableError(f"{name} is no boolean")
        return found

    def object(self, name: str) -> JsonObject:
        """An object."""
        found: Any = self._body.get(name)
        if not isinstance(found, dict):
            raise _UnreadableError(f"{name} is no object")
        return found  # pyright: ignore[reportUnknownVariableType]

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """A list of objects."""
        found: Any = self._body.get(name)
        if not isinstance(found, list):
            raise _UnreadableError(f"{name} is no list")
        items: list[Any] = list(found)  # pyright: ignore[reportUnknownArgumentType]
        if not all(isinstance(item, dict) for item in items):
            raise _UnreadableError(f"{name} holds something else than objects")
        return tuple(items)

    def objects_if_any(self, name: str) -> tuple[JsonObject, ...]:
        """A list of objects; none where it is not there."""
        return self.objects(name) if name in self._body else ()

    def names(self, name: str) -> None:
        """A list of strings, none of them twice; it stays as it is."""
        found: Any = self._body.get(name)
        if not isinstance(found, list):
            raise _UnreadableError(f"{name} is no list")
        items: list[Any] = list(found)  # pyright: ignore[reportUnknownArgumentType]
        if not all(isinstance(item, str) for item in items) or len(set(items)) < len(items):
            raise _UnreadableError(f"{name} holds something else than strings, or one twice")

    def keys(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of strings."""
        found: Any = self._body.get(name)
        if not isinstance(found, list):
            raise _UnreadableError(f"{name} is no list")
        pairs: list[Any] = list(found)  # pyright: ignore[reportUnknownArgumentType]
        if not all(map(_is_pair, pairs)):
            raise _UnreadableError(f"{name} holds something else than pairs of strings")
        return tuple((user, session) for user, session in pairs)

    def counts(self, name: str) -> dict[str, int]:
        """An object whose values are integers of 0 or more."""
        found = self.object(name)
        inner = Members(found)
        return {key: inner.integer(key) for key in found}


def _is_pair(told: Any) -> bool:
    return isinstance(told, list) and list(map(type, told)) == [str, str]  # pyright: ignore[reportUnknownArgumentType]


def _conf(members: Members) -> Conf:
    told = members.object("limits")
    inner = Members(told)
    limits = Limits(**{one.name: inner.integer(one.name, least=1) for one in fields(Limits)})
    return Conf(members.integer("over"), members.integer("fold", least=1), limits)


def _own(members: Members) -> Own:
    by, of = members.text("by", least=0), members.text("of")
    return Own(by, of, members.integer("over"), members.integer("p"))


def _beat(members: Members) -> Beat:
    return Beat(
        members.text("by"),
        members.integer("sent"),
        members.integer("folded"),
        members.flag("speaks"),
        _digest(members.text("digest")),
    )


def _signs(members: Members) -> Signs:
    return Signs(members.integer("term", least=1), members.keys("of"), members.integer("p"))


def _digest(told: str) -> str:
    if len(told) != LENGTH:
        raise _UnreadableError(f"digest has not {LENGTH} digits")
    return told


def _place(members: Members) -> Place:
    term, number = members.integer("term", least=1), members.integer("n", least=1)
    return Place(term, number, members.integer("p"))


def _open(members: Members) -> Open:
    terms = members.object("terms")
    Members(terms).names("kinds")
    return Open(members.text("u"), members.text("s"), terms)


def _act(members: Members) -> Act:
    return Act(
        user=members.text("u"),
        session=members.text("s"),
        action_id=members.text("a"),
        client_seq=members.integer("c"),
        type=members.text("y"),
        fingerprint=members.text("fp"),
        outcome=_outcome(members.object("out")),
        reads=members.counts("reads"),
        writes=members.objects("writes"),
        copy=members.flag("copy"),
        hints=_hints(members),
    )


def _hints(members: Members) -> tuple[Hint, ...]:
    """The hints of an entry; none where they are not as they should be.

    No fold may rest on them: an instance of an earlier release does not look at them.
    """
    try:
        found = map(Members, members.objects_if_any("hints"))
        return tuple(
            Hint(one.text("article_id"), one.text("type"), one.text("event_id")) for one in found
        )
    except _UnreadableError:
        return ()


def _outcome(told: JsonObject) -> Outcome:
    inner = Members(told)
    if "error" in told:
        return Outcome(error=inner.object("error"))
    if "result" not in told:
        raise _UnreadableError("out has neither result nor error")
    return Outcome(None if told["result"] is None else inner.object("result"))


def _end(members: Members) -> End:
    why = members.text("why")
    if why not in (CLOSED, EXPIRED):
        raise _UnreadableError(f"why is neither {CLOSED} nor {EXPIRED}")
    return End(members.text("u"), members.text("s"), why, members.objects_if_any("writes"))


def _nil(_members: Members) -> Nil:
    return Nil()


_PLAIN: dict[str, Callable[[Members], Entry]] = {
    "conf": _conf,
    "own": _own,
    "beat": _beat,
    "signs": _signs,
}
_BODIES: dict[str, Callable[[Members], Body]] = {
    "open": _open,
    "act": _act,
    "end": _end,
    "nil": _nil,
}

"""Bodies with one fault each, made from the examples of the schemas.

A member is left out, or has a value of another JSON type; what the schema takes all the same is no
fault and is left out. Texts and numbers out of bounds are not made: decoders differ in what they take.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, is_list, is_object
from omnisession_conformance.protocol.schemas.catalogue import catalogue
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    EDIT_START,
    EDIT_SUBJECT,
    Body,
    edit_body,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

WRONG: tuple[Any, ...] = (None, 5, "x", True, [], {})
NO_TRUTHS: tuple[Any, ...] = (0, 1, "true", "false", "")
"""What stands for true and false in forms and in some languages."""
ENVELOPE = ("type", "user_id", "session_id", "timestamp")
TOP_LEVEL = {EDIT_START: "article_id", CHAT_SEND: "content"}
"""Members that stand at top level on subjects that several users share, and nowhere else."""
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A body with one fault: in words, and where it is.

    `pointer` is the JSON pointer of the faulty member, also of one that is missing; `subject` is None
    for the subject that such a body usually takes.
    """

    what: str
    body: Body
    pointer: str
    missing: bool
    subject: str | None = None


def points_at(ctx: Context, answer: Answer, fault: Fault, why: str) -> None:
    """Observe a pointer to the faulty member, or to what it stands in."""
    pointer: Any = as_object(answer.error.get("details")).get("pointer")
    parent = fault.pointer.rpartition("/")[0]
    ctx.check(
        "ERR-004",
        pointer == fault.pointer or (pointer == parent and (fault.missing or parent != "")),
        expected=fault.pointer,
        seen=pointer,
        on=answer,
        pointer="/data/error/details/pointer",
        why=why,
    )


def example(checker: Checker, ref: str) -> Body:
    """The first example of a definition."""
    name, _, path = ref.partition("#")
    node: Any = checker.documents[name]
    for part in path.split("/")[1:]:
        node = node[part]
    return copy.deepcopy(node["examples"][0])


def faulty_actions(checker: Checker, session: Session, listed: Collection[str]) -> Iterator[Fault]:
    """For each listed action type of the catalogue, every fault that its `data` can have.

    The bodies take the session's numbers as they are drawn.
    """
    for type_, ref in catalogue().row("user.actions").definitions.items():
        if type_ in listed:
            data = example(checker, ref)["data"]
            for path, value in _faults(data, ("data",)):
                body = _with(session.action_body(type_, data, client_seq=1), path, value)
                if not checker.is_valid(ref, body):
                    yield _fault(path, value, _numbered(session, body))
    for type_, name in TOP_LEVEL.items():
        if type_ in listed:
            path: Path = ("data",)
            body = session.action_body(type_, top={name: "x"})
            yield _fault(path, _Missing, body)
            path = ("data", name)
            yield _fault(path, _Missing, session.action_body(type_, {}, top={name: "x"}))
    if EDIT_START in listed:
        for value in (_Missing, *WRONG):
            path = ("article_id",)
            if not isinstance(value, str):
                body = _with(edit_body(session, "", client_seq=1), path, value)
                yield _fault(path, value, _numbered(session, body), EDIT_SUBJECT)


def faulty_requests(checker: Checker, session: Session, types: Collection[str]) -> Iterator[Fault]:
    """Every fault that requests of some types can have, in their envelope and in their `data`."""
    for type_, ref in catalogue().row("session.control.requests").definitions.items():
        if type_ not in types:
            continue
        data = example(checker, ref)["data"]
        if type_ == "session.open":
            data = {**data, "auth": {**data["auth"], "token": session.user.token}}
        good = session.request_body(type_, data)
        paths = [(path, value) for name in ENVELOPE for path, value in _wrong(good[name], (name,))]
        for path, value in (*paths, *_faults(data, ("data",))):
            body = _with(good, path, value)
            if not checker.is_valid(ref, body):
                yield _fault(path, value, body)


class _Missing:
    """Stands for no value at all."""


def _faults(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Faults of a value and of everything in it."""
    yield from _wrong(value, path)
    if is_object(value):
        for name, member in value.items():
            yield from _faults(member, (*path, name))
    elif is_list(value) and value:
        for wrong in WRONG:
            if type(wrong) is not type(value[0]):
                yield (*path, 0), wrong


def _wrong(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, _Missing
    for wrong in (*WRONG, *_near(value)):
        if type(wrong) is not type(value):
            yield path, wrong


def _near(value: Any) -> tuple[Any, ...]:
    """Values of another JSON type that careless servers read as one."""
    if isinstance(value, bool):
        return NO_TRUTHS
    return (str(value), f"{value}.0") if isinstance(value, int) else ()


def _with(body: Body, path: Path, value: Any) -> Body:
    changed = copy.deepcopy(body)
    node: Any = changed
    for part in path[:-1]:
        node = node[part]
    if value is _Missing:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return changed


def _numbered(session: Session, body: Body) -> Body:
    number, session.next_seq = session.next_seq, session.next_seq + 1
    return {**body, "client_seq": number}


def _fault(path: Path, value: Any, body: Body, subject: str | None = None) -> Fault:
    pointer = "".join(f"/{part}" for part in path)
    missing = value is _Missing
    what = f"{pointer} is missing" if missing else f"{pointer} is {value!r}"
    return Fault(what, body, pointer, missing, subject)

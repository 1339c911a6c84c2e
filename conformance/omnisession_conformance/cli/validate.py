"""`omnisession validate`: judge messages in files by the protocol's schemas."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnisession_conformance.cli.line_numbers import line_of
from omnisession_conformance.errors import UsageError
from omnisession_conformance.files import MB, bounded, read_file
from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.protocol.schemas import catalogue, decode
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.subjects import Address, classify
from omnisession_conformance.report.text import WHOLE, one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omnisession_conformance.protocol.schemas import SubjectRow

STDIN = "-"
MOST_BYTES = 512 * MB
"""More than any broker takes in one message."""
CODES_OF_FLAWS = {"ENV-001": "bad-json", "ENV-004": "bad-number"}
"""By the requirement that the bytes themselves break."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message; `code` stays what it is when the sentence changes."""

    code: str
    pointer: str
    message: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A message and what was found: `ref` is the definition, None if none applies."""

    ref: str | None
    type: str
    problems: tuple[Problem, ...]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--subject",
    metavar="SUBJECT",
    help="The subject that the messages were published on; without it their type decides.",
)
@click.option("--lines", is_flag=True, help="Each line of a file is a message.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def validate(files: tuple[str, ...], subject: str | None, lines: bool, as_json: bool) -> int:
    """Validate messages by the protocol's schemas: JSON files, or - for standard input.

    Exit code 0: all are valid; 1: some are not; 4: a file or the subject cannot be used.
    """
    address = None if subject is None else _address(subject)
    checker = Checker()
    count = bad = 0
    told: list[dict[str, Any]] = []
    for name in files:
        for where, offset, data in _messages(name, lines=lines):
            count += 1
            judged = judge(checker, data, address)
            bad += bool(judged.problems)
            if as_json:
                told.append(_as_json(where, offset, data, judged))
            else:
                _tell(where, offset, data, judged)
    if not count:
        raise UsageError(f"There is no message in {', '.join(files)}.")
    good = count - bad
    if as_json:
        all_told = {"valid": good, "of": count, "messages": told}
        click.echo(disarmed_json(json.dumps(all_told, indent=2)))
    else:
        click.echo(f"{good} of {plural(count, 'message')} valid")
    return 1 if bad else 0


def _as_json(where: str, offset: int, data: bytes, judged: Judged) -> dict[str, Any]:
    return {
        "where": where,
        "type": judged.type,
        "definition": judged.ref,
        "valid": not judged.problems,
        "problems": [
            {"line": offset + line_of(data, problem.pointer), **asdict(problem)}
            for problem in judged.problems
        ],
    }


def _address(subject: str) -> Address:
    address = classify(subject)
    if address.flaw is not None:
        raise UsageError(f"The subject '{subject}' is none of the protocol: {address.flaw}.")
    if address.family == "other":
        patterns = dict.fromkeys(row.pattern for row in catalogue().subjects)
        raise UsageError(
            f"The protocol has no subject '{subject}'. Its subjects are {', '.join(patterns)}."
        )
    return address


def _messages(name: str, *, lines: bool) -> Iterator[tuple[str, int, bytes]]:
    """The messages of a file, each with what to call it and the lines before it."""
    shown = "standard input" if name == STDIN else name
    try:
        if name == STDIN:
            data = bounded(sys.stdin.buffer, MOST_BYTES, shown)
        else:
            data = read_file(Path(name), MOST_BYTES)
    except OSError as error:
        raise UsageError(f"Cannot read {shown}: {error.strerror}.") from error
    if not lines:
        yield shown, 0, data
        return
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield f"{shown}, line {number}", number - 1, line


def judge(checker: Checker, data: bytes, address: Address | None = None) -> Judged:
    """Judge the bytes of one message, on a subject or by its type alone.

    A type may stand on two subjects with different shapes: without the subject it is right when it
    is right on one of them, else the one it comes nearest to tells what is wrong.
    """
    decoded = decode(data)
    flaws = tuple(
        Problem(CODES_OF_FLAWS.get(f.requirement, "bad-json"), f.pointer, f.message, f.requirement)
        for f in decoded.flaws
    )
    body = decoded.body
    if body is None:
        return Judged(None, "", flaws)
    type_ = body.get("type")
    told = type_ if isinstance(type_, str) else ""
    refs = _definitions(body, address)
    if not refs:
        return Judged(None, told, (*flaws, _no_definition(told)))
    ref, problems = _nearest(checker, refs, body)
    # The decoder has said already what is wrong with a number that no schema takes.
    places = {flaw.pointer for flaw in flaws}
    fresh = tuple(p for p in problems if p.pointer not in places)
    return Judged(ref, told, (*flaws, *fresh, *_misplaced(body, address)))


def _nearest(
    checker: Checker, refs: Sequence[str], body: dict[str, Any]
) -> tuple[str, tuple[Problem, ...]]:
    for ref in refs:
        if checker.is_valid(ref, body):
            return ref, ()
    explained = [(ref, checker.explain(ref, body)) for ref in refs]
    ref, violations = min(explained, key=lambda found: len(found[1]))
    return ref, tuple(
        Problem(f"schema:{v.keyword}", v.pointer, v.message, v.requirement) for v in violations
    )


def _definitions(body: dict[str, Any], address: Address | None) -> Sequence[str]:
    rows: Sequence[SubjectRow] = catalogue().subjects
    if address is not None:
        rows = [row for row in rows if row.family == address.family]
    named = [row.definition(body) for row in rows if _names(row, body)]
    # On a subject that is told, a type that is unknown there is judged as such.
    return tuple(dict.fromkeys(named or ([r.otherwise for r in rows] if address else [])))


def _names(row: SubjectRow, body: dict[str, Any]) -> bool:
    """Whether the body is of a type that stands on these subjects by name."""
    if row.dispatch == "/data/type":
        return body.get("type") == "session.state"
    return row.definition(body) in row.definitions.values() and body.get("type") in row.definitions


def _no_definition(type_: str) -> Problem:
    if not type_:
        return Problem(
            "no-type", "/type", "is missing or no text, so that no definition applies", "ENV-002"
        )
    return Problem(
        "unknown-type",
        "/type",
        f"'{type_}' is no type of protocol {catalogue().version}; if it is one of your own or of "
        "a later version, name its subject with --subject",
        "ENV-002",
    )


def _misplaced(body: dict[str, Any], address: Address | None) -> Iterator[Problem]:
    if address is None:
        return
    for name, told in (("user_id", address.user), ("session_id", address.session)):
        if told is not None and name in body and body[name] != told:
            words = f"is {body[name]!r}, the subject says {told!r}"
            yield Problem("not-of-the-subject", f"/{name}", words, "ENV-008")


def _tell(where: str, offset: int, data: bytes, judged: Judged) -> None:
    what = judged.type or "a message"
    definition = f" ({judged.ref})" if judged.ref else ""
    where = one_line(where, WHOLE)
    short, long = (60, 200) if sys.stdout.isatty() else (WHOLE, WHOLE)
    if not judged.problems:
        click.echo(f"{where}: {one_line(what, short)} is valid{definition}")
        return
    click.echo(f"{where}: {one_line(what, short)} is not valid{definition}")
    for problem in judged.problems:
        line = offset + line_of(data, problem.pointer)
        click.echo(
            f"  line {line:<5} {one_line(problem.pointer or '/', short)}  "
            f"{one_line(problem.message, long)}  [{problem.requirement}]"
        )

"""The transcript of a run as JSON lines: what the tap saw, without other people's traffic.

Bodies are kept byte for byte but for credentials; a line says `redacted` where that changed it, so
that nobody judges a size or a digest by it. Other people's messages are counted where they were, so
that every number is accounted for and a hole is seen.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from json.encoder import encode_basestring_ascii as _quoted
from typing import TYPE_CHECKING, Any

from omnisession_conformance.errors import KitError
from omnisession_conformance.protocol.json import as_object, as_text, member
from omnisession_conformance.protocol.verdict import RunStatus  # noqa: TC001 - the codec reads it
from omnisession_conformance.results.codec import ShapeError, decode, encode, why_unreadable
from omnisession_conformance.results.jsonl import (
    PACKED,
    DamagedError,
    LineFile,
    TextLine,
    read_lines,
)
from omnisession_conformance.results.seal import END, FACTS, HEADER, Seal, changed, flaw
from omnisession_conformance.traffic.record import Party, Record, Side, side_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from omnisession_conformance.files import Folder
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.traffic.redact import Redactor

MOST_MESSAGES = 2**63
"""More than any run hears, and than Python can count: what is higher was not written by a kit."""
SCHEMA = "https://omnisession.dev/schemas/kit/transcript.schema.json"


class TranscriptError(KitError):
    """A file is no transcript."""


@dataclass(frozen=True, slots=True)
class Message:
    """One line of a transcript; exactly one of `text` and `base64` holds the body.

    `others` counts the messages of others that came between it and the one before it; `told_side` is
    None where the line leaves it to who sent it: see `side`.
    """

    n: int
    t_ns: int
    at_ms: int
    party: Party = field(metadata={"json": "from"})
    subject: str
    reply: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    case: str | None = None
    text: str | None = None
    base64: str | None = None
    redacted: bool = False
    others: int = 0
    told_side: Side | None = field(default=None, metadata={"json": "side"})

    @property
    def side(self) -> Side:
        """The side that it was sent as; without a word of it the kit's are the client's."""
        return side_of(self.party) if self.told_side is None else self.told_side

    @property
    def data(self) -> bytes:
        """The body's bytes."""
        if self.base64 is not None:
            return base64.b64decode(self.base64, validate=True)
        return (self.text or "").encode("utf-8")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the tap's clock; `to_ns` is None where it had not ended when the run did."""

    from_ns: int
    to_ns: int | None = None


@dataclass(frozen=True, slots=True)
class DeathLine:
    """A target that ended twice under the same messages, by their numbers; see `Death`."""

    messages: tuple[int, ...]
    exit_code: int
    said: str = ""


@dataclass(frozen=True, slots=True)
class FailureLine:
    """A client that failed so many `times` in a case; `message` is the last one that was for it.

    Without a case it failed in cases side by side, and in none of them alone.
    """

    case: str
    message: int
    said: str = ""
    times: int = 2


@dataclass(frozen=True, slots=True)
class RestLine:
    """The last look at a session of a client that has acted; `message` is the last action that it has sent.

    `wrong` is empty where nothing was.
    """

    case: str
    message: int
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class DisturbanceLine:
    """A stretch in which the kit ended or froze instances of the target; `to_ns` is None to the end."""

    from_ns: int
    to_ns: int | None
    what: str


@dataclass(frozen=True, slots=True)
class TranscriptFacts:
    """The line behind the messages: what the run knew and they do not tell; never a secret.

    `role` is what the target was tested as. `users` are the ids of the fixture's users, `editors` those
    who hold `post_edit_any` (None: not known). In `outages` the target was not there, in `stalls` the
    kit itself stood still; `deaths` are messages under which the target ended twice; from `broken_ns` on
    connections of the target failed, and in `disturbances` the kit did something to its instances, so that
    messages may be missing; `failures` are those of a client,
    which ends with more than its process, and `rests` what was seen of its sessions at last. `heard` is the
    number of all messages that the tap heard, `others` that of others' among them; a kit that did not
    count those wrote neither (None). `judged` are the checks that the run came to a verdict on: an
    earlier kit did not tell them (None).
    """

    run_status: RunStatus
    reason: str = ""
    server: str | None = None
    version: str | None = None
    broker: str | None = None
    profiles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    private_prefixes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    editors: tuple[str, ...] | None = None
    outages: tuple[Stretch, ...] = ()
    stalls: tuple[Stretch, ...] = ()
    disturbances: tuple[DisturbanceLine, ...] = ()
    deaths: tuple[DeathLine, ...] = ()
    broken_ns: int | None = None
    heard: int | None = None
    others: int | None = None
    role: str = "server"
    judged: tuple[str, ...] | None = None
    failures: tuple[FailureLine, ...] = ()
    rests: tuple[RestLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript that was read; `facts` is None where the run did not live to write them.

    `kit` is the version that wrote it, None where it was one that did not say, and wrote no end either.
    `flaw` says what is wrong with its lines as a whole, `changed` how they differ from those that were
    written; both are None where nothing shows it.
    """

    messages: tuple[Message, ...]
    facts: TranscriptFacts | None = None
    kit: str | None = None
    flaw: str | None = None
    changed: str | None = None

    @property
    def counted(self) -> bool:
        """Whether it tells how many messages of others there were; older kits did not."""
        return self.facts is not None and self.facts.heard is not None

    def holes(self) -> tuple[range, ...]:
        """The numbers of messages that are not there; those that others' are known to have had are not.

        In a gap that others share, the first are named. Where others' messages were not counted these
        may be theirs, if the broker was shared.
        """
        ends = [(message.n, message.others) for message in self.messages]
        if self.facts is not None and self.facts.heard is not None:
            known = sum(others for _, others in ends)
            ends.append((self.facts.heard, (self.facts.others or 0) - known))
        found: list[range] = []
        due = 0
        for n, others in ends:
            if (lost := n - due - others) > 0:
                found.append(range(due, due + lost))
            due = n + 1
        return tuple(found)

    def disorder(self) -> int | None:
        """The first number that is not higher than the one before it by what was counted, if any."""
        due = 0
        for message in self.messages:
            if message.n < due + message.others:
                return message.n
            due = message.n + 1
        return None


class TranscriptWriter:
    """Writes a transcript, as it grows or all at once; raises OSError where the file cannot be made.

    `count` messages of kit and target are in the file, after `others` that are not written; `heard`
    is the number of both. A call that raises OSError has changed none of them, and may be made again.
    """

    def __init__(self, path: Path, redactor: Redactor, folder: Folder | None = None) -> None:
        self.redactor = redactor
        self.count = 0
        self.others = 0
        self._before = 0
        """Messages of others since the last one that was written."""
        self._file = LineFile(path, folder)
        self._seal = Seal()
        self._append(_json({"line": HEADER, "schema": SCHEMA, "kit": version("omnisession")}))

    @property
    def heard(self) -> int:
        """How many messages were handed over."""
        return self.count + self.others

    def write(self, records: Iterable[Record]) -> None:
        """Write the messages of kit and target, and count those of others."""
        lines: list[str] = []
        before, others = self._before, 0
        for record in records:
            if record.party is Party.STRANGER:
                before += 1
                others += 1
            else:
                lines.append(_line(record, self.redactor, before))
                before = 0
        self._append("".join(lines))
        self._before = before
        self.count += len(lines)
        self.others += others

    def tell(self, facts: TranscriptFacts) -> None:
        """Write what the messages do not tell, with how many there were, and the last line."""
        facts = replace(facts, heard=self.heard, others=self.others)
        told = self.redactor.value(encode(facts))
        # Words of the kit: a match with a secret must not change them.
        own = {"role": facts.role, "judged": facts.judged}
        line = _json({"line": FACTS, **told, **own})
        self._append(line + _json(self._seal.end(line)))

    def _append(self, lines: str) -> None:
        self._file.append(lines)
        self._seal.take(lines)

    def check(self) -> None:
        """See whether the file holds what was written so far; raises ChangedError."""
        self._file.check()

    def close(self) -> None:
        """Finish the file; may be called again."""
        self._file.close()


def write_transcript(path: Path, records: Iterable[Record], redactor: Redactor) -> int:
    """Write the messages of kit and target; returns how many there were."""
    writer = TranscriptWriter(path, redactor)
    try:
        writer.write(records)
    finally:
        writer.close()
    return writer.count


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _json(value: dict[str, Any]) -> str:
    return _encode(value) + "\n"


def _line(record: Record, redactor: Redactor, others: int) -> str:
    # Members of known names are put together by hand: encoding them as an object took twice as long.
    line = (
        f'{{"line":"message","n":{record.n},"t_ns":{record.t_ns},"at_ms":{record.at_ms}'
        f',"from":"{record.party.value}","subject":{_quoted(redactor.name(record.subject))}'
    )
    if others:
        line += f',"others":{others}'
    if record.side is not side_of(record.party):
        line += f',"side":"{record.side.value}"'
    if record.reply:
        line += f',"reply":{_quoted(redactor.name(record.reply))}'
    if record.headers:
        line += f',"headers":{_encode(redactor.value(dict(record.headers)))}'
    if record.case is not None:
        line += f',"case":{_quoted(record.case)}'
    try:
        text = record.data.decode("utf-8")
    except UnicodeDecodeError:
        data = redactor.data(record.data)
        line += f',"base64":"{base64.b64encode(data).decode("ascii")}"'
        redacted = data != record.data
    else:
        shown = redactor.text(text)
        line += f',"text":{_quoted(shown)}'
        redacted = shown != text
    return line + (',"redacted":true}\n' if redacted else "}\n")


def read_transcript(path: Path) -> tuple[Message, ...]:
    """The messages of a transcript; see `load_transcript`."""
    return load_transcript(path).messages


def load_transcript(path: Path) -> Transcript:
    """Read a transcript, packed or not; a last line that was cut off is left out.

    Raises TranscriptError, with the number of the line, where it is none.
    """
    found: list[Message] = []
    facts: TranscriptFacts | None = None
    header: Object = {}
    kinds: list[tuple[int, str]] = []
    seal, end = Seal(), None
    for line in _lines(path):
        try:
            value: Any = json.loads(line.text)
            kind = as_text(member(value, "line"))
            if not kinds:
                header = _header(value, path)
            elif kind == "message":
                found.append(_message(value))
            elif kind == FACTS:
                facts = _facts(value)
            kinds.append((line.number, kind))
        except (ValueError, ShapeError, RecursionError) as error:
            if not line.whole and kinds:
                kinds.append((line.number, ""))
                break
            raise TranscriptError(f"{path}, line {line.number}: {why_unreadable(error)}") from error
        if kind == END:
            end = as_object(value)
        else:
            seal.take(f"{line.text}\n")
    if not kinds:
        raise TranscriptError(f"{path} is no transcript: it is empty")
    kit = as_text(header.get("kit")) or None
    wrong = flaw(kinds, ends=kit is not None)
    return Transcript(
        tuple(found), facts, kit, wrong, None if wrong or end is None else changed(seal, end)
    )


def _header(value: Any, path: Path) -> Object:
    header = as_object(value)
    if header.get("line") != HEADER:
        raise TranscriptError(f"{path} is no transcript: its first line is not its header")
    return header


def _lines(path: Path) -> Iterator[TextLine]:
    try:
        yield from read_lines(path)
    except FileNotFoundError as error:
        why = error.strerror or "there is none"
        for other in (path.with_name(path.name + PACKED), path.with_suffix("")):
            if path.suffix != other.suffix and other.is_file():
                why += f"; there is {other}"
        raise TranscriptError(f"cannot read the transcript: {path}: {why}") from error
    except OSError as error:
        raise TranscriptError(f"cannot read the transcript: {path}: {error.strerror}") from error
    except DamagedError as error:
        raise TranscriptError(f"cannot read the transcript: {path}: {error}") from error


def _message(value: Any) -> Message:
    """A line as a message; ValueError and ShapeError where it is none, or its body no bytes."""
    message = decode(Message, value)
    _is_number(message.n, "/n")
    _is_number(message.others, "/others")
    # Read once here, so that nobody who reads it later finds that it cannot be.
    _ = message.data
    return message


def _facts(value: Any) -> TranscriptFacts:
    facts = decode(TranscriptFacts, value)
    _is_number(facts.heard or 0, "/heard")
    _is_number(facts.others or 0, "/others")
    for at, death in enumerate(facts.deaths):
        for n in death.messages:
            _is_number(n, f"/deaths/{at}/messages")
    return facts


def _is_number(value: int, at: str) -> None:
    if not 0 <= value < MOST_MESSAGES:
        raise ShapeError(f"{at}: expected a number of messages, found {value}")

"""A target that plays back what a server once said, whoever asks."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from omnisession_conformance.nulls.answering import Said
from omnisession_conformance.protocol.json import member
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.subjects import Side, tok
from omnisession_conformance.results.transcript import read_transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from omnisession_conformance.results.transcript import Message
    from omnisession_conformance.traffic.connection import Heard

PUSHES_A_TIME = 3
_OF_ALL = ""
# What the vectors of the schemas say to each request; anything else is an action.
_ANSWERS = {
    "session.open": "session.opened",
    "session.sync": "session.syncing",
    "session.resume": "session.resumed",
    "session.ping": "session.pong",
    "session.close": "session.closed",
    _OF_ALL: "action.ack",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """What was said: answers by the type of what they answered, and what came unasked."""

    answers: Mapping[str, Sequence[bytes]]
    pushes: Sequence[Said]


class Replay:
    """Answers each message with the next recorded answer to its type, and goes on with the rest."""

    def __init__(self, recording: Recording) -> None:
        self._answers = {type_: cycle(said) for type_, said in recording.answers.items()}
        self._pushes = cycle(recording.pushes)

    def __call__(self, message: Heard) -> Sequence[Said]:
        """Play what comes next, on the subjects of the recording."""
        said = list(islice(self._pushes, PUSHES_A_TIME))
        answers = self._answers.get(_type_of(message.data)) or self._answers.get(_OF_ALL)
        if message.reply and answers is not None:
            said.insert(0, Said(message.reply, next(answers)))
        return said


def from_transcript(path: Path) -> Recording:
    """What the target of a recorded run said; TranscriptError where the file is no transcript."""
    return recorded(read_transcript(path))


def recorded(messages: Iterable[Message]) -> Recording:
    """Take what the target said out of a transcript."""
    asked: dict[str, str] = {}
    answers: defaultdict[str, list[bytes]] = defaultdict(list)
    pushes: list[Said] = []
    for message in messages:
        if message.side is not Side.SERVER:
            asked[message.reply] = _type_of(message.data)
        elif message.subject in asked:
            answers[asked[message.subject]].append(message.data)
            answers[_OF_ALL].append(message.data)
        elif not message.subject.startswith(("_INBOX.", "_R_.", "$")):
            pushes.append(Said(message.subject, message.data))
    return Recording(answers, pushes)


def from_vectors() -> Recording:
    """What the examples beside the schemas say; for where there is no transcript."""
    folder = schemas_folder() / "vectors" / "valid"
    answers = {
        asked: [_encode(body) for body in _bodies(folder / "control" / f"{told}.json")]
        for asked, told in _ANSWERS.items()
    }
    pushes = [
        Said(f"session.{tok(body['user_id'])}.{tok(body['session_id'])}.{last}", _encode(body))
        for family, last in (("state", "state"), ("event", "events"))
        for path in sorted((folder / family).glob("*.json"))
        for body in _bodies(path)
    ]
    return Recording(answers, pushes)


def _bodies(path: Path) -> list[dict[str, Any]]:
    return [vector["body"] for vector in json.loads(path.read_text("utf-8"))]


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _type_of(data: bytes) -> str:
    try:
        body: Any = json.loads(data)
    except ValueError:
        return _OF_ALL
    type_ = member(body, "type")
    return type_ if isinstance(type_, str) else _OF_ALL

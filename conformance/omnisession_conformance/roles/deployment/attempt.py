"""What is tried on a broker, as data: to hear something, or to be heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import tok

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.identities import Identity

LIMIT_MS = 60_000
"""How long a case may take that tries many: a broker that is far away takes a moment for each."""
GROUP = "omnisession"
"""The queue group of servers."""


class Verb(StrEnum):
    """How it is tried: by a subscription, by publishing, by an answer to a message that came, or a trace.

    The broker publishes one where a message says, and tells of that message's way there (ADR-41).
    """

    HEAR = "hear"
    SAY = "say"
    ANSWER = "answer"
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that is tried: to hear `heard` by a subscription, or to be heard on a subject.

    Texts hold names: `{u}` and `{s}` stand for the tokens of user and session of who tries, `{v}` and
    `{t}` for those of another user, `{i}` and `{j}` for how their inboxes begin, `{w}` for a word of the
    run.
    """

    verb: Verb
    subject: str
    heard: str = ""
    queue: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.verb, self.subject, self.queue)))

    def named(self, names: Mapping[str, str]) -> Attempt:
        """The attempt with all names in it."""
        return Attempt(
            self.verb, self.subject.format(**names), self.heard.format(**names), self.queue
        )


def hear(subject: str, heard: str = "", queue: str = "") -> Attempt:
    """To hear what comes on a subject, by a subscription to one with wildcards perhaps."""
    return Attempt(Verb.HEAR, subject, heard or subject, queue)


def say(subject: str) -> Attempt:
    """To be heard on a subject."""
    return Attempt(Verb.SAY, subject)


def answer(subject: str) -> Attempt:
    """To be heard on the reply subject of a message that came."""
    return Attempt(Verb.ANSWER, subject)


def trace(subject: str) -> Attempt:
    """To have the broker publish on a subject where one's own message went."""
    return Attempt(Verb.TRACE, subject)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one who tries, and of another whose messages are tried for; sessions are of the run.

    `hears` and `says` are where one who tries has to be able to hear and to be heard: markers go there.
    """

    attacker: Identity
    victim: Identity
    word: str
    hears: str = "article.{w}-m.updates"
    says: str = "session.{u}.{s}.control"
    texts: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        word = tok(self.word)
        texts = {
            "u": tok(self.attacker.id),
            "v": tok(self.victim.id),
            "s": f"{word}-own",
            "t": f"{word}-other",
            "i": self.attacker.inbox,
            "j": self.victim.inbox,
            "w": word,
        }
        object.__setattr__(self, "texts", texts)

    def __call__(self, text: str) -> str:
        """A text with the names in it."""
        return text.format(**self.texts)


def each_on_another(clients: Sequence[Identity], word: str) -> list[Names]:
    """Every client tries once, on the one behind it; `word` is of the run."""
    others = (*clients[1:], *clients[:1])
    return [Names(one, other, word) for one, other in zip(clients, others, strict=True)]


OWN = "session.{u}.{s}"
THEIRS = "session.{v}.{t}"
RIGHT: tuple[Attempt, ...] = (
    hear(f"{OWN}.state"),
    hear(f"{OWN}.*", f"{OWN}.control"),
    hear("{i}.>", "{i}.{w}.1"),
    hear("article.{w}.updates"),
    say(f"{OWN}.control"),
    say("user.actions.{u}"),
)
"""What a client has to be able to do, whatever else it may not."""

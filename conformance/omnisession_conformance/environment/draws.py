"""What a run makes up: the forms by its seed, so that they can be had again, and the ids anew each time.

Two runs with one seed send the same shapes in the same order, and share no id: a server that is attached
to remembers the users, sessions and actions of the run before.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.access import INBOX
from omnisession_conformance.environment.marks import Marks
from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.vocabulary.forms import (
    ACTION_IDS,
    DOMAINS,
    FIRST_NAMES,
    INBOXES,
    KIT_NAME,
    LAST_NAMES,
    MAKERS,
    MARKS,
    NUID,
    PRODUCTS,
    SESSION_IDS,
    SLUGS,
    USER_IDS,
    WORDS,
    Form,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEDS = 1_000_000
"""Seeds that are drawn are below it, so that people can type them; any other may be given."""
MOST_APPS = 3
HOUR_S = 3_600
LONGEST_TOKENS_S = 24 * HOUR_S
SEPARATORS = ((",", ":"), (", ", ": "), (",", ": "))
ORDERS = 1_000
LONGEST_PAUSE_S = 0.008
"""Between two cases: enough to be no beat, and a second for all of them together."""
LONGEST_OF_SLOW_S = 0.3
AT_A_TIME = (4, 5, 6)
"""Quiet cases at a time, beside those that wait for real timers. A published article reaches every
open session, so what cases cost each other grows with their number; with fewer, cores stand idle."""


class Chance(Random):
    """Chance that can be had again; nothing that must not be guessed comes of it."""


def new_seed() -> int:
    """A seed that nobody has chosen."""
    return secrets.randbelow(SEEDS)


@dataclass(frozen=True, slots=True)
class Shape:
    """A form at one of its lengths."""

    form: Form
    length: int

    @classmethod
    def of(cls, form: Form, rng: Random) -> Shape:
        """A length of a form."""
        return cls(form, rng.randint(form.shortest, form.longest))

    def drawn(self) -> str:
        """Characters that nobody can guess, without what stands before them."""
        letters = _letters(self.form.alphabet, self.length)
        if not self.form.groups:
            # Some programs trim what they are sent.
            return _trimmed("".join(letters), self.form.alphabet)
        letters[12], letters[16] = (
            "4",
            secrets.choice("89ab" if "a" in self.form.alphabet else "89AB"),
        )
        parts, at = list[str](), 0
        for size in self.form.groups:
            parts.append("".join(letters[at : at + size]))
            at += size
        return "-".join(parts)


def _letters(alphabet: str, length: int) -> list[str]:
    # Two bytes for each: a letter is as likely as another to within a thousandth.
    numbers = memoryview(secrets.token_bytes(2 * length)).cast("H")
    return [alphabet[number % len(alphabet)] for number in numbers]


def _trimmed(text: str, alphabet: str) -> str:
    if text[0].isalnum() and text[-1].isalnum():
        return text
    first, last = _letters("".join(c for c in alphabet if c.isalnum()), 2)
    return first + text[1:-1] + last


@dataclass(frozen=True, slots=True)
class Style:
    """How a client writes JSON: with or without spaces, its members in some order."""

    separators: tuple[str, str] = (",", ":")
    order: int | None = None
    """Decides on the order of members; None leaves them as they are."""

    def encode(self, body: Mapping[str, Any]) -> bytes:
        """A body in UTF-8; the same body always as the same bytes."""
        whole = self.ordered(body)
        return json.dumps(whole, ensure_ascii=False, separators=self.separators).encode()

    def ordered(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A body with its members in their order, those of its data as well."""
        if self.order is None:
            return dict(body)
        whole = _ordered(body, self.order)
        if is_object(data := whole.get("data")):
            whole["data"] = _ordered(data, self.order)
        return whole


def _ordered(body: Mapping[str, Any], order: int) -> dict[str, Any]:
    return {name: body[name] for name in _order_of(tuple(sorted(body)), order)}


@lru_cache(maxsize=1024)
def _order_of(names: tuple[str, ...], order: int) -> tuple[str, ...]:
    # Bodies of one type have the same names, and there are thousands of them.
    shuffled = list(names)
    Chance(f"{order} {shuffled}").shuffle(shuffled)
    return tuple(shuffled)


@dataclass(frozen=True, slots=True)
class App:
    """One client program: what it calls itself, how its ids look and how it writes."""

    name: str
    version: str
    session_ids: Shape
    action_ids: Shape
    inboxes: tuple[Shape, ...]
    style: Style

    @classmethod
    def of(cls, rng: Random, *, named: tuple[str, str] | None) -> App:
        """A program of some seed, under a name of its own or a given one."""
        name = rng.choice(
            (
                rng.choice(PRODUCTS),
                f"{rng.choice(MAKERS)}-{rng.choice(PRODUCTS)}",
                f"{rng.choice(MAKERS).capitalize()} {rng.choice(PRODUCTS).capitalize()}",
                f"com.{rng.choice(MAKERS)}.{rng.choice(PRODUCTS)}",
            )
        )
        version = ".".join(str(rng.randrange(n)) for n in (9, 30, 90)[: rng.randint(2, 3)])
        told = named or (name, version)
        inboxes = tuple(Shape.of(form, rng) for form in rng.choice(INBOXES))
        order = rng.choice((None, rng.randrange(ORDERS)))
        return cls(
            *told,
            session_ids=Shape.of(rng.choice(SESSION_IDS), rng),
            action_ids=Shape.of(rng.choice(ACTION_IDS), rng),
            inboxes=inboxes,
            style=Style(rng.choice(SEPARATORS), order),
        )

    @property
    def client(self) -> dict[str, str]:
        """What it says of itself when it opens a session."""
        return {"name": self.name, "version": self.version}


LEAST_NUMBER = 10**13
"""Numbers that are drawn are above it: too many to be met again, and every double holds them."""
NUID_SHAPE = Shape(NUID, NUID.shortest)


class Draws:
    """What one run draws from its seed; `kit` is the version by which it is known, None for a disguise."""

    def __init__(self, seed: int = 0, kit: str | None = None) -> None:
        self.seed = seed
        self.kit = kit
        self.marks = Marks()
        self.inboxes = INBOX
        """How inboxes begin: the broker may allow the kit no others."""
        self.word = NUID_SHAPE.drawn()
        """A word of the run that no other has."""
        self.marks.learn(self.word)
        rng = Chance(f"{seed} run")
        named = None if kit is None else (KIT_NAME, kit)
        self.apps = tuple(App.of(rng, named=named) for _ in range(rng.randint(1, MOST_APPS)))
        self.users = Shape.of(rng.choice(USER_IDS), rng)
        self._slugs = Shape.of(rng.choice(SLUGS), rng)
        self._texts = Shape.of(rng.choice(MARKS), rng)
        self._words = {word: rng.choice(others) for word, others in WORDS.items()}
        self._domain = rng.choice(("", f"{rng.choice(MAKERS)}.")) + rng.choice(DOMAINS)
        self.at_a_time = rng.choice(AT_A_TIME)
        """Quiet cases at a time."""
        self.token_s = rng.randint(HOUR_S, LONGEST_TOKENS_S)
        """How long the tokens of its users hold."""
        self._claims = Style(order=rng.choice((None, rng.randrange(ORDERS))))

    def rng(self, *names: str) -> Chance:
        """Chance of its own for something that has a name, whatever else has been drawn."""
        return Chance(" ".join((str(self.seed), *names)))

    def app(self, rng: Random) -> App:
        """One of the client programs of the run."""
        return rng.choice(self.apps)

    def connection_name(self, what: str) -> str | None:
        """How a connection to the broker is called; None for one without a name."""
        if self.kit is not None:
            return f"{KIT_NAME} {what}"
        rng = self.rng("connection", what)
        return rng.choice((None, self.app(rng).name, rng.choice(MAKERS)))

    def pause_s(self, case: str, *, slow: bool) -> float:
        """How long to wait before a case begins, so that a run has no beat.

        Those in real time begin together, and none of them holds up another.
        """
        return self.rng("pause", case).uniform(0, LONGEST_OF_SLOW_S if slow else LONGEST_PAUSE_S)

    def claims(self, claims: Mapping[str, object]) -> dict[str, object]:
        """Claims of a token in the order of the run."""
        return self._claims.ordered(claims)

    # -- names that nobody else has --------------------------------------------------------------------

    def user_id(self) -> str:
        """An id of a user."""
        return self._new(self.users)

    def session_id(self, app: App) -> str:
        """An id of a session of a client program."""
        return self._new(app.session_ids)

    def action_id(self, app: App) -> str:
        """An id of an action of a client program."""
        return self._new(app.action_ids)

    def inbox(self, app: App, user: str = "") -> str:
        """Where a client program takes answers, below a user's token where one is given; see `reply`."""
        whose = f"{user}." if user else ""
        return f"{self.inboxes}.{whose}{self._new(app.inboxes[0])}"

    def reply(self, app: App, inbox: str) -> str:
        """A new subject for one answer."""
        if len(app.inboxes) == 1:
            return f"{inbox.rpartition('.')[0]}.{self._new(app.inboxes[0])}"
        return f"{inbox}.{app.inboxes[1].drawn()}"

    def plain_inboxes(self) -> tuple[str, str]:
        """Two reply subjects below no user's token, as libraries draw them unless they are told otherwise.

        One inbox for one answer, and one below an inbox for many.
        """
        one, many, below = (self._new(NUID_SHAPE) for _ in range(3))
        return f"{INBOX}.{one}", f"{INBOX}.{many}.{below}"

    def slug(self) -> str:
        """A slug or a short code."""
        return self._new(self._slugs)

    def text(self, word: str) -> str:
        """A text that begins with a word, or with another that may stand for it."""
        before = f"{self._words.get(word, word)}-"
        drawn = self._texts.drawn()
        self.marks.learn(drawn, before=before)
        return before + drawn

    def digits(self) -> str:
        """A number that nobody else has, without a zero in front."""
        drawn = str(LEAST_NUMBER + secrets.randbelow(LEAST_NUMBER))
        self.marks.learn(drawn)
        return drawn

    def email(self) -> str:
        """An email address."""
        drawn = self._texts.drawn()
        self.marks.learn(drawn)
        return f"{drawn}@{self._domain}"

    def display_name(self, rng: Random) -> str:
        """A name of a user, which no other has: else nobody sees whose a server shows."""
        drawn = self._texts.drawn()
        self.marks.learn(drawn)
        return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)} {drawn}"

    def _new(self, shape: Shape) -> str:
        before, drawn = shape.form.before, shape.drawn()
        self.marks.learn(drawn, before=before)
        return before + drawn

"""Which rights the broker gives the kit, found on the kit's own connections.

Before a run each right is tried; nothing that is published for that is delivered to anybody. What the
broker refuses later counts likewise: it is no silence of the target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError, sentence
from omnisession_conformance.protocol.rights import Right, Verb
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.traffic.connection import OrderedClient
    from omnisession_conformance.traffic.ledger import Ledger

RESERVED = "_R_."
"""How reply subjects begin that no client may name: a broker looks at it behind the right to publish."""
OFTEN = 3
"""Subjects of a pattern that are refused in the middle of a run before all are taken to be."""
_REFUSED = re.compile(
    r'permissions violation for (publish|subscription) to "([^"]*)"', re.IGNORECASE
)


class RightLackingError(Exception):
    """The kit may not do what was asked of it: a case that needs it cannot go on."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a broker says it did not let the kit do; the subject is in small letters, as it came."""

    verb: Verb
    subject: str


def read_refusal(error: BaseException) -> Refusal | None:
    """Read an error of a connection; None for one of another kind."""
    found = _REFUSED.search(str(error))
    if found is None:
        return None
    verb = Verb.PUBLISH if found[1].lower() == "publish" else Verb.SUBSCRIBE
    return Refusal(verb, found[2].lower())


@dataclass(slots=True)
class Rights:
    """What the kit may not do, as far as it is known, and which cases that has cost their word."""

    lacking: dict[str, str] = field(default_factory=dict[str, str])
    """Patterns of subjects on which it may not publish, with the reason."""
    cases: dict[str, str] = field(default_factory=dict[str, str])
    """Cases that published something which the broker refused, with the reason."""
    needed: tuple[str, ...] = ()
    """Patterns of subjects without which no run can go on."""
    others: tuple[str, ...] = ()
    """Patterns of the other subjects on which it publishes."""
    _refused: dict[str, str] = field(default_factory=dict[str, str])

    def require(self, subject: str) -> None:
        """RightLackingError where a subject is one on which the kit may not publish."""
        why = self._refused.get(subject.lower()) if self._refused else None
        if why is None and self.lacking:
            why = next((w for p, w in self.lacking.items() if matches(p, subject)), None)
        if why is not None:
            raise RightLackingError(why)

    def refused(self, error: Exception, ledger: Ledger, lose: Callable[[str], None]) -> None:
        """Take what a connection of the kit was told in the middle of a run."""
        refusal = read_refusal(error)
        if refusal is None or refusal.verb is not Verb.PUBLISH:
            return
        subject = refusal.subject
        why = f"the broker refused it: the kit's user may not publish on {subject}"
        if any(matches(pattern, subject) for pattern in self.needed):
            lose(f"{why}. `omnisession doctor` says what it needs")
            return
        self._refused[subject] = why
        self._give_up(subject)
        self.cases.update(dict.fromkeys(ledger.withdraw(subject), why))

    def _give_up(self, subject: str) -> None:
        """Take a right for lost that was refused again and again: nothing more is tried then."""
        for pattern in self.others:
            refused = sum(matches(pattern, one) for one in self._refused)
            if matches(pattern, subject) and refused >= OFTEN:
                self.lacking[pattern] = f"the kit's user may not publish on {pattern} any more"


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject is one of a pattern with `*` and `>`."""
    wanted, tokens = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(wanted) == len(tokens) and all(
        one in ("*", token) for one, token in zip(wanted, tokens, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """A right with the subjects at which the broker refused it; none where it gives it."""

    right: Right
    refused: tuple[str, ...]


async def try_rights(
    access: Access,
    rights: Sequence[Right],
    users: Iterable[str],
    id_: str,
    name: str | None = None,
) -> tuple[Tried, ...]:
    """Try rights on a connection of their own; `users` are tokens, `id_` is a token of the run.

    `name` is what the broker calls the connection. Subscriptions end at once, and what is published
    names a reply subject that the broker reserves: it says whether the subject is allowed, and delivers
    nothing. Raises BrokerError.
    """
    refusals: set[Refusal] = set()

    async def note(error: Exception) -> None:
        if (refusal := read_refusal(error)) is not None:
            refusals.add(refusal)

    client = await connect(access, name=name, no_echo=True, error_cb=note)
    known = tuple(users)
    subjects = {right: right.tried(known, id_, access.inbox) for right in rights}
    try:
        for right, tried in subjects.items():
            for subject in tried:
                await _try(client, right, subject, f"{RESERVED}{id_}")
        await client.flush(timeout=CONNECT_TIMEOUT_S)
    except NatsError as error:
        raise BrokerError(
            f"the broker at {access.url} does not answer: {sentence(error)}"
        ) from error
    finally:
        await client.close()
    return tuple(
        Tried(right, tuple(s for s in tried if Refusal(right.verb, s.lower()) in refusals))
        for right, tried in subjects.items()
    )


async def unheard(
    access: Access, subjects: Iterable[str], name: str | None = None
) -> tuple[str, ...]:
    """Those of some subjects without wildcards that the broker does not let the kit hear; BrokerError.

    A subscription to everything is taken where some of it is denied, and the broker leaves that out.
    """
    rights = [
        # Its subjects are as they are: nothing is put into them.
        Right(Verb.SUBSCRIBE, "subject", plain, "", (plain,))
        for plain in (s.replace("{", "{{").replace("}", "}}") for s in dict.fromkeys(subjects))
    ]
    tried = await try_rights(access, rights, ("",), "", name)
    return tuple(subject for one in tried for subject in one.refused)


async def _try(client: OrderedClient, right: Right, subject: str, reply: str) -> None:
    if right.verb is Verb.PUBLISH:
        await client.publish(subject, b"", reply)
        return
    subscription = await client.listen(subject, right.queue)
    # Both leave in one piece: nobody's message ends up here.
    await subscription.unsubscribe()

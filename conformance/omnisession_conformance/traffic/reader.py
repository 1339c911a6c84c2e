"""The one way from a message to its record: of the live tap, of a transcript and of a made-up log.

What is wrong with a body is found here alone. That it breaks its schema is known at once; what exactly
is wrong takes milliseconds to say, so that is looked for when somebody asks, and kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

from omnisession_conformance.protocol.json import child
from omnisession_conformance.protocol.schemas.catalogue import definition_for
from omnisession_conformance.protocol.schemas.pointer import tokens
from omnisession_conformance.protocol.schemas.strict import Decoded, Flaw, decode
from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.traffic.record import Party, Record
from omnisession_conformance.traffic.redact import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.protocol.subjects import Address

REPEATED = 16
"""Bodies that are kept decoded: an outcome comes twice within moments, and so does what a session
repeats."""


class Reader:
    """Makes records of messages.

    `services` are the inboxes on which micro-services were asked; it may grow while it reads. What
    explains bodies that break their schema may take `explain_s` seconds in all.
    """

    def __init__(self, checker: Checker, services: Collection[str], explain_s: float) -> None:
        self.checker = checker
        self._services = services
        self.explainer = Explainer(checker, explain_s)
        self._decode: Callable[[bytes], Decoded] = lru_cache(REPEATED)(decode)
        self._is_valid: Callable[[str, bytes], bool] = lru_cache(REPEATED)(self._judge)

    def read(
        self,
        *,
        n: int,
        t_ns: int,
        at_ms: int,
        subject: str,
        reply: str,
        headers: Mapping[str, str],
        data: bytes,
        party: Party,
        side: Side,
        case: str | None,
        redacted: bool = False,
        address: Address | None = None,
    ) -> Record:
        """The record of one message; never raises for what a peer has sent.

        `redacted` says that the bytes are not those that were sent: what is wrong at a place that was
        masked is no flaw. `address` is given where the subject was classified already.
        """
        where = address or classify(subject)
        decoded = self._decode(data)
        body = decoded.body
        flaws: Sequence[Flaw] = decoded.flaws
        # Services of others answer there in shapes of their own.
        if party is Party.TARGET and body is not None and subject not in self._services:
            definition = definition_for(where.family, body, side)
            if definition is not None and not self._is_valid(definition, data):
                flaws = Flaws(decoded, definition, self.explainer)
                if redacted:
                    flaws = tuple(f for f in flaws if not _is_masked(body, f.pointer))
        return Record(
            n=n,
            t_ns=t_ns,
            at_ms=at_ms,
            subject=subject,
            reply=reply,
            headers=headers,
            data=data,
            body=body,
            flaws=flaws,
            party=party,
            side=side,
            case=case,
            address=where,
        )

    def _judge(self, definition: str, data: bytes) -> bool:
        return self.checker.is_valid(definition, self._decode(data).body)


class Explainer:
    """Says what is wrong with bodies that break their schema, as long as there is time.

    When the time is up, what was found last stands for the rest of the same definition: of thousands
    only the first are shown.
    """

    def __init__(self, checker: Checker, explain_s: float) -> None:
        self._checker = checker
        self._left_s = explain_s
        self._last: dict[str, tuple[Flaw, ...]] = {}

    def hurry(self) -> None:
        """Explain no more than the first of each definition: somebody waits for the end of a run."""
        self._left_s = 0.0

    def explain(self, definition: str, body: Any) -> tuple[Flaw, ...]:
        """What is wrong with a body, or what was with the last one of this definition."""
        if definition not in self._last or self._left_s > 0:
            started = time.monotonic()
            self._last[definition] = tuple(
                Flaw(requirement=v.requirement, pointer=v.pointer, message=v.message)
                for v in self._checker.explain(definition, body)
            )
            self._left_s -= time.monotonic() - started
        return self._last[definition]


class Flaws(Sequence[Flaw]):
    """The flaws of a body that breaks its schema; never empty, looked for when they are read first."""

    __slots__ = ("_decoded", "_definition", "_explainer", "_found")

    def __init__(self, decoded: Decoded, definition: str, explainer: Explainer) -> None:
        self._decoded = decoded
        self._definition = definition
        self._explainer = explainer
        self._found: tuple[Flaw, ...] | None = None

    @property
    def found(self) -> tuple[Flaw, ...]:
        """Those of the text, and those that its schema finds."""
        if self._found is None:
            more = self._explainer.explain(self._definition, self._decoded.body)
            self._found = (*self._decoded.flaws, *more)
        return self._found

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Flaw: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Flaw, ...]: ...
    def __getitem__(self, index: int | slice) -> Flaw | tuple[Flaw, ...]:
        return self.found[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Flaws):
            return self.found == other.found
        return self.found == other

    def __hash__(self) -> int:
        return hash(self.found)


def _is_masked(body: Any, pointer: str) -> bool:
    """Whether a place of a body holds what redaction has put there."""
    place = body
    for token in tokens(pointer):
        there, inner = child(place, token)
        place = inner if there else place
    return isinstance(place, str) and MASK in place

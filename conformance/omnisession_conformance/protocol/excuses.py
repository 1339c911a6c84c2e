"""What may excuse a check that was not run: the whole list, which nothing else adds to.

Each is shown by the configuration, by the command, or by a probe on the kit's own connections; never
by what the target does, which would let a server choose what it is judged by. The one thing that it
may say is what it declares not to have. A NOT_RUN without one of these keeps a run from being green.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from omnisession_conformance.protocol.roles import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Excuse(StrEnum):
    """Why a check was not run, where that keeps nothing from being green; a code for programs."""

    NO_DISRUPTION = "no-disruption"
    NO_HOOK = "no-hook"
    NO_WIRE = "no-wire"
    NO_RIGHT = "no-right"
    NO_TRACING = "no-tracing"
    OTHER_BROKER = "other-broker"
    FIXTURE = "fixture"
    TRANSCRIPT = "transcript"
    SELECTION = "selection"
    NOTHING_SEEN = "nothing-seen"
    NOT_SERVED = "not-served"
    NOT_OBSERVABLE = "not-observable"


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of an excuse.

    `short` are the words for it in a headline, behind the number of requirements. `strict` tells
    whether `--strict` takes it for none.
    """

    short: str
    what: str
    shown_by: str
    strict: bool = True
    of_clients: str = ""
    """`short` where a client was judged, if it is another."""


EXCUSES: Final[Mapping[Excuse, About]] = {
    Excuse.NO_DISRUPTION: About(
        "may disturb others",
        "The server is somebody else's to run, and the check floods it, sends garbage, stops or "
        "restarts it.",
        "`--nats` without `--server-cmd` and without `--allow-disruption`",
    ),
    Excuse.NO_HOOK: About(
        "without a hook",
        "The check stops or starts a server that the kit did not start, and no command for that is "
        "configured.",
        "`[target]` without a hook of that name",
    ),
    Excuse.NO_WIRE: About(
        "without a wire to cut",
        "The check lets the server's connection to the broker fail, by a proxy. The kit can put one only "
        "before a server that it starts itself and tells the broker's address, without TLS and WebSockets.",
        "`--nats` without `--server-cmd`, `[target.env]` with an address of the broker, or `[broker]` with "
        "TLS or WebSockets",
    ),
    Excuse.NO_RIGHT: About(
        "for want of a right of the kit",
        "The kit's user of the broker lacks a right that the check needs.",
        "the broker, which refused it on a connection of the kit: before the first case, or in the "
        "middle of the run; or `inbox_prefix`, which says that the kit may have no other inboxes",
    ),
    Excuse.NO_TRACING: About(
        "without message traces",
        "The broker does not tell who receives a subject, nor by which reply subject it is asked "
        "(nats-server below 2.11).",
        "a probe on the kit's own connections",
    ),
    Excuse.OTHER_BROKER: About(
        "behind another broker",
        "A node between kit and server, of a cluster or behind a leaf connection, does not tell who "
        "receives a subject, or the server is in another account, which changes reply subjects and "
        "may allow no traces.",
        "a probe on the kit's own connections",
    ),
    Excuse.FIXTURE: About(
        "not in the fixture",
        "The fixture has no user or token as the check needs one, or says that the server takes none.",
        "`[fixture]`: listed users instead of a secret, or `takes_null`",
    ),
    Excuse.TRANSCRIPT: About(
        "for want of a live server",
        "A transcript is judged: it shows what all messages show, without secrets.",
        "`omnisession judge`",
        of_clients="for want of a live client",
    ),
    Excuse.SELECTION: About(
        "not in this part",
        "The rule judges all messages, and those of the part that was selected hold nothing for it.",
        "`--only`, `--case`, `--profile` or `--skip`",
        strict=False,
    ),
    Excuse.NOTHING_SEEN: About(
        "with nothing to judge",
        "The rule judges all messages, and met none that it is about; the requirement has a case that "
        "judges it, or says why it does not. It excuses a check only, never a requirement.",
        "the list of checks",
        strict=False,
    ),
    Excuse.NOT_SERVED: About(
        "about what the target does not have",
        "The requirement is claimed, and the check is about a kind or an action that the target tells it "
        "does not serve: a server that may only be read shows no change. Another check may judge the "
        "requirement with what there is; where none does, there is nothing that it could be broken by.",
        "the profiles and actions of `session.opened`",
        strict=False,
    ),
    Excuse.NOT_OBSERVABLE: About(
        "not observable",
        "No check can exist: what the requirement says cannot be observed from outside.",
        "the registry of requirements, with a reason for each",
        strict=False,
    ),
}


def code_of(excuse: Excuse | None) -> str:
    """The code of an excuse, "" for none."""
    return "" if excuse is None else excuse.value


def of_code(code: str) -> Excuse | None:
    """The excuse of a code, None for one that is not on the list."""
    return Excuse(code) if code in _CODES else None


def short_words(counts: Iterable[tuple[str, int]], role: str = SERVER) -> str:
    """How many are not tested for which reason, in short words; the most first.

    Where all have one reason nothing is counted.
    """
    told = [
        (
            number,
            _short(excuse, role) if (excuse := of_code(code)) is not None else "for other reasons",
        )
        for code, number in counts
    ]
    if len(told) == 1:
        return told[0][1]
    return ", ".join(f"{number} {words}" for number, words in sorted(told, key=lambda t: -t[0]))


def _short(excuse: Excuse, role: str) -> str:
    about = EXCUSES[excuse]
    return about.of_clients if role == CLIENT and about.of_clients else about.short


_CODES = frozenset(excuse.value for excuse in Excuse)

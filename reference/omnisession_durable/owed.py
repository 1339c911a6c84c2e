"""Who waits for an answer, since when, and what is told where it does not come in time.

That claims nothing: an action may still have its effect, and a session may still be opened. So it may be
said at any time, also by whoever may say nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_durable.posts import Post
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import Incoming, WireError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_durable.posts import Place
    from omnisession_reference.action import Action
    from omnisession_reference.errors import Errors
    from omnisession_reference.session import Key

DECIDING = ("session.open", "session.close")
"""Requests by which something is decided."""
UNKNOWN = "Nobody knows yet what became of it; send the same once more."
AWAY = "The server cannot serve now; send the same once more."


@dataclass(eq=False, slots=True)
class Copy:
    """A message of a client that has no answer yet; `action` is what was read from it.

    `is_told` is set when its answer was decided and waits, `is_over` when it is given up: then nothing more
    is said to it.
    """

    message: Incoming
    until_ms: float
    action: Action | None = None
    is_told: bool = False
    is_over: bool = False


class Owed:
    """The messages that wait for an answer, and where each session is as far as its client can know."""

    def __init__(self) -> None:
        self._copies: dict[Copy, None] = {}
        self._places: dict[Key, Place] = {}

    def take(self, copy: Copy) -> None:
        """A message was taken."""
        self._copies[copy] = None

    def settle(self, copy: Copy) -> None:
        """It has its answer, or gets none."""
        self._copies.pop(copy, None)

    def said(self, post: Post) -> None:
        """Something was said: it may be an answer, and may tell a place."""
        if post.of is not None:
            self.settle(post.of)
        if post.place is not None:
            key, place = post.place
            before = self._places.get(key, place)
            head = max(before[:2], place[:2])
            self._places[key] = (*head, max(before[2], place[2]))

    def place(self, action: Action) -> Place | None:
        """Where the session of an action is; None where nothing was said in it."""
        return self._places.get(action.session.key)

    def overdue(self, now: float) -> list[Copy]:
        """What has waited for too long, which is given up."""
        return self._given_up([copy for copy in self._copies if copy.until_ms <= now])

    def rest(self) -> list[Copy]:
        """All that waits, which is given up."""
        return self._given_up(list(self._copies))

    def _given_up(self, copies: Iterable[Copy]) -> list[Copy]:
        found = list(copies)
        for copy in found:
            copy.is_over = True
            self.settle(copy)
        return found


def refusal_of(copy: Copy) -> Refusal:
    """What is told to a message without an outcome of its own."""
    decides = copy.is_told and copy.action is None and _type_of(copy.message) in DECIDING
    return Refusal(5040, UNKNOWN) if decides else Refusal(5030, AWAY)


def _type_of(message: Incoming) -> object:
    try:
        return decode(message.data).get("type")
    except WireError:
        return None


def unknown_outcome(action: Action, place: Place, errors: Errors) -> list[Post]:
    """The nack of a copy of which nobody knows yet, in its session and on its reply subject."""
    epoch, seq, last_action_seq = place
    body = action.session.body(
        "action.nack",
        {
            "action_id": action.action_id,
            "client_seq": action.client_seq,
            "error": errors.body(Refusal(5040, UNKNOWN)),
            "position": {"epoch": epoch, "seq": seq, "last_action_seq": last_action_seq},
        },
    )
    payload = encode(body)
    subjects = (f"{action.session.prefix}.control", action.reply)
    return [Post(to, payload, action.trace, claims=False) for to in subjects if to]

"""What the core decides while it handles one message or one alarm, as entries of the journal."""

from typing import TYPE_CHECKING, Any

from omnisession_durable.entries import Act, Body, End, Hint, Open, Outcome
from omnisession_durable.posts import Place, Post
from omnisession_durable.terms import write_terms
from omnisession_reference.action import Action
from omnisession_reference.action import Outcome as Told
from omnisession_reference.session import Key, Session
from omnisession_reference.wire import JsonObject

if TYPE_CHECKING:
    from omnisession_durable.owed import Copy


class LeftOverError(Exception):
    """Something was written that no entry tells of: the core is ahead of the journal for good."""


class Recorder:
    """Is told by the parts of the core what they write and decide, in order."""

    def __init__(self) -> None:
        self._writes: list[JsonObject] = []
        self._bodies: list[Body] = []
        self._is_ahead = False
        self._hints: list[Hint] = []
        # Of what is said now: which message is at work, which one is answered, and where a session is.
        self.copy: Copy | None = None
        self.telling: Copy | None = None
        self.place: tuple[Key, Place] | None = None
        # Who has given a sign of life that the journal does not tell of yet, in order.
        self.signs: dict[Key, None] = {}

    def live(self, key: Key) -> None:
        """Note that a client has given a sign of life."""
        self.signs[key] = None

    def post(self, subject: str, payload: bytes, trace: str | None) -> Post:
        """Make a message of what is said now, and note that it answers somebody if it does."""
        of, copy = self.telling, self.copy
        if of is None and copy is not None and subject == copy.message.reply:
            of = copy
        if of is not None:
            of.is_told = True
        return Post(subject, payload, trace, of, self.place)

    def write(self, name: str, *values: Any) -> None:
        """Note that shared data changes; values are never changed in place."""
        self._writes.append({"op": name, "values": list(values)})

    def hint(self, hint: Hint) -> None:
        """Note what is said beside sessions."""
        self._hints.append(hint)

    def opened(self, session: Session) -> None:
        """Note that a session was opened."""
        self._bodies.append(Open(session.user_id, session.session_id, write_terms(session)))

    def ended(self, session: Session, why: str) -> None:
        """Note that a session is over, with what was written for it.

        Its edits end with it, however many: an entry of a session's end is never too large.
        """
        rest = [write for write in self._written() if write["op"] != "end_edit"]
        writes = ({"op": "leave", "values": [session.key]}, *rest)
        self._bodies.append(End(session.user_id, session.session_id, why, writes))

    def acted(
        self, action: Action, outcome: Told, *, counts: bool = True, copy: bool = False
    ) -> None:
        """Note the final outcome of an action, with what was written for it."""
        type_name = action.body.get("type")
        self._bodies.append(
            Act(
                action.user_id,
                action.session.session_id,
                action.action_id,
                action.client_seq if counts else 0,
                # It may be anything in an action that was refused for that.
                type_name if isinstance(type_name, str) and type_name else "-",
                outcome.fingerprint.hex(),
                Outcome(None if outcome.result is None else dict(outcome.result), outcome.error),
                writes=self._written(),
                copy=copy,
                hints=tuple(self._hints),
            )
        )
        self._hints.clear()

    def check(self) -> None:
        """Note that an action is over: what it has written and not decided must not become another's."""
        self._is_ahead |= bool(self._writes)

    def spoil(self) -> None:
        """Note that something failed half-way."""
        self._is_ahead = True

    def take(self) -> list[Body]:
        """Return what was decided since the last time.

        Raises LeftOverError if more was written than decided, as where a handler fails half-way.
        """
        self.check()
        if self._is_ahead:
            raise LeftOverError
        self._hints.clear()
        bodies, self._bodies = self._bodies, []
        return bodies

    def _written(self) -> tuple[JsonObject, ...]:
        writes, self._writes = tuple(self._writes), []
        return writes

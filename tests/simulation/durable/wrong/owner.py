"""Owners that say what is not so, too early, twice or never."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_durable.appending import Appending
from omnisession_durable.deciding import Deciding, Ready
from omnisession_durable.entries import Act, Decided, Nil, Outcome
from omnisession_durable.fold import Judged, Verdict
from omnisession_durable.serving import Serving
from omnisession_durable.streams import Stream, Streams
from omnisession_durable.term import Term

if TYPE_CHECKING:
    from omnisession_durable.deciding import Found
    from omnisession_durable.domain import Action
    from omnisession_durable.entries import Body
    from omnisession_durable.messages import Position, Request
    from omnisession_durable.people import Head


class AckFirst(Serving):
    """The outcome is told when it is decided."""

    def serve(self, copy: Any) -> bool:
        waits = super().serve(copy)
        position = self._streams.position(copy.request.key)
        if waits and hasattr(copy.request, "action") and position is not None:
            self.tell(copy, "applied", Outcome({"result": "soon"}), position)
        return waits


class TellsConflicts(Serving):
    """What has lost what it rests on is told all the same."""

    def is_decided(self, judged: Judged, body: Body) -> bool:
        return True


class NoTurns(Serving):
    """Sessions of a user decide side by side."""

    def turn_of(self, request: Request) -> str:
        return " ".join(request.key)


class GivesUp(Serving):
    """After 5040 an action is no more under way, and the next copy is decided anew."""

    def tick(self) -> None:
        for copy in list(self._copies.values()):
            if self._clock.elapsed_ms() - copy.came_at >= self._margins.decide:
                self.refuse(copy, 5040)
                user = self.turn_of(copy.request)
                if self._turns.get(user) and self._turns[user][0] is copy:
                    self.over(self._turns[user].popleft())
                    self.take_turn(user)

    def folded(self, copy: Any, body: Body, judged: Judged) -> None:
        if id(copy) in self._copies:
            super().folded(copy, body, judged)


class SaysMore(Serving):
    """A copy that was told 5040 is told its outcome, too."""

    def tell(self, copy: Any, status: str, outcome: Outcome, position: Position) -> None:
        if status != "refused":
            copy.is_told = False
        super().tell(copy, status, outcome, position)


class NilIsDone(Serving):
    """A nil in the place of a decision is taken for it."""

    def is_decided(self, judged: Judged, body: Body) -> bool:
        return judged.verdict is Verdict.COUNTS


class ByNumber(Serving):
    """Whatever counts under the number of a decision is taken for it."""

    def is_decided(self, judged: Judged, body: Body) -> bool:
        is_nil = isinstance(judged.entry, Decided) and isinstance(judged.entry.body, Nil)
        return judged.verdict is Verdict.COUNTS and not is_nil


class OwnNumbers(Appending):
    """An owner looks at no number but those that it has given."""

    def note_number(self, n: int) -> None:
        pass


class NeverAgain(Appending):
    """What does not come back is not appended again."""

    def tick(self) -> None:
        pass


class NoNil(Appending):
    """What the journal refuses is appended again and again."""

    def refused(self, data: bytes) -> None:
        pass


class OnlyTheFirst(Appending):
    """What stood behind a hole waits until its own time is over."""

    def send_rest(self) -> None:
        pass


class SameEpoch(Streams):
    """A term goes on in the epoch of the session."""

    def stream(self, head: Head) -> Stream:
        return Stream(head, head.opened)


class NoStates(Streams):
    """A term begins without states."""

    def begin(self) -> None:
        for head in self._fold.people.heads():
            self._streams[head.key] = self.stream(head)


class CountsFirst(Streams):
    """The first effect in the acting session counts the action."""

    def tell(self, act: Act, changes: Any) -> None:
        super().tell(replace(act, client_seq=act.client_seq + 1), changes)


class OutcomeFirst(Term):
    """The outcome is told before the effects of its entry."""

    def folded(self, judged: Judged) -> None:
        match judged.entry:
            case Decided(_, Act()) if self.has_begun and judged.verdict is Verdict.COUNTS:
                self.appending.folded(judged, judged.entry)
            case _:
                pass
        super().folded(judged)


class HeadForCopies(Streams):
    """A copy is told the head."""

    def first_place(self, key: Any, client_seq: int) -> Position | None:
        return self.position(key)


class CopiesAnew(Deciding):
    """What comes again in another session is decided again."""

    def act(self, action: Action) -> Found:
        found = super().act(action)
        return self.new(action) if isinstance(found, Act) and found.copy else found


class UsedIsNew(Deciding):
    """A number that was used by something else is not looked at."""

    def used(self, action: Action, head: Head, known: Any) -> Found:
        return self.new(action) if known is None else Ready(known.outcome)

"""Serves what clients ask, in one term: decide, append, and say what became of it when it was folded."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from omnisession_durable.appending import Appending, TooLargeError
from omnisession_durable.deciding import Deciding, Ready, Refused
from omnisession_durable.entries import Act, Body, Decided, End, Nil, Open, Outcome
from omnisession_durable.fold import Judged, Verdict
from omnisession_durable.margins import Margins
from omnisession_durable.messages import Answer, Ask, Message, Position, Request, Told, Try
from omnisession_durable.streams import Streams
from omnisession_reference.clock import Clock

UNKNOWN = 5040
"""It may still take effect, once: nobody knows yet."""
LATER, TOO_MUCH = 5030, 4290
MOST_OF_A_USER = 64
"""So many requests of a user wait for their turn; what comes then may come again a little later."""
MOST_TRIES = 4
"""So often a decision is made anew that had lost what it rests on."""


@dataclass(slots=True)
class Copy:
    """One copy of a request under way."""

    request: Request
    came_at: float
    is_told: bool = False
    tries: int = 0


class Serving:
    """One decision of a user at a time, from when it is made until it was folded; users side by side."""

    def __init__(
        self,
        deciding: Deciding,
        streams: Streams,
        appending: Appending,
        say: Callable[[Message], None],
        clock: Clock,
        margins: Margins,
    ) -> None:
        self._deciding = deciding
        self._streams = streams
        self._appending = appending
        self._say = say
        self._clock = clock
        self._margins = margins
        self._turns: dict[str, deque[Copy]] = {}
        # By the time at which they came.
        self._copies: dict[int, Copy] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._copies

    def receive(self, request: Request, came_at: float) -> None:
        """Take a request: at once, or when the user's turn has come."""
        if isinstance(request, Ask) and request.what == "ping":
            self.pong(request)
            return
        copy = Copy(request, came_at)
        user = self.turn_of(request)
        if len(self._turns.get(user, ())) >= MOST_OF_A_USER:
            self.refuse(copy, TOO_MUCH)
            return
        self._copies[id(copy)] = copy
        if user in self._turns:
            self._turns[user].append(copy)
            return
        self._turns[user] = deque((copy,))
        self.take_turn(user)

    def turn_of(self, request: Request) -> str:
        """Whose turn a request takes: what a user does in one session decides on what it may in another."""
        return request.key[0]

    def take_turn(self, user: str) -> None:
        """Serve what waits, until something has to be folded first."""
        waiting = self._turns[user]
        while waiting:
            if self.serve(waiting[0]):
                return
            self.over(waiting.popleft())
        del self._turns[user]

    def over(self, copy: Copy) -> None:
        """Nothing more is to be said of a copy."""
        self._copies.pop(id(copy), None)

    def serve(self, copy: Copy) -> bool:
        """Answer a request; True if an entry has to come back first."""
        found = self._deciding.decide(copy.request)
        if isinstance(found, Ready):
            self.ready(copy, found)
            return False
        if isinstance(found, Refused):
            self.refuse(copy, found.code, found.outcome)
            return False
        try:
            self._appending.add(found, lambda judged: self.folded(copy, found, judged))
        except TooLargeError:
            self.refuse(copy, LATER)
            return False
        return True

    def folded(self, copy: Copy, body: Body, judged: Judged) -> None:
        """A decision has come back: say what became of it, or decide anew."""
        user = self.turn_of(copy.request)
        if not self.is_decided(judged, body):
            copy.tries += 1
            if copy.tries < MOST_TRIES and self.serve(copy):
                return
            if copy.tries >= MOST_TRIES:
                self.refuse(copy, LATER)
        else:
            self.decided(copy, body)
        self.over(copy)
        self._turns[user].popleft()
        self.take_turn(user)

    def is_decided(self, judged: Judged, body: Body) -> bool:
        """Whether an entry had its effect, and not a nil or anything else in its place."""
        is_this = isinstance(judged.entry, Decided) and judged.entry.body == body
        return judged.verdict is Verdict.COUNTS and is_this

    def decided(self, copy: Copy, body: Body) -> None:
        """Tell what was decided; a copy that was told 5040 gets nothing more."""
        match body:
            case Act():
                position = self._streams.place(body)
                status = "duplicate" if body.copy else "applied"
                if position is not None:
                    self.tell(copy, status, body.outcome, position)
            case Open():
                # Its states begin its stream, also where nobody waits for the answer any more.
                self.answer(copy, "opened")
                self._streams.states(copy.request.key, "open")
            case End():
                self.answer(copy, "closed")
            case Nil():
                pass

    def ready(self, copy: Copy, found: Ready) -> None:
        """Answer what needs no entry: a copy of what was decided, or an open of an open session."""
        request = copy.request
        if isinstance(request, Ask):
            self.opened_before(copy)
            return
        position = self._streams.first_place(request.key, request.action.client_seq)
        if position is not None and found.outcome is not None:
            self.tell(copy, "duplicate", found.outcome, position)

    def opened_before(self, copy: Copy) -> None:
        """Answer the open of a session that is open, and publish its states again."""
        if not copy.is_told and self._streams.position(copy.request.key) is not None:
            self.answer(copy, "opened")
            self._streams.states(copy.request.key, "open")

    def refuse(self, copy: Copy, code: int, outcome: Outcome | None = None) -> None:
        """Refuse a request and leave no trace of it."""
        request, position = copy.request, self._streams.position(copy.request.key)
        if isinstance(request, Try) and position is not None:
            error = Outcome(error={"code": code}) if outcome is None else outcome
            self.tell(copy, "refused", error, position)
        else:
            self.answer(copy, "error", code)

    def tell(self, copy: Copy, status: str, outcome: Outcome, position: Position) -> None:
        """Say an outcome, unless the copy has one."""
        request = copy.request
        if copy.is_told or not isinstance(request, Try):
            return
        copy.is_told = True
        action = request.action
        self._say(
            Told(
                request.key,
                request.reply,
                action.action_id,
                action.client_seq,
                status if outcome.ok else "refused",
                position,
                outcome,
            )
        )

    def answer(self, copy: Copy, what: str, code: int = 0) -> None:
        """Answer a control request, unless it has an answer."""
        if not copy.is_told:
            copy.is_told = True
            position = None if code else self._streams.position(copy.request.key)
            self._say(Answer(copy.request.key, copy.request.reply, what, position, code))

    def pong(self, request: Ask) -> None:
        """Tell where a session is, behind all that was said before."""
        position = self._streams.position(request.key)
        if position is None:
            self._say(
                Answer(
                    request.key, request.reply, "error", None, self._deciding.not_live(request.key)
                )
            )
        else:
            self._say(Answer(request.key, request.reply, "pong", position))

    def tick(self) -> None:
        """Say of each copy that has waited for long that nobody knows yet; its entry stays under way."""
        for copy in list(self._copies.values()):
            if self._clock.elapsed_ms() - copy.came_at < self._margins.decide:
                return
            self.refuse(copy, UNKNOWN)

    def farewell(self) -> None:
        """Say the same of all that is under way, since this is the last that can be said."""
        for copy in list(self._copies.values()):
            self.refuse(copy, UNKNOWN)

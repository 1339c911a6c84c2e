"""Takes actions: numbers, copies, gaps, and one outcome for each.

The checks come in the order of the protocol: what cannot be attributed to a live session is refused
on the reply subject alone (`Refusal` raised to the router); from then on every copy gets its
outcome in the session, and no refusal leaves an effect.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omnisession_reference.action import Action, Effects, Handler, Outcome
from omnisession_reference.clock import Alarm
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS, LONGEST_ACTION_ID
from omnisession_reference.rate import Rate
from omnisession_reference.services import Services
from omnisession_reference.session import Key, Session
from omnisession_reference.wire import Incoming, JsonObject, decode, fingerprint

# The subjects that all users share carry the one member of the data at top level.
TOP_LEVEL = {"chat.messages": "content", "article.edit.start": "article_id"}

MAX_HELD = 64
REMEMBERED_NUMBERS = 512
MAX_INTEGER = 2**53 - 1


@dataclass(slots=True)
class Book:
    """What is known of the numbers of one session."""

    # client_seq to the outcome that took it and the position told with it
    done: OrderedDict[int, tuple[Outcome, JsonObject]] = field(
        default_factory=OrderedDict[int, tuple[Outcome, JsonObject]]
    )
    # client_seq to the copies that wait for the numbers before it
    held: dict[int, list[tuple[Action, Alarm]]] = field(
        default_factory=dict[int, list[tuple[Action, Alarm]]]
    )


class Actions:
    """Decides on every received copy of an action."""

    def __init__(self, services: Services, handlers: Mapping[str, Handler], rate: Rate) -> None:
        self.services = services
        self._rate = rate
        self.handlers = handlers
        self._books: dict[Key, Book] = {}

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        """Take a message of an action subject; `user_id` is that of the subject, if it has one."""
        if self.too_large(message.data):
            raise Refusal(4130, f"An action is at most {LIMITS['action']} bytes long.")
        body = decode(message.data)
        self.check_readable(body)
        if user_id is not None and body["user_id"] != user_id:
            raise Refusal(4031, "The user_id of the body is not that of the subject.")
        session = self.services.sessions.require(body["user_id"], body["session_id"])
        session.timers.touch()
        self.decide(self.read(message, row, session, body))
        self.release(session)

    def too_large(self, data: bytes) -> bool:
        """Say whether a body is above the limit."""
        return len(data) > LIMITS["action"]

    def too_long(self, action_id: str) -> bool:
        """Say whether an id has more characters than an id may have."""
        return len(action_id) > LONGEST_ACTION_ID

    def check_readable(self, body: JsonObject) -> None:
        """Refuse a body that cannot be given an outcome: whose, which and which number?"""
        for member in ("user_id", "session_id", "action_id"):
            if not isinstance(body.get(member), str) or not body[member]:
                raise Refusal(4001, f"{member} is needed, a string.", pointer=f"/{member}")
        if self.too_long(body["action_id"]):
            why = f"An action_id has at most {LONGEST_ACTION_ID} characters."
            raise Refusal(4001, why, pointer="/action_id")
        number = body.get("client_seq")
        if type(number) is not int or not 1 <= number <= MAX_INTEGER:
            raise Refusal(
                4001, "client_seq is needed, an integer of 1 or more.", pointer="/client_seq"
            )

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        """Bring an action into the form that it has whatever subject it came on."""
        data: Any = body.get("data")
        if row in TOP_LEVEL:
            member = TOP_LEVEL[row]
            data = {member: body[member]} if member in body else {}
        what = fingerprint([body.get("type"), data, body.get("expect")])
        return Action(session, row, body, data, what, message.reply, message.trace)

    def decide(self, action: Action) -> None:
        """Give one copy its outcome, or hold it."""
        session = action.session
        self.services.out.trace = action.trace
        session.flush()  # nothing held back may be overtaken by an outcome
        if action.client_seq <= session.last_action_seq:
            self.used(action)
        elif action.client_seq > session.last_action_seq + 1:
            self.ahead(action)
        elif (known := self.known(action)) is not None:
            self.repeat_as_next(action, known)
        else:
            self.run(action)

    def release(self, session: Session) -> None:
        """Decide on the held actions whose turn has come."""
        held = self._book(session).held
        while batch := held.pop(session.last_action_seq + 1, None):
            for action, alarm in batch:
                alarm.cancel()
                self.decide(action)

    def known(self, action: Action) -> Outcome | None:
        """Return the final outcome of an earlier copy, from any session and subject."""
        return self.services.store.outcome(action.user_id, action.action_id)

    def same(self, action: Action, outcome: Outcome) -> bool:
        """Say whether an action is a copy of the one that had this outcome."""
        known = (outcome.action_id, outcome.fingerprint)
        return known == (action.action_id, action.fingerprint)

    def used(self, action: Action) -> None:
        """Answer an action whose number was taken: a copy, or a number used twice."""
        taken = self._book(action.session).done.get(action.client_seq)
        if taken is not None and self.same(action, taken[0]):
            outcome, position = taken
            self.tell(action, outcome, position, "duplicate")
            return
        outcome = self.refused(action, Refusal(4092, "Another action used this client_seq."))
        if self.known(action) is None:
            self.services.store.remember(action.user_id, outcome)
        self.tell(action, outcome, action.session.position())

    def ahead(self, action: Action) -> None:
        """Hold an action that is ahead of the count for a while, if that was agreed."""
        gap_ms = action.session.terms.timers.gap_ms
        held = self._book(action.session).held
        if gap_ms == 0 or sum(map(len, held.values())) >= MAX_HELD:
            self.refuse_gap(action)
            return
        alarm = self.services.clock.call_later(gap_ms, lambda: self.give_up(action))
        held.setdefault(action.client_seq, []).append((action, alarm))

    def give_up(self, action: Action) -> None:
        """Refuse a held action whose gap did not close in time."""
        held = self._book(action.session).held
        rest = [waiting for waiting in held.pop(action.client_seq) if waiting[0] is not action]
        if rest:
            held[action.client_seq] = rest
        self.services.out.trace = action.trace
        action.session.flush()
        self.refuse_gap(action)
        self.services.out.trace = None

    def abandon(self, session: Session) -> None:
        """Refuse what a session still holds; copies of what it was told are known as before."""
        held = self._book(session).held
        for batch in held.values():
            for action, alarm in batch:
                alarm.cancel()
                self.refuse_gap(action)
        held.clear()

    def forget(self, session: Session) -> None:
        """Let go of a session that is about to end, and of what it holds."""
        self.abandon(session)
        self._books.pop(session.key, None)
        self._rate.forget(session)

    def refuse_gap(self, action: Action) -> None:
        """Tell which number is awaited; the action is forgotten and may come again."""
        expected = action.session.last_action_seq + 1
        refusal = Refusal(4091, f"Send client_seq {expected} first.", expected=expected)
        self.forgotten(action, refusal)

    def run(self, action: Action) -> None:
        """Judge an action that is next and new, and let it have its effects."""
        try:
            self._rate.take(action.session)
            self.check(action)
            effects = self.handlers[action.body["type"]](action)
        except Refusal as refusal:
            self.refuse(action, refusal)
        except Exception as error:  # noqa: BLE001 one bad action must not stop the others
            self.services.log.failure("action_failed", error, type=action.body["type"])
            self.forgotten(action, Refusal(5000, "The server failed; send the action again."))
        else:
            self.services.fanout.apply(effects.changes, action)
            outcome = Outcome(action.action_id, action.fingerprint, result=effects.result)
            self.settle(action, outcome)

    def check(self, action: Action) -> None:
        """Check version, type and data, in this order."""
        self.services.versions.accept(action.body.get("v"))
        type_name = action.body.get("type")
        if not isinstance(type_name, str):
            raise Refusal(4001, "type is needed, a string.", pointer="/type")
        if type_name not in self.handlers:
            raise Refusal(4002, "This server does not take actions of this type.")
        self.services.schemas.check(action.row, type_name, action.body)

    def refuse(self, action: Action, refusal: Refusal) -> None:
        """Refuse the next action: for good, or to be sent again."""
        if self.services.errors.retryable(refusal):
            self.forgotten(action, refusal)
        else:
            self.settle(action, self.refused(action, refusal))

    def forgotten(self, action: Action, refusal: Refusal) -> None:
        """Tell a refusal that takes neither id nor number."""
        self.tell(action, self.refused(action, refusal), action.session.position())

    def refused(self, action: Action, refusal: Refusal) -> Outcome:
        """Make the outcome of a refused action."""
        error = self.services.errors.body(refusal)
        return Outcome(action.action_id, action.fingerprint, error=error)

    def settle(self, action: Action, outcome: Outcome) -> None:
        """Make an outcome final: it takes the id and the number."""
        self.services.store.remember(action.user_id, outcome)
        self._place(action, outcome)
        self.tell(action, outcome, action.session.position())

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        """Answer a copy that comes as the next of its session: the number is taken all the same."""
        if not self.same(action, known):
            known = self.refused(action, Refusal(4092, "Another action used this action_id."))
        self._place(action, known)
        self.tell(action, known, action.session.position(), "duplicate")

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        """Publish one outcome in the session, and the same body on the reply subject."""
        data: JsonObject = {"action_id": action.action_id, "client_seq": action.client_seq}
        data |= outcome.as_json(status)
        data["position"] = position
        type_name = "action.ack" if outcome.error is None else "action.nack"
        self.services.out.answer(action.reply, action.session.push(type_name, data))

    def _place(self, action: Action, outcome: Outcome) -> None:
        action.session.count(action.client_seq)
        done = self._book(action.session).done
        done[action.client_seq] = (outcome, action.session.position())
        if len(done) > REMEMBERED_NUMBERS:
            done.popitem(last=False)

    def _book(self, session: Session) -> Book:
        return self._books.setdefault(session.key, Book())


def noop(_action: Action, /) -> Effects:
    """Do nothing: shows that actions come through."""
    return Effects()

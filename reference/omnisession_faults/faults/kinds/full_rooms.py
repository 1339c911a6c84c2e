"""Faults of a room with as many users as a list of them shows: who is there, and who types."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_faults.floors import FLOORS
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import JsonObject


@fault("twenty-participants-shown", breaks="STATE-012")
class TwentyParticipantsShown(ChatSlice):
    """States show the first twenty participants, whatever the limit."""

    def data(self) -> JsonObject:
        found = super().data()
        return {**found, "participants": found["participants"][: FLOORS["participants"]]}


@fault("twenty-type", breaks="CHAT-008")
class TwentyType(Typing):
    """Twenty users type at a time, whatever the limit."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        known = self.users()
        full = user_id not in known and len(known) >= FLOORS["participants"]
        return not full and super().start(user_id, ttl_ms)


class _NeverCut(ChatSlice):
    def reduce(self, change_type: str, data: JsonObject) -> None:
        before = self.participants
        super().reduce(change_type, data)
        if change_type == "chat.participant_joined":
            rest = [p for p in before if p["id"] != data["user"]["id"]]
            self.participants = sorted([*rest, data["user"]], key=lambda p: p["id"])


class _CutInFront(ChatSlice):
    def __init__(
        self,
        messages: Iterable[JsonObject] = (),
        participants: Iterable[JsonObject] = (),
        typing: Iterable[str] = (),
    ) -> None:
        last = sorted(participants, key=lambda p: p["id"])[-LIMITS["participants"] :]
        super().__init__(messages, last, typing)


class _LeaveTakesTwo(ChatSlice):
    def reduce(self, change_type: str, data: JsonObject) -> None:
        full = len(self.participants) == LIMITS["participants"]
        super().reduce(change_type, data)
        if full and change_type == "chat.participant_left":
            del self.participants[-1:]


class _OneMoreTypes(Typing):
    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        least = LIMITS["participants"]
        try:
            LIMITS["participants"] = least * 2
            return super().start(user_id, ttl_ms)
        finally:
            LIMITS["participants"] = least


class _FirstTypistMakesRoom(Chat):
    def note_typing(self, action: Action) -> Effects:
        known = list(self.typing.users())
        full = action.user_id not in known and len(known) >= LIMITS["participants"]
        ended = self.typing_ended(known[0]) if full and action.data["active"] else []
        return Effects([*ended, *super().note_typing(action).changes])


class _TypingRefused(Chat):
    def note_typing(self, action: Action) -> Effects:
        known = self.typing.users()
        full = action.user_id not in known and len(known) >= LIMITS["participants"]
        if full and action.data["active"]:
            raise Refusal(4220, "Too many users type.")
        return super().note_typing(action)


for _name, _requirement, _sentence, _part in (
    ("participants-never-cut", "STATE-012", "A list of participants is never cut.", _NeverCut),
    (
        "participants-cut-in-front",
        "STATE-012",
        "A list of participants that is too long lacks its first where a session is opened.",
        _CutInFront,
    ),
    (
        "leave-of-full-room-takes-two",
        "STATE-012",
        "Where the list of participants is full the leave of one takes the last of them along.",
        _LeaveTakesTwo,
    ),
    (
        "more-type-than-may",
        "STATE-012",
        "More users type at a time than the limit of participants.",
        _OneMoreTypes,
    ),
    (
        "typing-ends-for-another",
        "CHAT-008",
        "Where as many users type as may the typing of a further one ends that of the first.",
        _FirstTypistMakesRoom,
    ),
    (
        "typing-refused-where-many-type",
        "LIMIT-008",
        "Where as many users type as may the typing of a further one is refused.",
        _TypingRefused,
    ),
):
    enter(
        Fault(
            _name,
            _requirement,
            _sentence,
            (_part,),
            limits={"participants": FLOORS["participants"]},
        )
    )

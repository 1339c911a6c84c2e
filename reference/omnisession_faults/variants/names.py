"""Ids and names of other forms."""

from itertools import count

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference.action import Action
from omnisession_reference.control import Control
from omnisession_reference.kinds import articles, urls
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

_numbers = count(1)


def _digits() -> str:
    """Make the shortest ids that there are."""
    return str(next(_numbers))


def _odd() -> str:
    """Make ids of the largest size that a subject takes, of characters that have to be encoded."""
    number = next(_numbers)
    return f"{'Zÿ.'[number % 3]}* >=é$ {number:08}" + "x" * 52


class _DigitMessages(Chat):
    """Messages are numbered, too."""

    def message(self, action: Action) -> JsonObject:
        return {**super().message(action), "id": _digits()}


class _OddMessages(Chat):
    """Messages have such ids, too."""

    def message(self, action: Action) -> JsonObject:
        return {**super().message(action), "id": _odd()}


def _number_all() -> None:
    for module in (articles, urls):
        vars(module)["new_id"] = _digits


def _name_oddly() -> None:
    for module in (articles, urls):
        vars(module)["new_id"] = _odd


enter(
    Variant(
        "ids-are-numbers",
        "Ids are short numbers, and those of articles, messages and urls never the same.",
        (_DigitMessages,),
        prepare=_number_all,
    )
)
enter(
    Variant(
        "ids-are-odd",
        "Ids are as long as they may be, and hold what a subject cannot.",
        (_OddMessages,),
        prepare=_name_oddly,
    )
)


@variant("names-of-its-own")
class NamesOfItsOwn(Control):
    """Users have the names that the server knows them by, whatever their tokens say."""

    def start(self, session: Session) -> None:
        """Make the user before its token can."""
        self.services.store.meet_user({"id": session.user_id, "username": "Member"})
        super().start(session)

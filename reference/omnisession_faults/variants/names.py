"""Ids and names of other forms."""

from itertools import count

from omnisession_faults.variants.registry import variant
from omnisession_reference.control import Control
from omnisession_reference.ids import Ids
from omnisession_reference.session import Session

_numbers = count(1)


@variant("ids-are-numbers")
class Numbers(Ids):
    """Ids are short numbers, and never the same."""

    def new(self) -> str:
        """Make the shortest ids that there are."""
        return str(next(_numbers))


@variant("ids-are-odd")
class OddIds(Ids):
    """Ids are as long as they may be, and hold what a subject cannot."""

    def new(self) -> str:
        """Make ids of the largest size that a subject takes, of characters that have to be encoded."""
        number = next(_numbers)
        return f"{'Zÿ.'[number % 3]}* >=é$ {number:08}" + "x" * 52


@variant("names-of-its-own")
class NamesOfItsOwn(Control):
    """Users have the names that the server knows them by, whatever their tokens say."""

    def start(self, session: Session) -> None:
        """Make the user before its token can."""
        self.services.store.meet_user({"id": session.user_id, "username": "Member"})
        super().start(session)

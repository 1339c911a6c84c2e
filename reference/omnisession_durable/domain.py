"""What the fold asks of what sessions are about."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from omnisession_reference.wire import JsonObject


class Domain(Protocol):
    """What sessions are about. All of it is a function of the entries that were folded.

    It asks no clock and draws nothing while it writes: ids and times come in with the entry.
    """

    def version(self, key: str) -> int:
        """The sequence of the entry that wrote an entity last, 0 where there is none.

        It is never the same again, as a revision is where something is deleted and made anew.
        """
        ...

    def agrees(self, terms: JsonObject) -> bool:
        """Whether a session of these terms can be shown: it knows all the kinds; never raises."""
        ...

    def fits(self, writes: Sequence[JsonObject]) -> bool:
        """Whether all of these have a meaning now; never raises, whatever they are."""
        ...

    def write(self, seq: int, at_ms: int, writes: Sequence[JsonObject]) -> Iterable[JsonObject]:
        """Write what fits, and return the changes as sessions are told them."""
        ...

"""Which class plays which part.

The server is put together from a few classes with small methods. A faulty server is the same one
with a subclass in one of the parts; nothing else knows about faults.
"""

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


class Parts:
    """The classes to build a server from: the real ones, but for those replaced."""

    def __init__(self, replacements: Iterable[type] = ()) -> None:
        self._replaced: dict[type, type] = {cls.__bases__[0]: cls for cls in replacements}

    def of(self, part: type[T]) -> type[T]:
        """Return the class that plays a part, by its real class."""
        return self._replaced.get(part, part)

"""What was ever done in a store, counted by texts that no two actions share."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_reference.store import MemoryStore

WORD = re.compile(r"w[0-9]+w")
"""What marks an action in its content, its title, its address or its name."""
WORDS_OF = {
    "put_article": ("title", "content"),
    "put_message": ("content",),
    "put_url": ("target_url",),
    "put_user": ("username",),
}


class Ledger:
    """A store, and how often each word came into it: where it stands already nothing has come."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.counts = Counter[str]()
        self._now: dict[tuple[str, str], set[str]] = {}
        for name, members in WORDS_OF.items():
            self._listen(name, members)

    def _listen(self, name: str, members: tuple[str, ...]) -> None:
        original: Callable[..., None] = getattr(self.store, name)

        def put(entity: dict[str, Any], *more: Any) -> None:
            self._note(name, entity, members)
            original(entity, *more)

        setattr(self.store, name, put)

    def _note(self, name: str, entity: dict[str, Any], members: tuple[str, ...]) -> None:
        place = (name, str(entity["id"]))
        words = {word for member in members for word in WORD.findall(str(entity.get(member, "")))}
        self.counts.update(words - self._now.get(place, set()))
        self._now[place] = words

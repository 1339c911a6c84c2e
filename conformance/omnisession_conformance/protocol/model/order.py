"""Whether the lists of a slice are ordered as their kind says.

The sort keys take whatever a faulty server may send: a member of the wrong type counts as none.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, objects
from omnisession_conformance.protocol.kinds.tables import LISTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.protocol.kinds.parts import Key, Slice

ORDERS: dict[str, dict[str, Callable[[Any], Key]]] = {
    kind: {name: list_.key for name, list_ in lists.items() if list_.key is not None}
    for kind, lists in LISTS.items()
}
"""By kind and list: the sort key of its entries, ascending; none where no member tells the order."""


@dataclass(frozen=True, slots=True)
class Misplacement:
    """Two neighbours of a list that stand the wrong way round, or are the same.

    `index` is that of the second; `by_string` says that a string decides between the two.
    """

    kind: str
    list_name: str
    index: int
    before: Key
    after: Key

    @property
    def pointer(self) -> str:
        """JSON pointer into the state's body."""
        return f"/data/{self.list_name}/{self.index}"

    @property
    def same(self) -> bool:
        """Whether the two have equal keys: a list that holds something twice."""
        return self.before == self.after

    @property
    def by_string(self) -> bool:
        """Whether the first part in which the two keys differ is a string."""
        for one, other in zip(self.before, self.after, strict=False):
            if one != other:
                return isinstance(one, str)
        return False


def misplacement_in(kind: str, list_name: str, entries: Any) -> Misplacement | None:
    """Return the first misplacement in a list, or None where it is right or has no order.

    Raises KeyError for what is no list of a kind.
    """
    list_ = LISTS[kind][list_name]
    key = list_.key
    if key is None or not is_list(entries) or len(entries) < 2:
        return None
    known = entries if list_.entity is None else objects(entries)
    keys = list(map(key, known))
    if all(map(operator.lt, keys, keys[1:])):
        return None
    for before, after in pairwise(zip(keys, known, strict=True)):
        if before[0] >= after[0]:
            index = next(i for i, entry in enumerate(entries) if entry is after[1])
            return Misplacement(kind, list_name, index, before[0], after[0])
    return None


def first_misplacement(kind: str, data: Slice) -> Misplacement | None:
    """Return the first misplacement in any list of a slice, or None where all are right."""
    for list_name in ORDERS[kind]:
        found = misplacement_in(kind, list_name, data.get(list_name))
        if found is not None:
            return found
    return None

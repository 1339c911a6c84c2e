"""What the folds of others say of this one: they are the same, or one of them has another journal."""

from collections import deque

REMEMBERED = 4_096
"""Of so many entries the digests are kept; a beat that is older is compared with nothing."""
LENGTH = 16
"""So many hexadecimal digits of a digest are told: enough to see that folds differ, not to sign them."""


def short(digest: bytes) -> str:
    """A digest as beats tell it."""
    return digest.hex()[:LENGTH]


class Digests:
    """The digests of a fold, by the entries after which it had them. Beats change none."""

    def __init__(self, begin: bytes) -> None:
        self._begin = short(begin)
        self._kept = deque(((0, self._begin),), maxlen=REMEMBERED)

    def note(self, seq: int, digest: bytes) -> None:
        """An entry was folded."""
        self._kept.append((seq, short(digest)))

    def differs(self, seq: int, told: str) -> bool:
        """Whether another fold was something else after the same entry.

        Who has folded nothing yet has no part in anything: it may be new, and its beat says nothing.
        """
        own = next((digest for at, digest in reversed(self._kept) if at <= seq), None)
        return own is not None and told not in (self._begin, own)

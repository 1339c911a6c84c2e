"""What kits swept for that did not write into a transcript which checks they judged.

It is history, and does not change: a requirement that came later was not looked for by any of them.
"""

from __future__ import annotations

_NUMBERS = {
    "ACTION": (1, 2, 3, 5, 6, 8, 12),
    "ART": (4, 6, 7, 12, 14),
    "CHAT": (1, 3, 4, 5, 6, 7, 8, 11),
    "CTRL": (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14),
    "DISC": (3,),
    "ENV": (1, 2, 3, 4, 5, 6, 8, 9),
    "ERR": (1, 4, 6, 7),
    "EVENT": (1, 2, 3, 4, 5, 6, 8),
    "LIMIT": (1,),
    "ORDER": (1, 2, 3, 5, 6, 7),
    "RESUME": (1, 2, 3, 4, 5),
    "SEC": (1, 3, 4, 5),
    "STATE": (1, 2, 3, 4, 7, 8, 9, 10, 11, 12),
    "SUBJ": (1, 2, 5, 7),
    "URL": (1, 3, 5),
    "USER": (1, 2, 3, 5),
    "VER": (1, 2),
}
BEFORE_JUDGED = frozenset(
    f"{area}-{number:03}" for area, numbers in _NUMBERS.items() for number in numbers
)
"""Requirements that sweeps of those kits judged."""

"""Which requirements are near a file, and so fail first where it is changed. Pure."""

from __future__ import annotations

import re

_NEAR: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"articles", ("ART", "EDIT")),
    (r"chat", ("CHAT",)),
    (r"urls", ("URL",)),
    (r"users", ("USER", "LIMIT")),
    (r"wire|parse|encode|fields|token", ("ENV", "ERR", "SUBJ", "LIMIT-003")),
    (r"auth", ("SEC",)),
    (r"discovery", ("DISC",)),
    (r"actions?\.(py|go)|hub_judge", ("ACTION",)),
    (r"control|session|timers|hub|departed|buffer", ("CTRL", "RESUME", "ORDER")),
)


def near(file: str) -> tuple[str, ...]:
    """Return the areas and requirements to look at first; none where all are as near."""
    place = re.split(r"internal/|omnisession_reference/|implementations/go/", file)[-1]
    return next((areas for pattern, areas in _NEAR if re.search(pattern, place)), ())

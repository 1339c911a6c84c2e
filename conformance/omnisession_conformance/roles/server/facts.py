"""What the rules for servers know beside the messages of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import RunFacts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Facts(RunFacts):
    """What the fixture knows and the wire does not tell: whose secrets may not be seen where.

    `emails` maps user ids to email addresses; `tokens` are all credentials used; `private_prefixes`
    are subject prefixes that the target's configuration declares as its own. `editors` are the users
    who hold `post_edit_any`, None where the fixture does not know.
    """

    emails: Mapping[str, str] = field(default_factory=dict[str, str])
    tokens: frozenset[str] = frozenset()
    private_prefixes: tuple[str, ...] = ()
    editors: frozenset[str] | None = None

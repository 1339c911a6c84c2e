"""Subjects that a server has for its own purposes: prefixes that the configuration names."""

from __future__ import annotations

from omnisession_conformance.protocol.permissions import roles
from omnisession_conformance.protocol.schemas.catalogue import catalogue

SERVER = "server"


def stem(prefix: str) -> tuple[str, ...]:
    """The tokens that a prefix begins with: `myserver`, `myserver.` and `myserver.>` are the same."""
    return tuple(prefix.removesuffix(">").removesuffix(".").split("."))


def kept_from_clients() -> tuple[str, ...]:
    """Patterns of subjects on which no client hears anything, where a broker keeps to what roles may do.

    Those of a journal and the inboxes of servers, as `omnisession permissions` has them.
    """
    row = roles()[SERVER]
    journal = [subject for subject in row.journal if not subject.startswith("$")]
    return (*journal, f"{row.inbox.removesuffix('.')}.>")


def problem(prefix: str) -> str | None:
    """What is wrong with a private prefix, None where nothing is.

    It may not overlap the subject table: what is published there is what a run judges.
    """
    mine = stem(prefix)
    if not all(mine) or any(token in ("*", ">") for token in mine):
        return f"'{prefix}' is no prefix of subjects: write whole tokens, such as myserver."
    if mine[0].startswith("$"):
        return f"'{prefix}' belongs to the broker, whose subjects are never judged"
    for row in catalogue().subjects:
        head = _head(row.pattern)
        if mine[: len(head)] == head[: len(mine)]:
            return (
                f"'{prefix}' lies among the subjects of the protocol ({row.pattern}), which are what is "
                "judged: private subjects need a name of their own, such as myserver."
            )
    return None


def _head(pattern: str) -> tuple[str, ...]:
    """The tokens of a pattern before the first that stands for others."""
    tokens = pattern.split(".")
    fixed = next((n for n, token in enumerate(tokens) if token[:1] in "{*>"), len(tokens))
    return tuple(tokens[:fixed])

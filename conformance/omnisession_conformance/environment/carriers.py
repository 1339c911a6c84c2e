"""How the requests of the kit come to the adapter of a client, see docs/reference/testee.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.roles import SERVER

if TYPE_CHECKING:
    from omnisession_conformance.environment.asked import Asked
    from omnisession_conformance.environment.config import Config

LINES: Final = "lines"
SUBJECT: Final = "subject"
CARRIERS = (LINES, SUBJECT)
"""On standard input and output, or on a subject of a broker that carries nothing else."""
ATTACH_PORT, ATTACH_WEB_PORT = 14_222, 14_223
"""Where that broker is for a client that runs already, for TCP and for WebSocket: it has to know."""
_SUBJECT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
"""Nothing that a command line, an address or NATS would read otherwise."""


def carried(
    role: str, asked: Asked, config: Config, *, has_command: bool
) -> tuple[str, str | None]:
    """The carrier, and the subject of a client that runs already; raises UsageError.

    Whoever names a command on the command line means no other client that the file attaches to.
    """
    if role == SERVER:
        return LINES, None
    attach = asked.attach
    if attach is not None:
        return SUBJECT, checked_subject(attach, "--client-attach")
    if config.attach is not None and asked.client_command is None:
        return SUBJECT, config.attach
    carrier = asked.carrier or config.carrier or LINES
    if carrier == SUBJECT and not has_command:
        raise UsageError(
            "The reference client speaks on lines: with the carrier subject, name the command that opens "
            "a client, by --client-cmd, or attach to one that runs, by --client-attach."
        )
    return carrier, None


def checked_subject(subject: str, where: str) -> str:
    """A subject as it is; UsageError where no client could take requests there."""
    if _SUBJECT.fullmatch(subject) is None:
        raise UsageError(
            f"{where}: '{subject}' is no subject for requests; write one like omni.testee.mine, of "
            "letters, digits, - and _ between dots"
        )
    return subject

"""Which role a run judges, and what makes no sense for it: nothing asked for is left in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.carriers import LINES
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.roles import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_BROKER = "a client is judged at a broker that the kit starts itself"
FOR_SERVERS: Mapping[str, str] = {
    "nats": _OWN_BROKER,
    "topology": _OWN_BROKER,
    "disguise": _OWN_BROKER,
    "allow-disruption": "a client of the kit's own broker has nobody to disturb",
    "secret": "the users and tokens of a client are the kit's own",
    "generate": "generated traffic is for servers",
}
"""Options that are for servers alone, by what stands behind their dashes, and why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What options say of the target: its role, and the command of a server or of a client.

    `given` are the options that somebody wrote; what comes from the environment is none of them, as a
    variable may have been set for another run.
    """

    role: str | None = None
    server_command: str | None = None
    client_command: str | None = None
    given: tuple[str, ...] = ()
    carrier: str | None = None
    attach: str | None = None
    """The subject of a client that somebody else runs."""

    @property
    def command(self) -> tuple[str, str] | None:
        """The option that names a command, and the command; None where there is none."""
        if self.client_command is not None:
            return "--client-cmd", self.client_command
        if self.server_command is not None:
            return "--server-cmd", self.server_command
        return None

    def role_or(self, other: str) -> str:
        """The role that the options mean, `other` where they leave it open; UsageError for two."""
        if self.server_command is not None and self.client_command is not None:
            raise UsageError(
                "--server-cmd and --client-cmd are both there, and a run judges one target: a client "
                "is judged against a server that the kit plays itself. Leave out either."
            )
        self._check_attach()
        by_command = None
        if self.command is not None:
            by_command = CLIENT if self.client_command is not None else SERVER
        if self.attach is not None or self.carrier is not None:
            by_command = by_command or CLIENT
        if self.role is not None and by_command not in (None, self.role):
            option, _ = self.command or ("", "")
            is_for = (
                f"{option} starts" if option else "--client-attach and --client-carrier are for"
            )
            raise UsageError(
                f"{is_for} a {by_command}, and --role {self.role} judges a {self.role}: "
                "leave out either."
            )
        return by_command or self.role or other

    def _check_attach(self) -> None:
        of_clients = "--client-attach" if self.attach is not None else "--client-carrier"
        if self.server_command is not None and (self.attach or self.carrier) is not None:
            raise UsageError(f"{of_clients} is for clients, and --server-cmd starts a server.")
        if self.attach is None:
            return
        if self.client_command is not None:
            raise UsageError(
                "--client-attach is for a client that runs already, and --client-cmd starts one: leave "
                "out either."
            )
        if self.carrier == LINES:
            raise UsageError(
                "--client-attach names a subject: a client that runs already has no lines for the kit."
            )

    def check(self, role: str) -> None:
        """UsageError where an option makes no sense for a target of a role."""
        if role != CLIENT:
            return
        for option in self.given:
            for name, why in FOR_SERVERS.items():
                if option.endswith(f"-{name}"):
                    raise UsageError(f"{option} is for servers: {why}. Leave it out for a client.")

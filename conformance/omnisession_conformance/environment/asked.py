"""Which role a run judges, and what makes no sense for it: nothing asked for is left in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.carriers import LINES
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, SERVER

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
    "instances": "a client is one process",
    "nodes": _OWN_BROKER,
}
"""Options that are for servers alone, by what stands behind their dashes, and why."""
_PAIR_BROKER = "a pair is judged at a broker that the kit starts itself"
NOT_FOR_PAIRS: Mapping[str, str] = {
    "nats": _PAIR_BROKER,
    "topology": _PAIR_BROKER,
    "disguise": _PAIR_BROKER,
    "allow-disruption": "a pair of the kit's own broker has nobody to disturb",
    "generate": "generated traffic is for servers",
    "instances": "several instances are judged by themselves",
    "nodes": "nodes that end are judged with a server alone",
    "client-attach": "the client of a pair is started by the kit",
    "profile": "a pair is judged by what both sides claim",
}
"""Options that make no sense for a server and a client together, and why."""
_RUNS = "a deployment is judged where it runs, by the identities of the configuration"
NOT_FOR_DEPLOYMENTS: Mapping[str, str] = {
    "topology": _RUNS,
    "secret": "no session is opened there",
    "start-timeout": "nothing is started there",
    "allow-disruption": "what is tried there is of the run alone",
    "generate": "generated traffic is for servers",
    "instances": _RUNS,
    "nodes": _RUNS,
}
"""Options that make no sense for a deployment, and why."""
_REFUSED = {CLIENT: FOR_SERVERS, INTEROP: NOT_FOR_PAIRS, DEPLOYMENT: NOT_FOR_DEPLOYMENTS}
_WHAT = {INTEROP: "a server with a client", DEPLOYMENT: "a deployment"}


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
        """The option that names the command of one program, and the command; None where there is none."""
        if self.client_command is not None:
            return "--client-cmd", self.client_command
        if self.server_command is not None:
            return "--server-cmd", self.server_command
        return None

    def role_or(self, other: str) -> str:
        """The role that the options mean, `other` where they leave it open; UsageError for two."""
        by_command = self._by_commands()
        if self.role == INTEROP:
            return INTEROP
        self._check_attach(by_command)
        if self.attach is not None or self.carrier is not None:
            by_command = by_command or CLIENT
        if self.role is not None and by_command not in (None, self.role):
            raise UsageError(self._says_two(by_command))
        return by_command or self.role or other

    def _by_commands(self) -> str | None:
        if self.server_command is not None and self.client_command is not None:
            return INTEROP
        if self.client_command is not None:
            return CLIENT
        return SERVER if self.server_command is not None else None

    def _says_two(self, by_command: str | None) -> str:
        if by_command == INTEROP:
            option = "--client-cmd" if self.role == SERVER else "--server-cmd"
            return (
                "--server-cmd and --client-cmd together run a server and a client, and --role "
                f"{self.role} judges a {self.role} alone: leave out {option}, or say --role {INTEROP}."
            )
        option, _ = self.command or ("", "")
        is_for = f"{option} starts" if option else "--client-attach and --client-carrier are for"
        return f"{is_for} a {by_command}, and --role {self.role} judges a {self.role}: leave out either."

    def _check_attach(self, by_command: str | None) -> None:
        of_clients = "--client-attach" if self.attach is not None else "--client-carrier"
        if by_command == SERVER and (self.attach or self.carrier) is not None:
            raise UsageError(f"{of_clients} is for clients, and --server-cmd starts a server.")
        if self.attach is None or by_command == INTEROP:
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
        refused = _REFUSED.get(role, {})
        for option in self.given:
            for name, why in refused.items():
                if not option.endswith(f"-{name}"):
                    continue
                if role == CLIENT:
                    raise UsageError(f"{option} is for servers: {why}. Leave it out for a client.")
                raise UsageError(f"{option} is not for {_WHAT[role]}: {why}. Leave it out.")

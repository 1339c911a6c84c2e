"""Brokers that are judged: users with the permissions that the command prints, or wrong ones."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kit.broker.running import nats_server
from tests.kit.permissions.brokers import PASSWORD, of_client, of_role

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

ALL = "everything"
"""A user that may do everything, for what a test does itself."""
ODD = "*"
KIT_INBOX = "_INBOX.~kit"


def right() -> dict[str, str]:
    """The permissions of all users of a right deployment, by name."""
    return {
        "ann": of_client("ann"),
        "bob": of_client("bob"),
        ODD: of_client(ODD),
        "server": of_role("server"),
        "kit": of_role("kit"),
    }


@dataclass(frozen=True)
class Place:
    """A broker: who has which permissions in it, and what else its configuration says.

    `of_tenant` are the permissions of a client of another account with ann's id, None for no such one;
    `apart` is whether it is in another account. `meanwhile` is what goes on while it is judged.
    """

    users: Mapping[str, str] = field(default_factory=right)
    more: str = ""
    of_tenant: str | None = None
    apart: bool = True
    meanwhile: Callable[[str], contextlib.AbstractContextManager[None]] | None = None
    trusted: tuple[str, ...] = ()
    inboxes: Mapping[str, str] = field(default_factory=dict[str, str])

    def configuration(self) -> str:
        """The broker's."""
        first = _listed({**self.users, ALL: ""})
        other = _listed({"tenant": self.of_tenant}) if self.of_tenant is not None else ""
        if other and not self.apart:
            first, other = f"{first},\n{other}", ""
        second = f"two {{ users: [\n{other}\n] }}" if other else ""
        # JetStream is an account's, where there are accounts.
        stream = "jetstream: enabled" if "jetstream" in self.more else ""
        return f"accounts {{\none {{ {stream}\nusers: [\n{first}\n] }}\n{second}\n}}\n{self.more}"

    def file(self, place: str) -> str:
        """The configuration of the kit."""
        lines = [
            "[broker]",
            f'url = "nats://{place}"',
            f'user = "kit"\npassword = "{PASSWORD}"\ninbox_prefix = "{KIT_INBOX}"',
            '[target]\nrole = "deployment"',
            *self._identities(),
        ]
        return "\n".join(lines)

    def _identities(self) -> Generator[str]:
        tenant = self.of_tenant is not None
        yield f"[identities]\nprofiles = {json.dumps(['tenants'] if tenant else [])}"
        yield f"trusted = {json.dumps(self.trusted)}"
        for name in (n for n in self.users if n not in ("server", "kit")):
            yield f"[[identities.clients]]\nid = {json.dumps(name)}\n{_login(name)}"
            if name in self.inboxes:
                yield f"inbox_prefix = {json.dumps(self.inboxes[name])}"
        if "server" in self.users:
            yield f"[identities.server]\n{_login('server')}"
        if tenant:
            yield f'[identities.tenant]\nid = "ann"\n{_login("tenant")}'


def _listed(users: Mapping[str, str | None]) -> str:
    return ",\n".join(
        f"{{ user: {json.dumps(name)}, password: {PASSWORD}\n{lines}\n}}"
        for name, lines in users.items()
    )


def _login(name: str) -> str:
    return f'user = {json.dumps(name)}\npassword = "{PASSWORD}"'


@contextlib.contextmanager
def running(place: Place, folder: Path) -> Generator[str]:
    """Run a broker as it is described, with the kit's configuration in a folder; gives HOST:PORT."""
    with nats_server(place.configuration()) as places, contextlib.ExitStack() as beside:
        (folder / "omnisession.toml").write_text(place.file(places["nats"]), "utf-8")
        if place.meanwhile is not None:
            beside.enter_context(place.meanwhile(places["nats"]))
        yield places["nats"]

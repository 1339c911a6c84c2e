"""Brokers whose users have the permissions that the command prints, and one whose users have none."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.kit.broker.running import nats_server

from omnisession_conformance.cli.permissions import as_conf
from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.address import Login
from omnisession_conformance.protocol.permissions import granted, roles

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

PASSWORD = "of-the-test"
ALL = "all"
"""A user without permissions: it may do everything."""


def of_client(user: str, session: str | None = None, *, shared: bool = False) -> str:
    """The lines that the command prints for a client."""
    return as_conf(granted(roles()["client"], user_id=user, session_id=session, shared=shared))


def of_role(role: str) -> str:
    """The lines that the command prints for a role that is of no user."""
    return as_conf(granted(roles()[role]))


class Broker:
    """A broker with users."""

    def __init__(self, place: str) -> None:
        self.url = f"nats://{ALL}:{PASSWORD}@{place}"
        self.place = place

    def url_of(self, user: str) -> str:
        """Its address with a user's credentials, for names that an address can hold."""
        return f"nats://{user}:{PASSWORD}@{self.place}"

    def access(self, user: str, inbox: str = "_INBOX") -> Access:
        """The way to it as a user, whatever the name is."""
        return replace(at(f"nats://{self.place}"), login=Login(user, PASSWORD), inbox=inbox)


@contextlib.contextmanager
def broker_with(users: Mapping[str, str], more: str = "") -> Generator[Broker]:
    """Run a broker with users by name, and the lines that say what each may do."""
    listed = [
        f"{{ user: {json.dumps(name, ensure_ascii=False)}, password: {PASSWORD}\n{lines}\n}}"
        for name, lines in {ALL: "", **users}.items()
    ]
    every = ",\n".join(listed)
    with nats_server(f"authorization {{\nusers: [\n{every}\n]\n}}\n{more}") as places:
        yield Broker(places["nats"])

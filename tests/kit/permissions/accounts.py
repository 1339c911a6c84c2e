"""Brokers in operator mode, whose users have the tokens that the command prints."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.kit.broker.making import NO_LIMITS, Tenant
from tests.kit.broker.running import nats_server
from tests.kit.permissions.brokers import ALL

from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.keys import Signer, read_signing_seed
from omnisession_conformance.environment.user_jwt import signed
from omnisession_conformance.protocol.permissions import Permissions, granted, roles
from omnisession_deployments.tokens import ACCOUNT, USER, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping


@dataclass(frozen=True)
class Account:
    """An account with a key for signing beside its own."""

    tenant: Tenant
    signing: Key

    @classmethod
    def new(cls) -> Account:
        return cls(Tenant.new(), Key.new(ACCOUNT))

    @property
    def public(self) -> str:
        return self.tenant.account.public

    def configuration(self, *revoked: str, more: Mapping[str, Any] | None = None) -> str:
        operator = self.tenant.operator
        nats = {
            "type": "account",
            "limits": {**NO_LIMITS, "wildcards": True},
            "signing_keys": [self.signing.public],
            "revocations": {key: int(time.time()) + 60 for key in revoked},
            **(more or {}),
        }
        of_operator = operator.says(operator.public, {"type": "operator"})
        return (
            f'operator: "{of_operator}"\nresolver: MEMORY\n'
            f'resolver_preload: {{ {self.public}: "{operator.says(self.public, nats)}" }}\n'
        )


def bearing(token: str, place: str) -> Access:
    """The way to a broker with the token of a user."""
    # A bearer needs no key: that of anybody signs what the broker does not look at.
    anybody = Key.new(USER)
    signer = Signer("none", anybody.seed, anybody.public, token)
    return replace(at(f"nats://{place}"), signer=signer)


EVERYTHING = Permissions(ALL, None, None, "_INBOX", (">",), (">",), (), None)


@contextlib.contextmanager
def broker_of_tokens() -> Generator[Callable[[str], Access]]:
    """Run a broker in operator mode; gives the way to it by the id of a user, or as one who may do all."""
    account = Account.new()
    key = read_signing_seed(account.signing.seed, "a test")
    with nats_server(account.configuration()) as places:

        def access(user: str) -> Access:
            told = EVERYTHING if user == ALL else granted(roles()["client"], user_id=user)
            token = signed(told, key, account.public, int(time.time()), 600)
            return bearing(token, places["nats"])

        yield access

"""Tokens of users, as a broker in operator mode takes them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.kit.broker.making import ACCOUNT, NO_LIMITS, USER, NKey, Tenant
from tests.kit.broker.running import nats_server

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.keys import Signer, read_signing_seed
from omnisession_conformance.environment.user_jwt import signed, subject_of
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.permissions import Permissions, granted, roles
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

JWT = ("permissions", "--role", "client", "--user", "ann", "--format", "jwt")
SEED_FILE = "account.seed"


def permissions_of(user: str) -> Permissions:
    return granted(roles()["client"], user_id=user)


def said(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType]


@dataclass(frozen=True)
class Account:
    """An account with a key for signing beside its own."""

    tenant: Tenant
    signing: NKey

    @classmethod
    def new(cls) -> Account:
        return cls(Tenant.new(), NKey(ACCOUNT))

    @property
    def public(self) -> str:
        return self.tenant.account.public

    def configuration(self, *revoked: str) -> str:
        operator = self.tenant.operator
        nats = {
            "type": "account",
            "limits": {**NO_LIMITS, "wildcards": True},
            "signing_keys": [self.signing.public],
            "revocations": {key: int(time.time()) + 60 for key in revoked},
        }
        of_operator = operator.sign(operator.public, {"type": "operator"})
        return (
            f'operator: "{of_operator}"\nresolver: MEMORY\n'
            f'resolver_preload: {{ {self.public}: "{operator.sign(self.public, nats)}" }}\n'
        )


async def as_user(place: str, token: str, *published: str) -> tuple[bool, list[str]]:
    """Whether a token is taken, and what the broker refuses of what is published with it."""
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error))

    # A bearer needs no key: that of anybody signs what the broker does not look at.
    anybody = NKey(USER)
    signer = Signer("none", anybody.seed, anybody.public, token)
    try:
        client = await connect(replace(at(f"nats://{place}"), signer=signer), error_cb=note)
    except BrokerError:
        return False, errors
    try:
        for subject in published:
            await client.publish(subject, b"{}")
        await client.flush()
        return True, [subject for subject in published if any(f'"{subject}"' in e for e in errors)]
    finally:
        await client.close()


OWN, OTHER = "session.ann.s1.control", "session.bob.s2.control"


def test_a_broker_takes_the_token_that_is_printed_and_what_it_grants_alone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account.new()
    (inside.folder / SEED_FILE).write_text(f"{account.tenant.account.seed}\n", "utf-8")
    by_file = inside.omnisession(*JWT, "--signing-seed-file", SEED_FILE, "--expires", "10m")
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", account.signing.seed)
    by_variable = inside.omnisession(*JWT, "--account", account.public)
    unnamed = inside.omnisession(*JWT)
    for ran in (by_file, by_variable):
        assert (ran.code, ran.err) == (0, "")
    tokens = [ran.out.strip() for ran in (by_file, by_variable, unnamed)]
    with nats_server(account.configuration()) as places:
        found = [asyncio.run(as_user(places["nats"], token, OWN, OTHER)) for token in tokens]
    assert found[:2] == [(True, [OTHER])] * 2
    assert not found[2][0], "it does not say whose key has signed it"
    first, second, _ = map(said, tokens)
    assert first["exp"] - first["iat"] == 600
    assert second["exp"] - second["iat"] == 3_600
    assert first["sub"] == second["sub"], "one revocation reaches both"
    assert first["nats"]["subs"] == 64
    assert first["nats"]["bearer_token"] is True


def test_tokens_that_are_wrong_in_one_way_are_refused() -> None:
    account, stranger = Account.new(), NKey(ACCOUNT)
    own = read_signing_seed(account.tenant.account.seed, "a test")
    now, ann = int(time.time()), permissions_of("ann")
    tokens = {
        "right": signed(ann, own, None, now, 60),
        "of somebody else": signed(ann, read_signing_seed(stranger.seed, "x"), None, now, 60),
        "a key that is not named": signed(
            ann, read_signing_seed(stranger.seed, "x"), account.public, now, 60
        ),
        "over": signed(ann, own, None, now - 120, 60),
        "revoked": signed(permissions_of("bob"), own, None, now, 60),
    }
    tokens["changed"] = _with_another_name(tokens["right"])
    revoked = subject_of(account.public, "bob")
    with nats_server(account.configuration(revoked)) as places:
        found = {name: asyncio.run(as_user(places["nats"], t))[0] for name, t in tokens.items()}
    assert found == {name: name == "right" for name in tokens}


def _with_another_name(token: str) -> str:
    head, _, signature = token.split(".")
    claims = {**said(token), "name": "bob"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def test_whose_a_token_is_differs_by_user_and_account() -> None:
    one, other = NKey(ACCOUNT).public, NKey(ACCOUNT).public
    named = [subject_of(account, user) for account in (one, other) for user in ("ann", "bob", "a")]
    assert len(set(named)) == len(named)
    assert named == [subject_of(a, user) for a in (one, other) for user in ("ann", "bob", "a")]
    assert all(name.startswith("U") and len(name) == 56 for name in named)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: NKey(USER).seed, "is that of a user: that of an account is needed"),
        (lambda: NKey(ACCOUNT).seed[:-1], "holds no seed"),
        (lambda: f"{NKey(ACCOUNT).seed[:-3]}AAA", "wrong or missing"),
        (lambda: "", "holds no seed"),
    ],
)
def test_a_seed_that_is_none_is_told_and_not_shown(inside: Inside, make: Any, told: str) -> None:
    seed = make()
    (inside.folder / SEED_FILE).write_text(seed, "utf-8")
    ran = inside.omnisession(*JWT, "--signing-seed-file", SEED_FILE)
    assert (ran.code, ran.out) == (4, "")
    assert told in ran.err
    assert not seed or seed not in ran.err


def test_a_seed_is_nowhere_but_where_it_was(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seed = NKey(ACCOUNT).seed
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", seed)
    ran = inside.omnisession(*JWT)
    assert ran.code == 0
    assert seed not in ran.out + ran.err
    assert list(tmp_path.iterdir()) == [], "nothing is written"

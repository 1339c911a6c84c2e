"""Tokens of users, as a broker in operator mode takes them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.kit.broker.making import NO_LIMITS
from tests.kit.broker.running import nats_server
from tests.kit.permissions.accounts import Account, bearing

from omnisession_conformance.environment.keys import read_signing_seed
from omnisession_conformance.environment.user_jwt import name_of, signed, subject_of
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.permissions import Permissions, granted, roles
from omnisession_conformance.traffic.connection import connect
from omnisession_deployments.tokens import ACCOUNT, USER, Key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

JWT = ("permissions", "--role", "client", "--user", "ann", "--format", "jwt")
SEED_FILE = "account.seed"


def permissions_of(user: str) -> Permissions:
    return granted(roles()["client"], user_id=user)


def said(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType]


async def as_user(place: str, token: str, *published: str) -> tuple[bool, list[str]]:
    """Whether a token is taken, and what the broker refuses of what is published with it."""
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error))

    try:
        client = await connect(bearing(token, place), error_cb=note)
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
    (inside.folder / SEED_FILE).chmod(0o600)
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
    account, stranger = Account.new(), Key.new(ACCOUNT)
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
    revoked = subject_of(account.public, "client", "bob")
    with nats_server(account.configuration(revoked)) as places:
        found = {name: asyncio.run(as_user(places["nats"], t))[0] for name, t in tokens.items()}
    assert found == {name: name == "right" for name in tokens}


def _with_another_name(token: str) -> str:
    head, _, signature = token.split(".")
    claims = {**said(token), "name": "bob"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def test_whose_a_token_is_differs_by_account_role_and_user() -> None:
    accounts = (Key.new(ACCOUNT).public, Key.new(ACCOUNT).public)
    every = [name for name, role in roles().items() if not role.of_user]
    whose = [granted(roles()[name]) for name in every]
    # Users that are named as roles, and as a role and a user are where both are written in one line.
    whose += [permissions_of(user) for user in ("ann", "a", "client ann", "client", *every)]
    assert len({name_of(one) for one in whose}) == len(whose)
    named = [subject_of(a, one.role, one.user_id) for a in accounts for one in whose]
    assert len(set(named)) == len(named)
    assert named == [subject_of(a, one.role, one.user_id) for a in accounts for one in whose]
    assert all(name.startswith("U") and len(name) == 56 for name in named)


def test_a_session_of_a_user_and_shared_subjects_are_those_of_the_user() -> None:
    key, ann = read_signing_seed(Key.new(ACCOUNT).seed, "a test"), permissions_of("ann")
    narrowed = granted(roles()["client"], user_id="ann", session_id="s1", shared=True)
    first, second = (said(signed(one, key, None, 0, 60)) for one in (ann, narrowed))
    assert (first["sub"], first["name"]) == (second["sub"], second["name"])
    assert first["nats"] != second["nats"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Key.new(USER).seed, "is that of a user: that of an account is needed"),
        (lambda: Key.new(ACCOUNT).seed[:-1], "holds no seed"),
        (lambda: f"{Key.new(ACCOUNT).seed[:-3]}AAA", "wrong or missing"),
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
    seed = Key.new(ACCOUNT).seed
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", seed)
    ran = inside.omnisession(*JWT)
    assert ran.code == 0
    assert seed not in ran.out + ran.err
    assert list(tmp_path.iterdir()) == [], "nothing is written"


@pytest.mark.parametrize("option", ["--account", "--signing-seed-file"])
def test_a_seed_that_is_given_by_mistake_is_not_repeated(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", Key.new(ACCOUNT).seed)
    for seed in (Key.new(ACCOUNT).seed, Key.new(USER).seed, Key.new(ACCOUNT).seed[:-1] + "A"):
        ran = inside.omnisession(*JWT, option, seed)
        assert (ran.code, ran.out) == (4, "")
        assert option in ran.err
        assert seed not in ran.err


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_seed_that_others_can_read_is_signed_with_and_warned_of(
    inside: Inside, mode: int, warned: bool
) -> None:
    file = inside.folder / SEED_FILE
    file.write_text(Key.new(ACCOUNT).seed, "utf-8")
    file.chmod(mode)
    ran = inside.omnisession(*JWT, "--signing-seed-file", SEED_FILE)
    assert ran.code == 0
    assert said(ran.out.strip())["iss"].startswith("A")
    told = f"warning: others can read the seed: `chmod 600 {SEED_FILE}` keeps it.\n"
    assert ran.err == (told if warned else "")


def test_a_token_holds_for_thirty_days_at_most(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", Key.new(ACCOUNT).seed)
    claims = said(inside.omnisession(*JWT, "--expires", "720h").out.strip())
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3_600
    for longer in ("721h", "43201m", "999999h"):
        ran = inside.omnisession(*JWT, "--expires", longer)
        assert (ran.code, ran.out) == (4, "")
        assert "a token holds for 30 days (720h) at most" in ran.err


@pytest.mark.parametrize("kind", ["disallow_bearer", "a scoped key"])
def test_an_account_may_be_made_so_that_it_takes_no_such_token(kind: str) -> None:
    account = Account.new()
    key = read_signing_seed(account.signing.seed, "a test")
    token = signed(permissions_of("ann"), key, account.public, int(time.time()), 60)
    limits: dict[str, Any] = {**NO_LIMITS, "wildcards": True}
    keys: list[Any] = [account.signing.public]
    if kind == "disallow_bearer":
        limits["disallow_bearer"] = True
    else:
        template: dict[str, Any] = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1}
        keys = [{"kind": "user_scope", "key": account.signing.public, "template": template}]
    for more, taken in (({}, True), ({"limits": limits, "signing_keys": keys}, False)):
        with nats_server(account.configuration(more=more)) as places:
            assert asyncio.run(as_user(places["nats"], token))[0] is taken

"""Clients that a command makes: what it prints is a secret, and nothing shows it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.making import Tenant
from tests.kit.broker.running import nats_server
from tests.kit.deployment.judged import deployed
from tests.kit.permissions.accounts import Account

from omnisession_conformance.environment.identities import Identities
from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report import RESULTS_FILE
from omnisession_conformance.results import read_results
from omnisession_conformance.roles.deployment.target import Deployment
from omnisession_deployments.place import PASSWORD, Place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


def printing(text: str) -> list[str]:
    """A hook that prints a text."""
    return [sys.executable, "-c", f"print({text!r})"]


def made_by(text: str) -> tuple[Deployment, list[str]]:
    """A deployment whose hook prints a text, and what is learned of secrets."""
    learned: list[str] = []
    return Deployment(Identities(), learned.extend, {"credentials": printing(text)}), learned


def test_what_the_hook_has_made_is_a_secret() -> None:
    deployment, learned = made_by('{"user": "ann", "password": "of-the-hook"}')
    asyncio.run(deployment.credentials("ann"))
    assert "of-the-hook" in learned


@pytest.mark.parametrize(
    "text",
    [
        "warning: look out\n{'user': 'ann', 'password': 'of-the-hook'}",
        "{\n 'user': 'ann',\n 'password': 'of-the-hook'\n}\nwarning: that was it",
    ],
)
def test_warnings_may_stand_around_what_the_hook_makes(text: str) -> None:
    deployment, learned = made_by(text.replace("'", '"'))
    asyncio.run(deployment.credentials("ann"))
    assert "of-the-hook" in learned


@pytest.mark.parametrize("name", ["credentials", "nkey_seed_file"])
def test_content_is_not_taken_for_a_path(name: str) -> None:
    content = Tenant.new().credentials()
    deployment, _ = made_by(json.dumps({name: content}))
    with pytest.raises(TargetError, match="the path of a file is needed") as failed:
        asyncio.run(deployment.credentials("ann"))
    words = [word for word in content.split() if len(word) > 20]
    assert words
    assert not any(word in str(failed.value) for word in words)


def test_a_path_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ann.creds"
    file.write_text(Tenant.new().credentials(), "utf-8")
    deployment, learned = made_by(json.dumps({"credentials": str(file)}))
    made = asyncio.run(deployment.credentials("ann"))
    assert made.login.signer is not None
    assert made.login.signer.seed in learned


@pytest.mark.dear
@pytest.mark.parametrize(("more", "broken"), [([], set[str]()), (["--shared"], {"SECU-009"})])
def test_users_of_operator_mode_are_judged_by_their_tokens(
    inside: Inside, more: list[str], broken: set[str]
) -> None:
    account = Account.new()
    seed, kit = inside.folder / "account.seed", inside.folder / "kit.creds"
    seed.write_text(account.tenant.account.seed, "utf-8")
    kit.write_text(account.tenant.credentials(), "utf-8")
    command = [sys.executable, "-m", "omnisession_conformance", "permissions", "--role", "client"]
    command += ["--user", "{user}", "--format", "jwt", "--signing-seed-file", str(seed), *more]
    with nats_server(account.configuration()) as places:
        (inside.folder / "omnisession.toml").write_text(
            f'[target]\nrole = "deployment"\n[broker]\nurl = "nats://{places["nats"]}"\n'
            f"credentials = {json.dumps(str(kit))}\n[hooks]\ncredentials = {json.dumps(command)}\n",
            "utf-8",
        )
        ran = inside.omnisession("check", "--seed", "0")
    statuses = {one.id: one.status for one in read_results(ran.folder / RESULTS_FILE).requirements}
    bad = {id_ for id_, one in statuses.items() if one in (Status.FAIL, Status.WARN)}
    assert (ran.code, bad) == (0, broken), ran.out
    for requirement in ("SECU-001", "SECU-010", "SECU-011"):
        assert statuses[requirement] is Status.PASS


@pytest.mark.dear
@pytest.mark.parametrize("command", ["check", "doctor"])
def test_no_output_shows_what_the_hook_has_made(inside: Inside, command: str) -> None:
    # The password is a word of the sentence that tells of the refusal.
    hook = printing('{"user": "ann", "password": "credentials"}')
    with deployed(Place(tenant=None), inside.folder):
        file = inside.folder / "omnisession.toml"
        head, _, _ = file.read_text("utf-8").partition("[[identities.clients]]")
        file.write_text(f"{head}[hooks]\ncredentials = {json.dumps(hook)}\n", "utf-8")
        ran = inside.omnisession(command)
    assert "refused the [redacted]" in ran.out + ran.err
    assert PASSWORD not in ran.out + ran.err

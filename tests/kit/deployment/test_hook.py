"""Clients that a command makes: what it prints is a secret, and nothing shows it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.making import Tenant
from tests.kit.deployment.places import Place, running
from tests.kit.permissions.brokers import PASSWORD

from omnisession_conformance.environment.identities import Identities
from omnisession_conformance.errors import TargetError
from omnisession_conformance.roles.deployment.target import Deployment

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
@pytest.mark.parametrize("command", ["check", "doctor"])
def test_no_output_shows_what_the_hook_has_made(inside: Inside, command: str) -> None:
    # The password is a word of the sentence that tells of the refusal.
    hook = printing('{"user": "ann", "password": "credentials"}')
    with running(Place(), inside.folder):
        file = inside.folder / "omnisession.toml"
        head, _, _ = file.read_text("utf-8").partition("[[identities.clients]]")
        file.write_text(f"{head}[hooks]\ncredentials = {json.dumps(hook)}\n", "utf-8")
        ran = inside.omnisession(command)
    assert "refused the [redacted]" in ran.out + ran.err
    assert PASSWORD not in ran.out + ran.err

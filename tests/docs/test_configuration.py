"""The page about the configuration tells every setting, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jwt
import pytest
from tests.docs.pages import blocks, first_column, named, pages, section
from tests.kit.broker.making import Tenant

import docs_commands
from omnisession_conformance.environment.access import VARIABLES
from omnisession_conformance.environment.config import load_config
from omnisession_conformance.environment.draws import HOUR_S, LONGEST_TOKENS_S
from omnisession_conformance.environment.fixture import Fixture
from omnisession_conformance.environment.users import DEFAULT_RIGHTS, ROLES, FixtureConfig
from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.environment.config import Config

PAGE = "reference/configuration.md"
UNKNOWN = "zzzzzzzz"
TABLES = {
    "broker": f"[broker]\n{UNKNOWN} = 1",
    "target": f"[target]\n{UNKNOWN} = 1",
    "cluster": f"[cluster]\n{UNKNOWN} = 1",
    "fixture": f"[fixture]\n{UNKNOWN} = 1",
    "users": f"[[fixture.users]]\n{UNKNOWN} = 1",
    "identities": f"[identities]\n{UNKNOWN} = 1",
    "hooks": f"[hooks]\n{UNKNOWN} = 1",
    "bounds": f"[bounds]\n{UNKNOWN} = 1",
    "claim": f"[claim]\n{UNKNOWN} = 1",
    "run": f"[run]\n{UNKNOWN} = 1",
}
"""A file with an unknown setting, by the section that tells the known ones."""


def load(folder: Path, text: str) -> Config:
    path = folder / "omnisession.toml"
    path.write_text(text, "utf-8")
    return load_config(path)


def known(folder: Path, text: str) -> list[str]:
    """The settings that the kit names when it is given one that it does not know."""
    with pytest.raises(UsageError) as caught:
        load(folder, text)
    match = re.search(r"known are (.*)$", str(caught.value))
    assert match is not None, str(caught.value)
    return match[1].split(", ")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_tells_all_settings(tmp_path: Path, name: str) -> None:
    assert sorted(named(section(PAGE, name))) == sorted(known(tmp_path, TABLES[name]))


def test_all_tables_are_told(tmp_path: Path) -> None:
    assert set(known(tmp_path, f"{UNKNOWN} = 1")) == TABLES.keys() - {"users"}


def test_the_examples_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN_SECRET", "a secret for the example")
    # The files that examples name lie in the folder that the kit is called in.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "secrets").mkdir(parents=True)
    (tmp_path / "data" / "secrets" / "server.creds").write_text(Tenant.new().credentials(), "utf-8")
    examples = [(page, block) for page, text in pages() for block in blocks(text, "toml")]
    assert len(examples) >= 4
    loaded = {block: load(tmp_path, block) for _, block in examples}
    assert any(config.fixture.secret for config in loaded.values())
    assert any(config.fixture.users for config in loaded.values())
    assert any(config.hooks for config in loaded.values())


def test_roles_are_told_with_their_permissions() -> None:
    text = section(PAGE, "Roles")
    assert [name for name in named(text) if name in ROLES] == list(ROLES)
    for role, permissions in DEFAULT_RIGHTS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{role}`"))
        told = re.findall("`([^`]*)`", row.split("|")[-2])
        assert tuple(told) == permissions


def test_claims_are_those_of_a_token() -> None:
    secret = "a-secret-that-is-long-enough-for-hs256"
    user = Fixture(FixtureConfig(secret=secret)).mint("case", "editor", 1)
    claims: dict[str, object] = jwt.decode(user.token, secret, algorithms=["HS256"])  # pyright: ignore[reportUnknownMemberType]
    assert set(named(section(PAGE, "Tokens"))) == claims.keys()
    assert (HOUR_S, LONGEST_TOKENS_S) == (3_600, 24 * 3_600)  # "1 to 24 hours ahead"


def test_variables_are_told() -> None:
    read = {
        option.envvar
        for command in docs_commands.commands().values()
        for option in docs_commands.options(command)
        if option.envvar
    }
    assert read <= set(named(section(PAGE, "Environment")))
    told = named(section(PAGE, "What a started server is told"))
    assert told[:2] == ["NATS_URL", "OMNISESSION_SECRET"]
    assert set(told) == VARIABLES | {"OMNISESSION_SECRET"}
    assert set(named(section(PAGE, "Environment"))) >= VARIABLES


def test_tables_are_read_as_they_stand() -> None:
    assert first_column("| A | B |\n|---|---|\n| `x`, `y` | z |\n") == ["`x`, `y`"]
    assert named("| A |\n|---|\n| `x`, `y` |\n") == ["x", "y"]

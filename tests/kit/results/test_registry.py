from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import yaml

from omnisession_conformance.protocol.areas import area_of, area_title
from omnisession_conformance.protocol.registry import (
    Registry,
    RegistryError,
    Requirement,
    UnknownRequirementError,
    load_registry,
)
from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTRY = """\
  - id: STATE-003
    level: MUST
    role: server
    profile: core
    title: "One state per kind after open"
    text: "A server MUST."
    spec: state.md#state-003
    since: "1.0"
    observe: "open"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "requirements").mkdir()
    (folder / "requirements" / "1.0.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_registry_of_the_protocol_is_whole() -> None:
    registry = load_registry()
    assert registry.version == "1.0"
    assert len(registry) > 100
    assert {r.level for r in registry} <= {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT"}
    assert all(r.spec.endswith(f"#{r.id.lower()}") for r in registry)
    assert all(area_title(area) != area for area in registry.areas)


def test_an_entry_names_the_faults_that_break_it(tmp_path: Path) -> None:
    named = ENTRY + "    faults: [late, not-at-all]\n"
    registry = load_registry(write(tmp_path, f"version: '1.0'\nrequirements:\n{named}"))
    assert registry["STATE-003"].faults == ("late", "not-at-all")


def cpu_s(read: Callable[[], object]) -> float:
    """What reading takes of this process, at best."""

    def once() -> float:
        started = time.process_time()
        read()
        return time.process_time() - started

    return min(once() for _ in range(3))


def test_it_is_read_fast_enough_for_every_start_of_the_command(tmp_path: Path) -> None:
    whole = (schemas_folder() / "requirements" / "1.0.yaml").read_text("utf-8")
    # The first fifty entries: a part is enough to compare the two.
    text = "  - id: ".join(whole.split("  - id: ")[:51])
    folder = write(tmp_path, text)
    assert len(load_registry.__wrapped__(folder)) == 50
    read = cpu_s(lambda: load_registry.__wrapped__(folder))
    read_in_python = cpu_s(lambda: yaml.safe_load(text))
    # The loader that is written in Python takes ten times as long as libyaml.
    assert read < read_in_python / 3


def test_entries_keep_their_order_and_know_their_area(tmp_path: Path) -> None:
    second = ENTRY.replace("STATE-003", "CTRL-001").replace("level: MUST", "level: SHOULD")
    registry = load_registry(write(tmp_path, f'version: "1.0"\nrequirements:\n{ENTRY}{second}'))
    assert [r.id for r in registry] == ["STATE-003", "CTRL-001"]
    assert registry.areas == ("STATE", "CTRL")
    assert registry.profiles == ("core",)
    assert [r.mandatory for r in registry] == [True, False]
    assert registry["STATE-003"].excluded is None
    assert "CTRL-001" in registry
    assert "CTRL-002" not in registry


def test_an_excluded_entry_keeps_its_reason(tmp_path: Path) -> None:
    entry = f'{ENTRY}    excluded: "no kit can see it"\n'
    registry = load_registry(write(tmp_path, f"requirements:\n{entry}"))
    assert registry["STATE-003"].excluded == "no kit can see it"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("STATE-03", "Did you mean .*STATE-003"),
        ("state-003", "Did you mean STATE-003"),
        ("Q", "list"),
    ],
)
def test_an_unknown_id_names_the_closest_ones(asked: str, told: str) -> None:
    with pytest.raises(UnknownRequirementError, match=told) as caught:
        load_registry()[asked]
    assert f"'{asked}'" in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("requirements: 5\n", "no list 'requirements'"),
        ("- just a list\n", "no list 'requirements'"),
        ("requirements: [\n", "no YAML"),
        ("requirements:\n  - id: X-001\n    level: MUST\n", "X-001 lacks role, profile"),
        (f"requirements:\n{ENTRY}{ENTRY}", "used twice: STATE-003"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RegistryError, match=told):
        load_registry(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"requirements.9\.9\.yaml"):
        load_registry(tmp_path, "9.9")


def test_areas_are_prefixes_with_a_name_for_people() -> None:
    assert area_of("STATE-003") == "STATE"
    assert area_title("CTRL") == "Control"
    assert area_title("NEWONE") == "Newone"


def test_an_empty_registry_has_no_areas() -> None:
    assert Registry("1.0", ()).areas == ()


def test_requirements_are_values() -> None:
    entry = dict.fromkeys(("id", "level", "role", "profile", "title", "text", "spec"), "x")
    entry |= {"since": "1.0", "observe": "so"}
    assert Requirement.of(entry, "here") == Requirement.of(entry, "there")

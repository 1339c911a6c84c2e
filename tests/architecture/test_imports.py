"""The two laws of the house are gates: each is broken once, on a copy, and the linter says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
SOURCES = ("conformance", "reference")
KIT = "conformance/omnisession_conformance"
TYPED = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from {module} import {name}\n"
"""What only a type checker imports is known all the same."""


def lint(sources: Path) -> subprocess.CompletedProcess[str]:
    """Lint copies of the packages by the contracts of this repository."""
    path = os.pathsep.join(str(sources / folder) for folder in SOURCES)
    return subprocess.run(
        [str(LINTER), "--no-cache", str(ROOT / "pyproject.toml")],
        cwd=sources,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of all packages that the contracts are about."""
    for folder in SOURCES:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_the_sources_keep_the_laws(sources: Path) -> None:
    ran = lint(sources)
    assert ran.returncode == 0, ran.stdout + ran.stderr


FORBIDDEN = {
    "the kit imports the reference": (
        f"{KIT}/protocol/broken.py",
        "from omnisession_reference.errors import Refusal\n",
        "omnisession_conformance.protocol.broken -> omnisession_reference.errors",
    ),
    "the kit imports the reference in a function": (
        f"{KIT}/cli/broken.py",
        "def late() -> None:\n    import omnisession_reference.store\n",
        "omnisession_conformance.cli.broken -> omnisession_reference.store",
    ),
    "the reference imports the kit": (
        "reference/omnisession_reference/broken.py",
        "from omnisession_conformance.protocol.subjects import tok\n",
        "omnisession_reference.broken -> omnisession_conformance.protocol.subjects",
    ),
    "the kit imports the client": (
        f"{KIT}/protocol/of_client.py",
        "from omnisession_client.kinds import KINDS\n",
        "omnisession_conformance.protocol.of_client -> omnisession_client.kinds",
    ),
    "the client imports the kit": (
        "reference/omnisession_client/broken.py",
        "from omnisession_conformance.protocol.model.digest import digest\n",
        "omnisession_client.broken -> omnisession_conformance.protocol.model.digest",
    ),
    "the server imports the client": (
        "reference/omnisession_reference/of_client.py",
        "from omnisession_client.kinds import KINDS\n",
        "omnisession_reference.of_client -> omnisession_client.kinds",
    ),
    "the client takes the server's slices": (
        "reference/omnisession_client/slices.py",
        "from omnisession_reference.kinds.chat_slice import ChatSlice\n",
        "omnisession_client.slices -> omnisession_reference.kinds.chat_slice",
    ),
    "the client imports its faults": (
        "reference/omnisession_client/of_faults.py",
        "from omnisession_client_faults.faults import FAULTS\n",
        "omnisession_client.of_faults -> omnisession_client_faults.faults",
    ),
    "a fault of the client imports the kit": (
        "reference/omnisession_client_faults/broken.py",
        "from omnisession_conformance.protocol.model.digest import digest\n",
        "omnisession_client_faults.broken -> omnisession_conformance.protocol.model.digest",
    ),
    "what is durable imports the kit": (
        "reference/omnisession_durable/broken.py",
        "from omnisession_conformance.protocol.model.digest import digest\n",
        "omnisession_durable.broken -> omnisession_conformance.protocol.model.digest",
    ),
    "the server in memory needs a journal": (
        "reference/omnisession_reference/of_journal.py",
        "from omnisession_durable.fold import Fold\n",
        "omnisession_reference.of_journal -> omnisession_durable.fold",
    ),
    "what is durable knows a fault": (
        "reference/omnisession_durable/of_faults.py",
        "from omnisession_faults.faults import FAULTS\n",
        "omnisession_durable.of_faults -> omnisession_faults.faults",
    ),
    "an import goes up": (
        f"{KIT}/traffic/broken.py",
        "from omnisession_conformance.engine.case import Case\n",
        "omnisession_conformance.traffic.broken -> omnisession_conformance.engine.case",
    ),
    "a type from above": (
        f"{KIT}/engine/broken.py",
        TYPED.format(module="omnisession_conformance.roles.server.context", name="Context"),
        "omnisession_conformance.engine.broken -> omnisession_conformance.roles.server.context",
    ),
    "a folder outside the layers": (
        f"{KIT}/attic/__init__.py",
        '"""A folder that no layer names."""\n',
        "not listed as layers: - omnisession_conformance.attic",
    ),
}
"""A file, what stands in it, and how the linter tells what is wrong with it."""


def test_each_forbidden_import_is_refused(sources: Path) -> None:
    # The linter reads all packages anew each time, and names everything that it finds.
    for file, text, _ in FORBIDDEN.values():
        place = sources / file
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    ran = lint(sources)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    broken = " ".join(ran.stdout.partition("Broken contracts")[2].split())
    assert [what for what, (_, _, told) in FORBIDDEN.items() if told not in broken] == []

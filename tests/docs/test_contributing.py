"""What the pages for contributors say of the tree is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.docs.pages import DOCS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted((DOCS / "contributing").glob("*.md"))
KIT = ROOT / "conformance" / "omnisession_conformance"
REFERENCE = ROOT / "reference"
FOLDERS = ("schemas", "docs", "tests", "tools", "conformance", "reference", "implementations")
PATH = re.compile(r"`([A-Za-z_./…<>-]+/[A-Za-z_.…<>*/-]*|[a-z_]+\.py)`")
MADE_UP = ("todo", "subj")
"""Names that stand for what a reader is going to add."""


def paths(text: str) -> list[str]:
    """What looks like a path of this repository; kit, client and simulation have theirs below folders."""
    return [
        p.replace("…", "*").replace("<area>", "*").replace("<role>", "*")
        for p in PATH.findall(text)
    ]


def is_there(path: str) -> bool:
    head = path.partition("/")[0]
    if path.startswith("conformance/*"):
        return any(KIT.glob(path.removeprefix("conformance/*").strip("/") or "*"))
    below = [
        KIT,
        REFERENCE,
        REFERENCE / "omnisession_client",
        REFERENCE / "omnisession_client_faults",
        REFERENCE / "omnisession_deployments",
        REFERENCE / "omnisession_durable",
        ROOT / "tests" / "simulation",
        ROOT / "tests" / "simulation" / "durable",
    ]
    roots = [ROOT] if head in FOLDERS else [*below, *KIT.glob("*"), *KIT.glob("*/*")]
    return any(root.is_dir() and any(root.glob(path.strip("/"))) for root in roots)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_paths_lead_somewhere(page: Path) -> None:
    named = [p for p in paths(page.read_text("utf-8")) if not any(word in p for word in MADE_UP)]
    assert [path for path in named if not is_there(path)] == []

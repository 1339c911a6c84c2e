"""The site builds strictly, stands on its own, and shows what the pages promise."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.docs.pages import DOCS, ROOT

from docs_hooks import drawings, normal
from omnisession_conformance.protocol.registry import load_registry

if TYPE_CHECKING:
    from pathlib import Path

# Whatever a browser fetches by itself; links that a reader may follow are no matter.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\s(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|@import\s+(?:url\()?[\"']?((?:https?:)?//[^\"')]+)|url\([\"']?((?:https?:)?//[^\"')]+)"
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; --quiet would hide the warnings that --strict counts."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def read(site: Path, page: str) -> str:
    return (site / page / "index.html").read_text("utf-8")


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    fetched = {
        (path.name, url)
        for path in files
        for match in FETCHED.finditer(path.read_text("utf-8"))
        for url in filter(None, match.groups())
    }
    assert files
    assert fetched == set()


def test_labels_of_requirements_are_anchors_with_links(site: Path) -> None:
    for requirement in load_registry():
        page, _, anchor = requirement.spec.partition("#")
        html = read(site, f"spec/{page.removesuffix('.md')}")
        link = f'<a href="../../reference/requirements/#{anchor}">{requirement.id}</a>'
        assert f'<strong class="req" id="{anchor}">{link}</strong>' in html


def test_every_requirement_can_be_searched(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text("utf-8"))
    places = {entry["location"] for entry in index["docs"]}
    wanted = {f"reference/requirements/#{r.id.lower()}" for r in load_registry()}
    assert wanted <= places


def test_schemas_are_served_where_their_ids_point(site: Path) -> None:
    patterns = ("v1/*.json", "kit/*.json", "testee/*/*.json", "vectors/*.schema.json")
    paths = [path for pattern in patterns for path in (ROOT / "schemas").glob(pattern)]
    assert paths
    for path in paths:
        served = site / path.relative_to(ROOT)
        assert served.read_bytes() == path.read_bytes()
        if "$id" in (schema := json.loads(path.read_text("utf-8"))):
            assert schema["$id"] == f"https://omnisession.dev/{path.relative_to(ROOT).as_posix()}"


def test_diagrams_are_drawn(site: Path) -> None:
    pages = [p for p in DOCS.rglob("*.md") if "```mermaid" in p.read_text("utf-8")]
    assert pages
    for page in pages:
        html = read(site, page.relative_to(DOCS).with_suffix("").as_posix())
        assert "language-mermaid" not in html
        assert '<figure class="diagram">' in html


def test_every_drawing_is_of_a_diagram() -> None:
    texts = [p.read_text("utf-8") for p in DOCS.rglob("*.md")]
    blocks = {normal(b) for t in texts for b in re.findall(r"```mermaid\n(.*?)```", t, re.DOTALL)}
    known = drawings(DOCS / "assets" / "diagrams")
    assert known.keys() == blocks
    assert all(
        "http" not in svg.replace("http://www.w3.org/2000/svg", "") for svg in known.values()
    )


def test_examples_can_be_downloaded(site: Path) -> None:
    assert (site / "guides/examples/server.py").is_file()
    assert (site / "guides/examples/bodies.py").is_file()
    assert not (site / "guides/examples/ruff.toml").exists()

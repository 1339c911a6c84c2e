"""The build of the docs fails on what leads nowhere and on what nobody finds, and names the page."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner
from mkdocs.__main__ import cli
from tests.docs.pages import ROOT

from docs_links import unchecked, unlisted

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = (ROOT / "mkdocs.yml").read_text("utf-8")
PAGES = {
    "index.md": "# Home\n\n[Guides](guides/index.md), [rules](spec/index.md), [list](list.md)\n",
    "list.md": "# List\n\n## CTRL-001 { #ctrl-001 }\n\nIt MUST.\n",
    "guides/index.md": "# Guides\n\n- [One](one.md)\n- [Two](two.md#how)\n",
    "guides/one.md": "# One\n\n## Why\n\n[Two][two], ![drawn](../drawn.svg)\n\n[two]: two.md\n",
    "guides/two.md": "# Two\n\n## How\n\n[back](one.md#why), `[code]`, \\[brackets\\]\n",
    "spec/index.md": "# Rules\n\n[One](../guides/one.md#why) says more.\n",
    "drawn.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
}
NAV = [
    {"Home": "index.md"},
    {"List": "list.md"},
    {"Guides": ["guides/index.md", "guides/one.md", "guides/two.md"]},
    {"Rules": ["spec/index.md"]},
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Text that a page ends with, or pages that the navigation has; and what the build says of it."""

    page: str
    text: str
    told: str
    in_nav: bool = True


LABEL = "\n**CTRL-009**{ #ctrl-009 .req } A server MUST.\n"
FAULTS = {
    "a page": Fault("guides/one.md", "[x](nowhere.md)", "'guides/nowhere.md' is not found"),
    "a page, from an index": Fault("guides/index.md", "[x](no.md)", "'guides/no.md' is not found"),
    "a page, by its address": Fault("guides/one.md", "[x](../two/)", "link '../two/'"),
    "a page, from the root": Fault("guides/one.md", "[x](/guides/two.md)", "absolute link"),
    "a folder": Fault("guides/one.md", "[x](../spec/)", "link '../spec/'"),
    "a picture": Fault("guides/two.md", "![x](../gone.svg)", "'gone.svg' is not found"),
    "a file": Fault("guides/two.md", "[x](examples/gone.py)", "gone.py' is not found"),
    "a schema": Fault("list.md", "[x](../schemas/v1/gone.json)", "gone.json'"),
    "a section": Fault("guides/one.md", "[x](two.md#gone)", "anchor '#gone'"),
    "a section, from an index": Fault("guides/index.md", "[x](one.md#gone)", "anchor '#gone'"),
    "a section of its own": Fault("guides/one.md", "[x](#gone)", "no such anchor on this page"),
    "a requirement": Fault("list.md", "[x](spec/index.md#ctrl-002)", "anchor '#ctrl-002'"),
    "a label without an entry": Fault("spec/index.md", LABEL, "requirements.md"),
    "what a reference defines": Fault("guides/one.md", "[x][y]\n\n[y]: no.md", "no.md' is not"),
    "a reference that is not there": Fault("guides/one.md", "[x][gone]", "'[x][gone]'"),
    "a link in HTML": Fault("guides/one.md", '<a href="../no/">x</a>', '<a href="../no/">'),
    "a picture in HTML": Fault("guides/one.md", "<img src='no.png'>", "<img src='no.png'>"),
    "a page outside nav": Fault("guides/new.md", "# New\n", "not included in the", in_nav=False),
    "a page outside its index": Fault("guides/new.md", "# New\n", "'guides/index.md'"),
    "a page outside the home page": Fault("new.md", "# New\n", "'index.md'"),
    "an index outside the home page": Fault("new/index.md", "# New\n", "'index.md'"),
    "an entry of nav without a page": Fault("guides/new.md", "", "not found in the"),
}


def site(folder: Path, fault: Fault | None = None) -> Path:
    """The settings of this project with a few pages; `fault` is put into them."""
    pages = dict(PAGES)
    nav: list[object] = list(NAV)
    if fault is not None and fault.page not in pages and fault.in_nav:
        nav.append(fault.page)
    if fault is not None and fault.text:
        pages[fault.page] = f"{pages.get(fault.page, '')}\n{fault.text}\n"
    for path, text in pages.items():
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_text(text, "utf-8")
    settings = yaml.safe_load(SETTINGS)
    # The looks cost a second, and have no say in this.
    settings |= {"nav": nav, "theme": {"name": "mkdocs"}, "plugins": [], "extra_css": []}
    settings["hooks"] = [str(ROOT / path) for path in settings["hooks"]]
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
    return folder / "mkdocs.yml"


def built(settings: Path) -> tuple[int, str]:
    """Build strictly; the exit code and what was said."""
    done = CliRunner().invoke(cli, ["build", "--strict", "--config-file", str(settings)])
    return done.exit_code, done.output


def test_without_a_fault_it_is_built(tmp_path: Path) -> None:
    code, said = built(site(tmp_path))
    assert code == 0, said
    assert "WARNING" not in said


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_the_build_and_names_the_page(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    code, said = built(site(tmp_path, fault))
    assert code == 1, said
    warnings = said.split("WARNING -  ")[1:]
    assert all(fault.page in warning for warning in warnings), said
    assert any(fault.told in warning for warning in warnings), said


@pytest.mark.parametrize(
    "text",
    [
        "`[code]` and ``[more`]`` and `<a href='x'>`",
        "```text\n[code][gone] <img src='x'>\n```",
        "~~~~\n```\n[code]\n~~~~",
        r"\[brackets\], a list a[\], a < b",
        "[Two][two], [two][], [two], [`two`][Two]\n\n[two]: two.md",
        "[![drawn](drawn.svg)](one.md) and [a `span`](two.md)",
        "[a\nlong one][two\nwords]\n\n[Two words]: two.md",
    ],
)
def test_what_is_no_link_or_a_right_one_is_left_alone(text: str) -> None:
    assert list(unchecked(text)) == []


def test_an_index_page_lists_what_is_below_it() -> None:
    pages = {
        "index.md": ("./", '<a href="a/">A</a>'),
        "a/index.md": ("a/", '<a class="x" href="one/#why">One</a> <a href="deep/two/">Two</a>'),
        "a/one.md": ("a/one/", ""),
        "a/deep/two.md": ("a/deep/two/", ""),
        "a/deep/three.md": ("a/deep/three/", ""),
    }
    assert list(unlisted(pages)) == [("a/deep/three.md", "a/index.md")]


@pytest.mark.dear
def test_make_docs_fails_on_a_copy_with_faults(tmp_path: Path) -> None:
    """The target itself, on all pages of this project: whatever calls mkdocs must count warnings."""
    for folder in ("docs", "schemas", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    with (tmp_path / "docs" / "guides" / "check.md").open("a", encoding="utf-8") as page:
        page.write("\n[one](nowhere.md) [two](report.md#nowhere)\n")
    (tmp_path / "docs" / "guides" / "orphan.md").write_text("# Nobody's\n", "utf-8")
    (tmp_path / "mkdocs.yml").write_text(SETTINGS, "utf-8")
    done = make_docs(tmp_path / "mkdocs.yml")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "'guides/check.md' contains a link 'nowhere.md'" in said
    assert "'guides/check.md' contains a link 'report.md#nowhere'" in said
    assert "  - guides/orphan.md" in said
    assert "Aborted with 4 warnings" in said


def test_make_docs_says_nothing_of_a_site_that_is_well(tmp_path: Path) -> None:
    done = make_docs(site(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "INFO" not in done.stdout


def make_docs(settings: Path) -> subprocess.CompletedProcess[str]:
    """Call `make docs` for a site elsewhere, with the environment that runs the tests."""
    make = shutil.which("make")
    assert make is not None
    return subprocess.run(
        [make, "--silent", "--old-file=.venv/.ready", "docs", f"MKDOCS_YML={settings}"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

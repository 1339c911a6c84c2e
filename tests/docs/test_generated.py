"""Generated pages are what they are made from, and stay so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.core.toy_role import ToyRole, registry

import docs_pages
import docs_registry
from docs_examples import sections
from docs_markdown import DocsError, code, fill, named_parts, plain, table
from docs_schemas import NOTE
from omnisession_conformance import suite
from omnisession_conformance.engine.plan import Catalogue

if TYPE_CHECKING:
    from pathlib import Path

PART = "<!-- generated: part -->\n{}<!-- end of generated -->\n"


def test_the_pages_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    code_ = docs_pages.main(["--check"])
    said = capsys.readouterr()
    assert code_ == 0, said.out + said.err


def test_a_part_is_filled_and_filled_again() -> None:
    page = f"# Title\n\n{PART.format('')}\nafter\n"
    once = fill("a.md", page, {"part": "one\ntwo\n"})
    assert once == page.replace("-->\n<", "-->\n\none\ntwo\n\n<")
    assert fill("a.md", once, {"part": "one\ntwo\n"}) == once
    assert fill("a.md", once, {"part": "three"}) == page.replace("-->\n<", "-->\n\nthree\n\n<")
    assert named_parts(once) == ("part",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PART.format("").replace("part", "other"), "there is no generated part 'other'"),
        ("<!-- generated: part -->\n", "'part' is not ended"),
        ("<!-- generated: part -->\n<!-- generated: part -->\n", "'part' is not ended"),
        ("<!-- end of generated -->\n", "ends nothing"),
    ],
)
def test_comments_that_do_not_fit(text: str, told: str) -> None:
    with pytest.raises(DocsError, match=told):
        fill("a.md", text, {"part": ""})


def test_what_binds_others_than_servers_is_told_apart() -> None:
    role = ToyRole()
    kit = Catalogue(registry(), (suite.server.role(), role))
    parts = docs_registry.parts(kit)
    own = len(kit.of(role.name).registry)
    rows = {row.split(" | ")[0]: row for row in parts["requirement-counts"].splitlines()}
    assert f" | {len(kit.of('server').registry)} | " in rows["| all of servers"]
    assert f" | {own} | {own} | " in rows[f"| all of {role.name}s"]
    assert f"of {own} requirements of {role.name}s: " in parts["check-counts"]
    assert "· profile `client:core` · binds clients ·" in parts["requirements"]
    assert "· profile `core` · binds servers ·" in parts["requirements"]


def test_a_part_that_no_page_shows(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PART.format(""))
    with pytest.raises(DocsError, match="no page shows the generated parts forgotten"):
        docs_pages.wanted(tmp_path, {"part": "", "forgotten": ""}, {})


def test_pages_are_written_and_removed(tmp_path: Path) -> None:
    old = tmp_path / "old.md"
    old.write_text(f"{NOTE}\n\n# Of a schema that is gone\n")
    wanted = docs_pages.wanted(tmp_path, {}, {"sub/new.md": "text\n"})
    assert docs_pages.differing(wanted) == [tmp_path / "sub" / "new.md", old]
    for path, text in wanted.items():
        docs_pages.write(path, text)
    assert [p.name for p in tmp_path.rglob("*.md")] == ["new.md"]
    assert docs_pages.differing(docs_pages.wanted(tmp_path, {}, {"sub/new.md": "text\n"})) == []


def test_texts_are_shown_as_they_are() -> None:
    assert plain("a*b <c> [d] `e*f` _INBOX.x snake_case {user_id} { #x }") == (
        r"a\*b \<c\> \[d\] `e*f` \_INBOX.x snake_case {user_id} \{ #x }"
    )
    assert code("a`b") == "``a`b``"
    assert table(("A", "B"), [("x|y", "`x|y`\nz")]) == (
        "| A | B |\n|---|---|\n| x\\|y | `x|y`<br>z |"
    )


def test_sections_of_an_example() -> None:
    text = "import x\n\n    # [one]\n    def a():  # noqa: A\n        pass\n\n    # [end]\nrest\n"
    assert sections("f.py", text) == {"one": "def a():\n    pass"}


@pytest.mark.parametrize(
    "text", ["# [one]\n", "# [end]\n", "# [one]\n# [two]\n", "# [one]\n# [end]\n# [one]\n# [end]\n"]
)
def test_sections_that_do_not_fit(text: str) -> None:
    with pytest.raises(DocsError, match=r"f\.py"):
        sections("f.py", text)

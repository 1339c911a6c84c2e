"""Every way in which pages, registry and checks can differ is found, and named with its place."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import spec_lint
from spec_lint import Finding, lint_checks, lint_pages, lint_registry, requirement_words
from spec_source import Entry, Page, read_page

if TYPE_CHECKING:
    from pathlib import Path

SENTENCE = "A server MUST count `x` once."
LABELLED = f"**ABC-001**{{ #abc-001 .req }} {SENTENCE}"
REGISTRY_FILE = "schemas/requirements/1.0.yaml"


def page(text: str, name: str = "a.md") -> Page:
    return read_page(name, text)


def entry(
    id_: str = "ABC-001",
    *,
    line: int = 5,
    level: str = "MUST",
    text: str = SENTENCE,
    spec: str = "a.md#abc-001",
    excluded: str = "",
) -> Entry:
    return Entry(line, id_, level, text, spec, excluded)


def messages(findings: list[Finding]) -> list[str]:
    return [f"{f.line}: {f.message}" for f in findings]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("must, should, may", ()),
        ("A MUST NOT and a MUST", ("MUST NOT", "MUST")),
        ("SHALL NOT, SHOULD, NOT RECOMMENDED", ("SHALL NOT", "SHOULD", "NOT RECOMMENDED")),
        ("REQUIRED, OPTIONAL or MAY.", ("REQUIRED", "OPTIONAL", "MAY")),
        ("`MUST` and ``a ` MAY``", ()),
        ("MUSTARD, A_MUST, MUST-have", ()),
        ('"MUST"', ("MUST",)),
    ],
)
def test_requirement_words_are_found_outside_code(text: str, words: tuple[str, ...]) -> None:
    assert requirement_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "A server MUST.",
        "words before\nand it MAY.",
        "- an item that SHOULD",
        "| a | REQUIRED |",
        "## What you MUST know",
        "> quoted, and still a MUST",
        "!!! note\n    A server SHALL.",
    ],
)
def test_an_unlabelled_requirement_word_is_found(text: str) -> None:
    (finding,) = lint_pages([page(f"# Title\n\n{text}")])
    assert finding.file == "docs/spec/a.md"
    assert finding.line >= 3
    assert "outside a labelled block" in finding.message


@pytest.mark.parametrize(
    "text", [LABELLED, f"{LABELLED} It MAY wait.", "```\nMUST\n```", "`MUST` is a word"]
)
def test_labelled_blocks_and_code_are_free(text: str) -> None:
    assert lint_pages([page(text)]) == []


def test_quoted_words_are_free_on_the_page_that_defines_them_only() -> None:
    text = 'The words "MUST" and “MAY” mean something.'
    assert lint_pages([page(text, "index.md")]) == []
    assert len(lint_pages([page(text, "a.md")])) == 1
    assert len(lint_pages([page(f"{text} You MUST know.", "index.md")])) == 1


def test_a_label_in_the_middle_of_a_paragraph_frees_nothing() -> None:
    assert len(lint_pages([page(f"Words. {LABELLED}")])) == 1


def test_a_label_that_is_written_wrongly_is_found() -> None:
    (finding,) = lint_pages([page("**ABC-001** A server counts.")])
    assert finding.message.startswith("a label is written")


def test_a_label_with_the_anchor_of_another_is_found() -> None:
    found = lint_pages([page(LABELLED.replace("#abc-001", "#abc-002"))])
    assert messages(found) == ["1: the anchor of ABC-001 is #abc-002: write #abc-001"]


def test_a_label_that_stands_twice_is_found_at_its_second_place() -> None:
    found = lint_pages([page(LABELLED), page(f"\n\n{LABELLED}", "b.md")])
    assert [(f.file, f.line) for f in found] == [("docs/spec/b.md", 3)]
    assert "labelled twice" in found[0].message


def test_a_page_that_is_equal_to_its_registry_is_clean() -> None:
    wrapped = LABELLED.replace("count", "count\n")
    for text in (LABELLED, wrapped, f"{LABELLED} More words. It MAY wait."):
        assert lint_registry([page(text)], [entry()]) == []


def test_a_label_without_an_entry_is_found() -> None:
    found = lint_registry([page(f"\n{LABELLED}")], [])
    assert found == [Finding("docs/spec/a.md", 2, f"ABC-001 is not in {REGISTRY_FILE}")]


def test_an_entry_without_a_label_is_found() -> None:
    found = lint_registry([page("no label")], [entry()])
    assert found == [Finding(REGISTRY_FILE, 5, "ABC-001 has no label on a page of docs/spec")]


@pytest.mark.parametrize(
    "sentence",
    [
        "A server MUST count `x` twice.",
        "A server MUST count x once.",
        "A server MUST",
        f"{SENTENCE}.",
    ],
)
def test_a_text_that_differs_is_found_where_it_differs(sentence: str) -> None:
    found = lint_registry([page(LABELLED.replace(SENTENCE, sentence))], [entry()])
    assert [f.file for f in found] == ["docs/spec/a.md"]
    assert "differs from the registry after" in found[0].message


def test_the_difference_is_shown() -> None:
    found = lint_registry([page(LABELLED.replace("once", "twice"))], [entry()])
    message = (
        "1: ABC-001 differs from the registry after 'A server MUST count `x` ': "
        "the registry goes on 'once.', the page 'twice.'"
    )
    assert messages(found) == [message]


def test_a_second_requirement_in_a_labelled_block_is_found() -> None:
    found = lint_registry([page(f"{LABELLED} It SHOULD hurry.")], [entry()])
    assert messages(found) == [
        "1: ABC-001: SHOULD after the sentence of the registry needs a label of its own"
    ]


@pytest.mark.parametrize("spec", ["b.md#abc-001", "a.md#abc-002", "a.md", ""])
def test_an_entry_that_points_elsewhere_is_found(spec: str) -> None:
    found = lint_registry([page(LABELLED)], [entry(spec=spec)])
    assert messages(found) == [f"5: ABC-001 points to {spec}, but stands at a.md#abc-001"]


def test_an_id_that_is_used_twice_is_found_at_its_second_entry() -> None:
    found = lint_registry([page(LABELLED)], [entry(), entry(line=9)])
    assert messages(found) == ["9: ABC-001 is used twice"]


@pytest.mark.parametrize(
    ("level", "text", "why"),
    [
        ("MUST", "A server counts.", "its text does not say MUST"),
        ("MUST", "A server MUST NOT count.", "its text does not say MUST"),
        ("MUST NOT", "A server MUST count.", "its text does not say MUST NOT"),
        ("SHOULD", "It SHOULD count and MUST add.", "its text also says MUST"),
        ("MAY", "It MAY count.", "it is one of MUST, MUST NOT, SHOULD, SHOULD NOT"),
    ],
)
def test_a_level_that_the_text_does_not_have_is_found(level: str, text: str, why: str) -> None:
    pages = [page(f"**ABC-001**{{ #abc-001 .req }} {text}")]
    (found,) = lint_registry(pages, [entry(level=level, text=text)])
    assert why in found.message


def test_checks_of_every_requirement_are_clean() -> None:
    registry = [entry(), entry("ABC-002"), entry("ABC-003", excluded="cannot be seen")]
    assert lint_checks(registry, ["ABC-001@sweep", "ABC-001@a-case", "ABC-002@a-case"]) == []


def test_a_requirement_without_a_check_or_a_reason_is_found() -> None:
    found = lint_checks([entry()], [])
    assert messages(found) == [
        "5: ABC-001 has no check: write one, or say in 'excluded' why none can exist"
    ]


def test_a_check_without_a_requirement_is_found() -> None:
    found = lint_checks([entry()], ["ABC-001@sweep", "ABC-009@a-case"])
    assert messages(found) == [
        "0: the check ABC-009@a-case judges ABC-009, which is no requirement"
    ]


def test_an_excluded_requirement_with_a_check_is_found() -> None:
    found = lint_checks([entry(excluded="cannot be seen")], ["ABC-001@sweep"])
    assert messages(found) == [
        "5: ABC-001 is excluded, but has the check ABC-001@sweep: drop one of them"
    ]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docs/spec").mkdir(parents=True)
    (tmp_path / "docs/spec/a.md").write_text(f"# A\n\n{LABELLED}\n", "utf-8")
    (tmp_path / "schemas/requirements").mkdir(parents=True)
    (tmp_path / REGISTRY_FILE).write_text(
        f'requirements:\n  - id: ABC-001\n    level: MUST\n    text: "{SENTENCE}"\n'
        "    spec: a.md#abc-001\n",
        "utf-8",
    )
    return tmp_path


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that a stand-in for the kit lists."""
    names = ["ABC-001@sweep"]
    suite = ModuleType("omnisession_conformance.suite")
    suite.__dict__["checks"] = lambda: iter(names)
    monkeypatch.setitem(sys.modules, suite.__name__, suite)
    return names


def test_a_clean_checkout_exits_with_0(
    checkout: Path, kit: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kit
    assert spec_lint.main(["--root", str(checkout)]) == 0
    assert capsys.readouterr().out == ""


def test_findings_are_printed_in_order_with_their_places(
    checkout: Path, kit: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "docs/spec/b.md").write_text("One MUST.\n\nTwo MUST.\n", "utf-8")
    kit.append("ABC-002@a-case")
    assert spec_lint.main(["--root", str(checkout)]) == 1
    places = [line.rpartition(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert [place.partition(": ")[0] for place in places] == [
        "docs/spec/b.md:1",
        "docs/spec/b.md:3",
        "schemas/requirements/1.0.yaml:0",
    ]


def test_the_kit_can_be_left_out(checkout: Path, kit: list[str]) -> None:
    kit.append("ABC-002@a-case")
    assert spec_lint.main(["--root", str(checkout), "--pages-only"]) == 0


def test_a_kit_that_cannot_be_read_is_a_finding(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "omnisession_conformance.suite", None)
    assert spec_lint.main(["--root", str(checkout)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("conformance/omnisession_conformance/suite:0: the kit's checks cannot")
    assert "--pages-only" in out


@pytest.mark.parametrize("content", [None, "a: ["])
def test_a_registry_that_cannot_be_read_is_a_finding(
    checkout: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkout / REGISTRY_FILE
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    assert spec_lint.main(["--root", str(checkout)]) == 1
    assert capsys.readouterr().out.startswith(f"{REGISTRY_FILE}:0: ")


def test_a_checkout_without_pages_is_not_clean(checkout: Path, kit: list[str]) -> None:
    (checkout / "docs/spec/a.md").unlink()
    (checkout / REGISTRY_FILE).write_text("requirements: []\n", "utf-8")
    kit.clear()
    assert spec_lint.main(["--root", str(checkout)]) == 1

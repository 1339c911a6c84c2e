"""The HTML report in a real browser: what its script shows for an address, and that nothing else runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.chromium import dump_dom, in_frames, run
from tests.kit.report.dom import Element, parse
from tests.kit.report.samples import HOSTILE, failures, finding, hostile, results, seen, verdicts

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.html import html

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("chromium")


def shown(page: Element) -> list[str]:
    """The requirements that are to be seen."""
    return [
        card.attributes["id"]
        for group in page.all("section", cls="group")
        if not group.hidden
        for card in group.all("details", cls="requirement")
        if not card.hidden
    ]


FILTERS: dict[str, list[str]] = {
    "#status=FAIL,WARN&area=ERR": ["ERR-005", "ERR-004"],
    "#level=SHOULD": ["ERR-004"],
    "#level=MUST&area=ERR": ["ERR-005"],
    "#status=NOT_RUN": ["RESUME-004", "LIMIT-005", "SEC-009"],
    "#q=chat,%20then%20ARTICLES": ["STATE-003"],
    "#q=panic&status=FAIL": ["ERR-005", "ACTION-001"],
    "#status=NO_SUCH_THING": [],
}
ADDRESSES = (
    "",
    "#status=FAIL",
    "#status=FAIL&area=STATE",
    "#status=FAIL&area=ERR",
    "#%E0%A4%A",
    "#CTRL-001",
)


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Element]:
    """The page at several addresses, all in one start of the browser."""
    folder = tmp_path_factory.mktemp("addressed")
    page = folder / "report.html"
    page.write_text(html(failures()), "utf-8", newline="\n")
    fragments = [*FILTERS, *ADDRESSES]
    told = in_frames(page, fragments, width=1200, told="page.outerHTML")
    return {f: parse(str(dom)) for f, dom in zip(fragments, told, strict=True)}


@pytest.mark.dear
def test_without_a_filter_all_is_shown(addressed: dict[str, Element]) -> None:
    page = addressed[""]
    assert len(shown(page)) == 11
    assert not page.one("form", id="filters").hidden
    assert page.one("output").text == "11 requirements"
    assert page.one("a", id="clear").hidden


def test_a_filter_by_fail_leaves_failures_only(addressed: dict[str, Element]) -> None:
    page = addressed["#status=FAIL"]
    assert shown(page) == ["STATE-003", "ERR-005", "ACTION-001"]
    assert page.one("output").text == "3 of 11 requirements"
    titles = [s.all("h3")[0].text for s in page.all("section", cls="group") if not s.hidden]
    assert titles == ["Failures 3"]
    assert not page.one("a", id="clear").hidden


def test_a_failure_is_open_and_links_into_the_specification(addressed: dict[str, Element]) -> None:
    page = addressed["#status=FAIL&area=STATE"]
    assert shown(page) == ["STATE-003"]
    card = page.one("details", id="STATE-003")
    assert card.open
    link = card.one("a", cls="spec")
    assert link.attributes["href"] == "https://omnisession.dev/spec/state/#state-003"
    assert link.text == "docs/spec/state.md#state-003"
    assert [b.text for b in card.all("button")] == ["Copy"] * len(card.all(cls="command"))


@pytest.mark.parametrize("fragment", FILTERS)
def test_filters_are_read_from_the_address(fragment: str, addressed: dict[str, Element]) -> None:
    assert shown(addressed[fragment]) == FILTERS[fragment]


def test_an_address_that_is_no_filter_shows_all(addressed: dict[str, Element]) -> None:
    assert len(shown(addressed["#%E0%A4%A"])) == 11


def test_an_address_of_a_requirement_opens_it(addressed: dict[str, Element]) -> None:
    page = addressed["#CTRL-001"]
    assert len(shown(page)) == 11
    assert page.one("details", id="CTRL-001").open
    assert not page.one("details", id="SEC-009").open


def test_links_set_filters(addressed: dict[str, Element]) -> None:
    page = addressed["#status=FAIL&area=ERR"]
    chips = {c.attributes["data-status"]: c for c in page.all("a", cls="chip")}
    assert chips["FAIL"].attributes["href"] == "#area=ERR"
    assert chips["FAIL"].attributes["aria-current"] == "true"
    assert chips["WARN"].attributes["href"] == "#status=FAIL,WARN&area=ERR"
    assert chips["WARN"].text.split() == ["WARN", "1"]
    assert chips["PASS"].text.split() == ["PASS", "0"]
    cells = [a.attributes["href"] for a in page.one("table").all("a")]
    assert "#area=STATE" in cells
    assert "#status=FAIL&area=STATE" in cells
    assert "#status=HARNESS,INCONCLUSIVE" in cells


def test_nothing_that_a_target_said_runs(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(hostile()), "utf-8", newline="\n")
    page = parse(re.sub(r"\A<!DOCTYPE html>", "", dump_dom(file), flags=re.IGNORECASE))
    assert len(page.all("script")) == 1
    assert page.one("title").text.startswith("NOT CONFORMANT")
    assert not page.all(id="pwned")
    assert HOSTILE in page.one("details", id="STATE-003").text


@pytest.mark.dear
def test_the_policy_of_the_page_lets_no_other_script_run(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    inner = (
        "<script>document.title = 'pwned'</script><img src=x onerror=\"document.title='pwned'\">"
    )
    text = html(failures()).replace("</footer>", f"</footer>{inner}")
    page.write_text(text, "utf-8", newline="\n")
    assert parse(dump_dom(page)[15:]).one("title").text.startswith("NOT CONFORMANT")


@pytest.mark.dear
def test_it_prints(tmp_path: Path) -> None:
    page, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(html(failures()), "utf-8", newline="\n")
    run(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri())
    assert printed.read_bytes().startswith(b"%PDF-")


@pytest.mark.dear
def test_no_text_makes_the_page_wider_than_a_phone(tmp_path: Path) -> None:
    long = seen(Status.FAIL, finding("x" * 400, "y" * 400, 2, pointer="/" + "z" * 200))
    page = tmp_path / "report.html"
    page.write_text(html(results(verdicts({"STATE-003@open-order": long}))), "utf-8")
    told = "[page.clientWidth, page.scrollWidth]"
    for width, inner in in_frames(page, ["", "#q=x"], width=390, told=told):
        assert inner <= width <= 390

"""summary.md, read as GitHub reads it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.kit.report.dom import Element, parse
from tests.kit.report.samples import (
    HOSTILE,
    SAMPLES,
    SECRET,
    TOKEN,
    aborted,
    all_green,
    failures,
    green_small_server,
    hostile,
    many_failures,
)
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.report.markdown import code, escaped, fenced, markdown, table
from omnisession_conformance.report.text import one_line, quoted

GREEN_LINES = 60


def read(text: str) -> Element:
    return parse(MarkdownIt("commonmark").enable("table").render(text))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_verdict_is_its_title(name: str) -> None:
    text = markdown(SAMPLES[name]())
    found = SAMPLES[name]().settled()
    title = read(text).all("h2")[0].text
    assert title.startswith("Omnisession 1.0: ")
    assert ("CONFORMANT" in title.replace("NOT CONFORMANT", "")) == found.end.conformant
    assert SECRET not in text
    assert TOKEN[:20] not in text


@pytest.mark.parametrize("name", ["all-green", "green-small-server", "failures", "aborted"])
def test_it_reads_as_it_was_reviewed(name: str) -> None:
    matches_snapshot(f"{name}.md", markdown(SAMPLES[name]()))


def test_a_green_run_is_short() -> None:
    assert all_green().end.exit_code == Exit.CONFORMANT
    areas = len(load_registry().areas)
    for found in (all_green(), green_small_server()):
        shown = len({r.area for r in found.requirements})
        assert markdown(found).count("\n") + areas - shown <= GREEN_LINES


def test_a_failure_tells_what_was_seen_and_how_to_run_it_again() -> None:
    page = read(markdown(failures()))
    cells = [td.text for td in page.all("td")]
    assert cells[cells.index("articles, then chat") + 1] == "chat, then articles"
    assert "omnisession check --only STATE-003@open-order\n" in [e.text for e in page.all("code")]
    links = {a.text: a.attributes["href"] for a in page.all("a")}
    assert links["STATE-003"] == "https://omnisession.dev/spec/state/#state-003"


def test_many_failures_are_counted() -> None:
    assert "Failures (9)" in read(markdown(many_failures())).text


def test_a_run_that_was_cut_short_says_what_happened() -> None:
    assert "goroutine 7 [running]:" in markdown(aborted())
    text = markdown(replace(all_green(), footer=None))
    assert text.startswith("## Omnisession 1.0: RUN CUT SHORT, NO VERDICT")


def test_nothing_that_a_target_says_is_markup() -> None:
    page = read(markdown(hostile()))
    assert not page.all("script")
    assert not page.all("img")
    assert not page.all("strong")
    assert {a.attributes["href"][:30] for a in page.all("a")} == {"https://omnisession.dev/spec/s"}
    assert HOSTILE in [td.text for td in page.all("td")]


@given(st.text(min_size=1))
def test_any_text_comes_out_of_a_cell_as_it_is(text: str) -> None:
    page = read(table(("A", "B"), [(code(text), escaped("b"))]))
    cells = page.all("td")
    assert len(cells) == 2
    assert not [e for e in cells[0].walk() if e.tag not in ("td", "code")]
    assert cells[0].text == one_line(text, 300)


@given(st.text(alphabet="-+=1.)# >*_`|[]()!~\\<&a\n", min_size=1))
def test_any_text_is_one_plain_paragraph(text: str) -> None:
    page = read(escaped(text))
    assert {e.tag for e in page.walk()} <= {"document", "p"}
    assert page.text.strip() == " ".join(text.split())


@given(st.text(alphabet="`~a\n "))
def test_no_text_breaks_a_fence(text: str) -> None:
    page = read(fenced(text, "sh"))
    assert len(page.all("code")) == 1
    assert re.sub(r"\s", "", page.text) == re.sub(r"\s", "", quoted(text))

"""The HTML report without a browser: what is in it, and that nothing of a target is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.report.dom import Element, parse
from tests.kit.report.samples import (
    HOSTILE,
    SAMPLES,
    SECRET,
    TOKEN,
    aborted,
    all_green,
    failures,
    finding,
    hostile,
    null_target,
    results,
    seen,
    verdicts,
)
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.html import html
from omnisession_conformance.report.text import visible
from omnisession_conformance.report.words import headline, spec_url

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

ADDRESS = re.compile(r"https?:[^\s\"'<]*")
GREEN = ("conformant", "selected-passed")


def page_of(found: Results) -> Element:
    text = html(found)
    assert text.startswith("<!DOCTYPE html>\n")
    return parse(text.removeprefix("<!DOCTYPE html>"))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_run_has_a_page(name: str) -> None:
    found = SAMPLES[name]().settled()
    page = page_of(found)
    verdict = headline(found)
    assert page.one("h1").text == verdict.verdict
    assert page.one("title").text.startswith(verdict.verdict)
    cards = page.all("details", cls="requirement")
    assert sorted(c.attributes["id"] for c in cards) == sorted(r.id for r in found.requirements)
    assert {c.attributes["data-status"] for c in cards} == {r.status for r in found.requirements}
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SAMPLES)
def test_only_a_green_run_has_a_green_head(name: str) -> None:
    found = SAMPLES[name]()
    head = page_of(found).one(cls="verdict").classes
    assert any(word in head for word in GREEN) == (found.settled().end.exit_code == 0)
    assert ("conformant" in head) == found.settled().end.conformant


@pytest.mark.parametrize("name", SAMPLES)
def test_it_needs_nothing_from_elsewhere(name: str) -> None:
    text = html(SAMPLES[name]())
    page = page_of(SAMPLES[name]())
    assert all(a.startswith("https://omnisession.dev/spec/") for a in ADDRESS.findall(text))
    assert all("src" not in e.attributes for e in page.walk())
    assert [e.attributes["href"] for e in page.all("link")] == ["data:,"]
    assert "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("name", SAMPLES)
def test_no_secret_and_no_control_character_is_in_it(name: str) -> None:
    text = html(SAMPLES[name]())
    assert SECRET not in text
    assert TOKEN[:20] not in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_it_reads_as_it_was_reviewed() -> None:
    text = html(failures())
    for tag in ("style", "script"):
        text = re.sub(rf"<{tag}>.*?</{tag}>", f"<{tag}>…</{tag}>", text, flags=re.DOTALL)
    text = re.sub(r"sha256-[^']*", "sha256-…", text)
    matches_snapshot("failures.html", text)


def test_a_failure_explains_itself() -> None:
    card = page_of(failures()).one("details", id="STATE-003")
    assert card.open
    assert "MUST publish one state per opened kind" in card.one("p", cls="sentence").text
    check = card.all("section", cls="check")[0]
    values = [(v.all("dt")[0].text, v.all("dd")[0].text) for v in check.all(cls="value")][:2]
    assert values == [("expected", "articles, then chat"), ("seen", "chat, then articles")]
    assert check.all("code", cls="pointer")[0].text == "/data/type"
    commands = [c.one("code").text for c in check.all(cls="command")]
    assert commands[0] == "omnisession check --only STATE-003@open-order"
    assert commands[1].startswith("nats req session.open-order")


def test_the_messages_are_drawn_between_kit_and_target() -> None:
    card = page_of(failures()).one("details", id="STATE-003")
    steps = card.all("figure", cls="sequence")[0].all("li")
    assert [[c for c in s.classes if c != "blamed"] for s in steps] == [
        ["to-target"],
        ["to-kit"],
        ["to-kit"],
    ]
    assert ["blamed" in s.classes for s in steps] == [False, True, True]
    assert [s.one("details").open for s in steps] == [False, True, True]
    assert [s.one("b").text for s in steps] == ["session.open", "session.state", "session.state"]
    assert steps[1].one("mark").text.strip() == '"type": "chat",'


def test_without_scripts_it_is_a_page_with_everything_on_it() -> None:
    page = page_of(failures())
    assert [e.attributes.get("id") for e in page.walk() if e.hidden] == ["filters"]
    assert all(e.attributes["id"] == "unfold" for e in page.all("button"))
    # Links that only the script can serve are none before it has run.
    assert all("href" not in a.attributes for a in page.one("table").all("a"))


def test_a_passed_requirement_is_closed_and_names_its_checks() -> None:
    card = page_of(failures()).one("details", id="CTRL-001")
    assert not card.open
    assert [c.text for c in card.one("ul", cls="checks").all("code")] == [
        "CTRL-001@open-order",
        "CTRL-001@sweep",
    ]
    assert not card.all(cls="check")


def test_a_run_that_was_cut_short_says_what_happened() -> None:
    page = page_of(aborted())
    assert "panic: assignment to entry in nil map" in page.one(cls="happened").text
    assert "no-verdict" in page.one(cls="verdict").classes
    assert not page.all("details", cls="pass")


def test_a_stream_without_its_footer_is_shown_as_aborted() -> None:
    page = page_of(replace(all_green(), footer=None))
    assert page.one("h1").text.startswith("RUN CUT SHORT, NO VERDICT")
    assert not page.all("details", cls="pass")
    page = page_of(replace(null_target(), requirements=(), checks=(), footer=None, targets=()))
    assert "no-verdict" in page.one(cls="verdict").classes
    assert len(page.all("details", cls="not-run")) == 11


def test_a_start_that_is_no_time_breaks_nothing() -> None:
    found = all_green()
    odd = replace(found, header=replace(found.header, started_at=10**30))
    assert "at an unknown time" in page_of(odd).one(cls="verdict").text


def test_nothing_that_a_target_says_is_markup() -> None:
    page = page_of(hostile())
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert not page.all(id="pwned")
    card = page.one("details", id="STATE-003")
    assert [d.text for d in card.all("dd")][:2] == [HOSTILE, HOSTILE]
    assert HOSTILE in page.one("dl", cls="run").text
    assert html(hostile()).count("<script") == 1


@settings(max_examples=40, deadline=None)
@given(st.text())
def test_any_text_comes_out_as_it_is(text: str) -> None:
    shown = seen(Status.FAIL, finding("x" + text, "y" + text, 5, pointer=text, why=text))
    page = page_of(results(verdicts({"STATE-003@open-order": shown})))
    values = [v.all("dd")[0].text for v in page.all(cls="value")]
    assert values == [visible("x" + text), visible("y" + text)]


def test_links_lead_to_pages_and_anchors_of_the_site() -> None:
    assert spec_url("state.md#state-003") == "https://omnisession.dev/spec/state/#state-003"
    assert spec_url("index.md") == "https://omnisession.dev/spec/"
    assert spec_url("") == ""
    assert spec_url("javascript:1") == "https://omnisession.dev/spec/javascript%3A1/"
    for requirement in load_registry():
        assert spec_url(requirement.spec).endswith(f"/#{requirement.id.lower()}")

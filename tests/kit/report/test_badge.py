from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from tests.kit.report.samples import SAMPLES, all_green, hostile
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.report.badge import badge, endpoint, svg

SVG = "{http://www.w3.org/2000/svg}"
SAID = {
    "all-green": ("conformant: core, events, articles (9 of 9)", "brightgreen"),
    "green-small-server": (
        (
            "conformant: events, articles (6 of 8; 1 warning, 1 not tested, 1 not claimed); "
            "declared, not proved: core"
        ),
        "yellowgreen",
    ),
    "less-than-claimed": ("not conformant: less than claimed", "red"),
    "failures": ("not conformant", "red"),
    "many-failures": ("not conformant", "red"),
    "untested": ("not conformant", "red"),
    "null-target": ("no verdict", "lightgrey"),
    "aborted": ("no verdict", "lightgrey"),
    "interrupted": ("no verdict", "lightgrey"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_it_says_the_verdict_of_a_whole_run(name: str) -> None:
    shown = badge(SAMPLES[name]())
    if SAMPLES[name]().header.selection.filtered:
        assert shown is None
        return
    assert shown is not None
    assert (shown.message, shown.colour) == SAID[name]
    # What shields.io requires of an endpoint.
    assert json.loads(endpoint(shown)) == {
        "schemaVersion": 1,
        "label": "Omnisession 1.0",
        "message": shown.message,
        "color": shown.colour,
    }


@pytest.mark.parametrize("name", SAID)
def test_the_picture_says_the_same(name: str) -> None:
    shown = badge(SAMPLES[name]())
    assert shown is not None
    root = ET.fromstring(svg(shown))  # noqa: S314 - made a line ago
    assert [t.text for t in root.iter(f"{SVG}text")] == [shown.label, shown.message]
    assert root.findtext(f"{SVG}title") == shown.title
    width = int(root.get("width", "0"))
    assert 100 < width < 900


def test_it_looks_as_it_was_reviewed() -> None:
    shown = badge(all_green())
    assert shown is not None
    matches_snapshot("all-green.svg", svg(shown))


def test_a_run_without_its_footer_is_not_green() -> None:
    shown = badge(replace(all_green(), footer=None))
    assert shown is not None
    assert shown.colour == "lightgrey"


def test_no_name_of_a_target_breaks_the_picture() -> None:
    shown = badge(hostile())
    assert shown is not None
    root = ET.fromstring(svg(shown))  # noqa: S314 - made a line ago
    assert not list(root.iter(f"{SVG}script"))
    assert not list(root.iter("script"))

"""A green run says what it proves, whole: nothing cheaper looks the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.samples import TARGET, all_green, green_small_server

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.annotations import job_lines
from omnisession_conformance.report.badge import badge
from omnisession_conformance.report.claim import claim
from omnisession_conformance.report.html import html
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.markdown import markdown
from omnisession_conformance.report.overview import not_tested
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.words import headline
from omnisession_conformance.results.lines import BaselineResult

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

PRIVATE = "private_subjects: what is published below myserver. may be there"


def with_target(results: Results, **members: object) -> Results:
    return replace(results, targets=(replace(TARGET, **members),))  # pyright: ignore[reportArgumentType]


def test_what_nobody_can_observe_is_not_counted() -> None:
    found = claim(all_green())
    assert (found.passed, found.of, found.not_tested) == (9, 9, 0)
    assert len(all_green().requirements) == 11
    assert found.whole


def test_a_profile_of_which_a_must_was_not_tested_is_not_called_kept() -> None:
    found = claim(green_small_server())
    assert found.unproved == ("core",)
    assert found.text.startswith("events, articles (")
    assert not found.whole


def test_what_is_not_claimed_is_told() -> None:
    found = claim(green_small_server())
    judged = [r for r in green_small_server().requirements if r.checks]
    assert found.not_claimed == sum(r.status is Status.NOT_CLAIMED for r in judged) == 1
    assert "1 not claimed" in found.counts


@pytest.mark.parametrize(
    ("members", "mark"),
    [
        ({"mode": "attach", "command": None}, "attached"),
        ({"hooks": ()}, "without hooks"),
        ({"hooks": ("stop",)}, "without hooks"),
        ({"actions": ("session.noop",)}, "read-only"),
        ({"actions": ()}, "read-only"),
        ({"weakened": (PRIVATE,)}, "weakened"),
    ],
)
def test_whatever_makes_a_verdict_cheaper_is_in_headline_badge_and_reports(
    members: dict[str, object], mark: str
) -> None:
    found = with_target(all_green(), **members)
    assert claim(found).marks == (mark,)
    assert headline(found).verdict == f"CONFORMANT, {mark}: core, events, articles (9 of 9)"
    shown, full = badge(found), badge(all_green())
    assert shown is not None
    assert full is not None
    assert shown.message == f"conformant, {mark}: core, events, articles (9 of 9)"
    assert shown.colour != full.colour
    for text in (markdown(found), junit(found)):
        assert f"CONFORMANT, {mark}: core, events, articles" in text


def test_settings_that_weaken_are_told_in_words() -> None:
    found = with_target(all_green(), weakened=(PRIVATE,))
    assert PRIVATE.replace("_", "\\_") in markdown(found)


def test_what_can_be_stopped_and_started_again_is_not_marked() -> None:
    for hooks in (("restart", "stop"), None):
        assert claim(with_target(all_green(), hooks=hooks)).marks == ()
    attached = with_target(all_green(), mode="attach", command=None, hooks=())
    assert headline(attached).verdict.startswith("CONFORMANT, attached, without hooks: ")


def test_a_baseline_stands_at_the_head_of_every_report() -> None:
    found = replace(all_green(), baseline=BaselineResult("known.yaml", 2))
    for text in (markdown(found), junit(found), html(found)):
        assert "known.yaml" in text


def test_of_a_target_whose_actions_nobody_told_nothing_is_said() -> None:
    assert claim(with_target(all_green(), actions=None)).marks == ()
    listed = with_target(all_green(), actions=("article.create", "session.noop"))
    assert claim(listed).marks == ()


def test_what_was_not_tested_is_told_with_the_reason() -> None:
    found = headline(green_small_server()).verdict
    assert "1 not tested (without a hook)" in found
    assert "declared, not proved: core" in found
    shown = badge(green_small_server())
    assert shown is not None
    assert "1 not tested, " in shown.message
    assert "declared, not proved: core" in shown.message
    for text in (markdown, junit, html, summary):
        assert "declared, not proved: core" in text(green_small_server())


def test_a_strict_run_says_so_wherever_its_verdict_stands() -> None:
    strict = green_small_server().strictly()
    assert strict.end.exit_code == 1
    assert not strict.end.conformant
    said = headline(strict).verdict
    assert said.startswith("NOT CONFORMANT, strict: nothing failed, but 1 of 11 requirements")
    assert said.endswith("(RESUME-004): without a hook")
    shown = badge(strict)
    assert shown is not None
    assert (shown.message, shown.colour) == ("not conformant", "red")
    assert "strict: nothing failed" in markdown(strict)
    assert "strict: nothing failed" in html(strict)
    assert "<error" in junit(strict)
    assert "<error" not in junit(green_small_server())
    assert '"strict": true' in summary(strict)
    assert [line for line in job_lines(strict) if "strict" in line]
    assert "which keeps the target from being conformant" in not_tested(strict)[0].words


def test_a_strict_run_that_lacks_nothing_is_green() -> None:
    strict = all_green().strictly()
    assert strict.end.conformant
    assert headline(strict).verdict == headline(all_green()).verdict

"""Nothing of a target's begins a line or acts on a reader, whichever report shows it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from tests.kit.hostile import COMMANDS, HOSTILE, LONG, poisoned, wrong
from tests.kit.report.samples import SAMPLES
from tests.kit.report.stream import write_stream

from omnisession_conformance.cli.diff import text as diff_text
from omnisession_conformance.outputs.terminal import print_report
from omnisession_conformance.pytest_plugin.items import explain
from omnisession_conformance.report import REPORTS, write_reports
from omnisession_conformance.report.annotations import VARIABLE
from omnisession_conformance.report.text import WHOLE, one_line, quoted, visible, wrap
from omnisession_conformance.report.words import headline
from omnisession_conformance.results.diff import compare

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import RequirementResult, Results

KEYS = frozenset(
    {"check", "checks", "id", "area", "level", "mode", "role", "party", "problem", "cases"}
    | {"requirements", "profile", "profiles", "lacking"}
)
"""What a report looks things up by: words of the kit's, in every stream that a kit has written."""
OF_THE_KIT = frozenset({"text", "spec"})
"""Sentences of the registry."""
TEXTS = {"lines": HOSTILE, "long": LONG, **{c.split()[0]: c for c in COMMANDS}}


def all_hostile(name: str, text: str) -> Results:
    """A sample in which every text that is not the kit's own is hostile."""
    found = SAMPLES[name]().settled()
    spared = KEYS | OF_THE_KIT
    named = {r.id: (r.text, r.spec, r.profile) for r in found.requirements}
    made: Results = poisoned(found, text, spared=spared)

    def restored(requirement: RequirementResult) -> RequirementResult:
        told, spec, profile = named[requirement.id]
        return replace(requirement, text=told, spec=spec, profile=profile)

    return replace(made, requirements=tuple(map(restored, made.requirements)))


def test_what_is_lacking_is_told_in_words_of_the_kit_alone() -> None:
    found = SAMPLES["less-than-claimed"]()
    forged = replace(
        found, footer=replace(found.end, lacking=(HOSTILE, "::error::x", "no kind chat"))
    )
    told = headline(forged.settled()).verdict
    assert not re.search(r"[^\x20-\x7e…]|::", told.replace(": ", " "))
    assert told.endswith("; ??error??x; no kind chat")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_harmless_in_every_form(text: str) -> None:
    for one in (text, f"  {text}", f"a\n{text}", f"a\u2028{text}"):
        assert not wrong(f"said: {quoted(one)}")
        assert not wrong(f"said: {one_line(one, WHOLE)}")
        assert not wrong("\n".join(f"  {row}" for row in wrap(f"said: {one}", 60)))
    assert "CONFORMANT" in text or not wrong(visible(text).replace("\n", "\n| "))


@pytest.mark.parametrize("text", [HOSTILE, LONG], ids=("lines", "long"))
@pytest.mark.parametrize("name", SAMPLES)
def test_no_report_has_a_line_of_a_target(
    name: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = all_hostile(name, text)
    written = write_reports(found, tmp_path)
    assert not written.failed, written.failed
    for path in written.paths:
        assert not wrong(path.read_text("utf-8")), path.name
    for element in ET.parse(tmp_path / "junit.xml").iter():  # noqa: S314 - it is the kit's own
        texts = [element.text or "", *element.attrib.values()]
        assert not [
            told for one in texts for told in wrong(f": {one}" if one in texts[1:] else one)
        ]
    for terminal in (False, True):
        out = io.StringIO()
        # A terminal without colours: what is left that acts is the target's.
        print_report(
            found, tmp_path, Console(file=out, width=92, force_terminal=terminal, color_system=None)
        )
        assert not wrong(out.getvalue())
    capsys.readouterr()
    monkeypatch.setenv(VARIABLE, "true")
    print_report(found, None, Console(file=io.StringIO()))
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith(("::error title=", "::notice title=")) for line in lines)
    assert not wrong("\n".join(line.lstrip(":") for line in lines))


@pytest.mark.parametrize("text", [HOSTILE, LONG], ids=("lines", "long"))
def test_what_pytest_and_diff_show_has_no_line_of_a_target(text: str) -> None:
    found, before = all_hostile("failures", text), SAMPLES["all-green"]().settled()
    assert not wrong(explain(found, found.checks))
    for pair in ((found, before), (before, found)):
        assert not wrong("\n".join(diff_text(compare(*pair), *pair, WHOLE)))


def test_the_stream_says_the_same_without_a_command(tmp_path: Path) -> None:
    found = all_hostile("failures", HOSTILE)
    write_stream(found, tmp_path / "results.jsonl")
    text = (tmp_path / "results.jsonl").read_text("utf-8")
    assert not wrong(text)
    said = {json.loads(line).get("reason") for line in text.splitlines()}
    assert HOSTILE in said
    assert set(REPORTS)

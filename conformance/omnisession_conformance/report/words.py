"""The phrases that all reports share: the verdict in one line, numbers, times, lists of ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.verdict import RunStatus, Status
from omnisession_conformance.report.causes import broadest_first
from omnisession_conformance.report.claim import claim, reasons
from omnisession_conformance.report.scenarios import by_side, counted, scenarios
from omnisession_conformance.report.text import grouped, one_line, plural
from omnisession_conformance.results.summary import UNDECIDED, untested

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.results import Footer, RequirementResult, Results

NOT_TOGETHER, BREAKS = "DOES NOT INTEROPERATE", "BREAKS THE PROTOCOL"
LONGEST = 300
"""Characters of what is missing of a claim: the names of many actions."""
MOST_IDS = 4
"""Ids named in the verdict line: more make it a list, and the list follows below it anyway."""
SPEC_ROOT = "docs/spec/"
SPEC_SITE = "https://omnisession.dev/spec/"
"""Where the specification is read: beside the schemas, whose ids are addresses of the same site."""
_NOT_SAID = re.compile(r"[^A-Za-z0-9_., -]")
_SENTENCE_END = re.compile(r"\. (?=[A-Z])")
_ITS_WORDS = "; it said:"
STATUS_NAMES = {status: status.value.replace("_", " ") for status in Status}


class Word(StrEnum):
    """The verdict of a run in one word, for programs, colours and badges."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not_conformant"
    SELECTED_PASSED = "selected_passed"
    """Of a run of a part, which proves no conformance."""
    SELECTED_FAILED = "selected_failed"
    AS_EXPECTED = "as_expected"
    """Nothing failed but what a baseline expects to: no conformance either."""
    BASELINE_FAILED = "baseline_failed"
    """Nothing failed but entries of the baseline."""
    INTEROPERATES = "interoperates"
    """Of a server and a client together, which proves no conformance of either."""
    NOT_INTEROPERABLE = "not_interoperable"
    NO_VERDICT = "no_verdict"
    INTERRUPTED = "interrupted"
    NOTHING_TESTED = "nothing_tested"


def word(results: Results) -> Word:
    """The verdict of settled results; green only as the footer of a complete run has it."""
    footer = results.end
    if footer.run_status is RunStatus.INTERRUPTED:
        return Word.INTERRUPTED
    if footer.run_status is not RunStatus.COMPLETE:
        return Word.NO_VERDICT
    words = {
        Exit.CONFORMANT: _word_of_passed(results),
        Exit.NOT_CONFORMANT: _word_of_failed(results),
        Exit.NOTHING_RAN: Word.NOTHING_TESTED,
    }
    return words.get(Exit(footer.exit_code), Word.NO_VERDICT)


def _word_of_passed(results: Results) -> Word:
    footer = results.end
    if footer.conformant:
        return Word.CONFORMANT
    if results.header.selection.pair and not (footer.filtered or footer.expected_failures):
        return Word.INTEROPERATES
    return Word.SELECTED_PASSED if footer.filtered else Word.AS_EXPECTED


def _word_of_failed(results: Results) -> Word:
    wrong = unexpected_failures(results) or results.end.lacking
    if not wrong and not left_untested(results):
        return Word.BASELINE_FAILED
    if results.end.filtered:
        return Word.SELECTED_FAILED
    return Word.NOT_INTEROPERABLE if results.header.selection.pair else Word.NOT_CONFORMANT


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict of a run in one line; `good` is None where there is no verdict.

    `size` tells how long the run was and how much traffic it saw.
    """

    verdict: str
    size: str
    good: bool | None

    @property
    def text(self) -> str:
        """All of it."""
        return " · ".join(filter(None, (self.verdict, self.size)))


def headline(results: Results) -> Headline:
    """The verdict of settled results: what came out, and of how many requirements."""
    footer = results.end
    good = {Exit.CONFORMANT: True, Exit.NOT_CONFORMANT: False}.get(Exit(footer.exit_code))
    return Headline(_verdict(results, footer), _size(footer), good)


def _verdict(results: Results, footer: Footer) -> str:
    if footer.run_status is not RunStatus.COMPLETE:
        return _cut_short(results, footer)
    if footer.exit_code == Exit.CONFORMANT:
        return _passed(results, footer)
    if footer.exit_code == Exit.NOT_CONFORMANT:
        return _failed(results, footer)
    if footer.exit_code == Exit.NOTHING_RAN:
        return "NOTHING TESTED: no requirement was observed"
    unjudged = [r.id for r in results.requirements if r.status in UNDECIDED]
    return f"NO VERDICT: {_some(unjudged, results, 'could not be judged')}"


def _failed(results: Results, footer: Footer) -> str:
    pair = results.header.selection.pair and not footer.filtered
    if pair and unexpected_failures(results):
        return _pair_failed(results)
    start = "SELECTED CHECKS FAILED" if footer.filtered else "NOT CONFORMANT"
    if pair:
        start = f"{NOT_TOGETHER}: {counted(scenarios(results))}"
    less = less_than_claimed(footer)
    if failed := unexpected_failures(results):
        return "; ".join(filter(None, (f"{start}: {_some(failed, results, 'failed')}", less)))
    missing = left_untested(results)
    if less and not missing:
        return f"{start}: nothing failed, but {less}"
    if not missing and results.baseline is not None:
        wrong = plural(len(results.baseline.problems), "expected failure")
        hold = "does not hold" if len(results.baseline.problems) == 1 else "do not hold"
        return (
            f"BASELINE FAILED: nothing else failed, but {wrong} {hold} in {results.baseline.file}"
        )
    verb = "was" if len(missing) == 1 else "were"
    told = _some([r.id for r in missing], results, f"{verb} not tested")
    if footer.strict:
        start, told = f"{start}, strict", f"{told}: {reasons(missing, results)}"
    return "; ".join(filter(None, (f"{start}: nothing failed, but {told}", less)))


def _pair_failed(results: Results) -> str:
    """Of a pair what failed, and whose it is to keep."""
    found = scenarios(results)
    failed = by_side(unexpected_failures(results))
    whose = "; ".join(f"the {side} breaks {name_ids(ids)}" for side, ids in failed.items())
    all_right = all(one.status in (Status.PASS, Status.NOT_CLAIMED) for one in found)
    start = f"{BREAKS} in" if all_right else f"{NOT_TOGETHER}:"
    return f"{start} {counted(found)}; {whose}"


def less_than_claimed(footer: Footer) -> str:
    """What is missing of what the configuration expects of the target, "" where nothing is."""
    # Words of the kit, unless somebody has changed the file: nothing else than such is shown.
    told = "; ".join(one_line(_NOT_SAID.sub("?", text), LONGEST) for text in footer.lacking)
    return f"less than claimed: {told}" if told else ""


def _cut_short(results: Results, footer: Footer) -> str:
    found = (r for r in results.requirements if r.status is Status.FAIL)
    failed = [r.id for r in broadest_first(found, results.checks)]
    also = ""
    if failed:
        names = name_ids(failed)
        also = f"; {plural(len(failed), 'requirement')} had failed by then ({names})"
    if footer.run_status is RunStatus.INTERRUPTED:
        return f"INTERRUPTED: no verdict{also}"
    reached = bool(results.targets) and all(t.name is not None for t in results.targets)
    start = "RUN CUT SHORT, NO VERDICT" if reached else "NO VERDICT"
    return f"{start}: {first_sentence(footer.reason)}{also}"


def _passed(results: Results, footer: Footer) -> str:
    apart = ""
    if footer.expected_failures:
        apart = f" apart from {plural(footer.expected_failures, 'expected failure')}"
    if footer.filtered:
        return f"Selected checks passed{apart}: {', '.join(_counted(results, footer))}"
    if results.header.selection.pair:
        return _pair_passed(results, apart)
    proved = claim(results)
    marks = "".join(f", {mark}" for mark in proved.marks)
    return f"{'Conformant' if apart else 'CONFORMANT'}{apart}{marks}: {proved.told}"


def _pair_passed(results: Results, apart: str) -> str:
    who = " and ".join(" ".join(filter(None, (t.name, t.version))) for t in results.targets)
    held = results.end.requirements[Status.PASS]
    kept = f"{plural(held, 'requirement')} seen to hold"
    return f"INTEROPERATES{apart}: {counted(scenarios(results))}, {kept}: {who}"


def _counted(results: Results, footer: Footer) -> list[str]:
    counts = footer.requirements
    parts = [f"{counts[Status.PASS]} of {plural(len(results.requirements), 'requirement')}"]
    if counts[Status.WARN]:
        parts.append(plural(counts[Status.WARN], "warning"))
    if missing := [r for r in results.requirements if r.status is Status.NOT_RUN]:
        parts.append(f"{len(missing)} not tested ({reasons(missing, results)})")
    if counts[Status.NOT_CLAIMED]:
        parts.append(f"{counts[Status.NOT_CLAIMED]} not claimed")
    return parts


def left_untested(results: Results) -> list[RequirementResult]:
    """The requirements whose want of a test keeps the run from passing."""
    return [r for r in results.requirements if untested(r, strict=results.end.strict)]


def unexpected_failures(results: Results) -> list[str]:
    """The ids of the requirements that failed and that no baseline expects to, broadest first."""
    failed = (r for r in results.requirements if r.status is Status.FAIL and not r.expected)
    return [r.id for r in broadest_first(failed, results.checks)]


def _some(ids: Sequence[str], results: Results, what: str) -> str:
    noun = "selected requirement" if results.end.filtered else "requirement"
    return f"{len(ids)} of {plural(len(results.requirements), noun)} {what} ({name_ids(ids)})"


def _size(footer: Footer) -> str:
    if not footer.wall_ms:
        return ""
    return f"{seconds(footer.wall_ms)} · {grouped(footer.messages)} messages"


def name_ids(ids: Sequence[str]) -> str:
    """The first few ids and how many more there are."""
    if len(ids) <= MOST_IDS + 1:
        return ", ".join(ids)
    return f"{', '.join(ids[:MOST_IDS])} and {len(ids) - MOST_IDS} more"


def id_ranges(ids: Iterable[str]) -> str:
    """All ids, where three or more numbers that follow each other are told as a range."""
    runs: list[list[str]] = []
    for one in ids:
        if runs and _follows(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    told: list[str] = []
    for run in runs:
        told += run if len(run) < 3 else [f"{run[0]} to {run[-1]}"]
    return ", ".join(told)


def _follows(before: str, after: str) -> bool:
    (area, _, number), (next_area, _, next_number) = before.rpartition("-"), after.rpartition("-")
    return (
        area == next_area
        and number.isdigit()
        and next_number.isdigit()
        and int(next_number) == int(number) + 1
    )


def seconds(milliseconds: float) -> str:
    """A duration for people."""
    return f"{milliseconds / 1_000:.1f} s"


def first_sentence(text: str) -> str:
    """The first sentence of a reason: what happened, without the way out and the child's output."""
    line = text.partition("\n")[0]
    sentence = _SENTENCE_END.split(line)[0]
    return sentence.removesuffix(_ITS_WORDS).rstrip(".:")


def beyond_first_sentence(text: str) -> str:
    """What a reason says behind its first sentence: the way out, and what a child has said."""
    line, _, rest = text.partition("\n")
    more = _SENTENCE_END.split(line, maxsplit=1)[1:]
    if line.endswith(_ITS_WORDS):
        more = ["It said:"]
    return "\n".join(filter(None, (*more, rest)))


def spec_link(spec: str) -> str:
    """Where a requirement stands in the repository; "" for none."""
    return f"{SPEC_ROOT}{spec}" if spec else ""


def spec_url(spec: str) -> str:
    """The address of a requirement's sentence on the site; "" for none."""
    if not spec:
        return ""
    page, _, anchor = spec.partition("#")
    folder = page.removesuffix(".md")
    place = "" if folder == "index" else f"{quote(folder)}/"
    return f"{SPEC_SITE}{place}{f'#{quote(anchor)}' if anchor else ''}"

"""`summary.json`: the verdict of a run for programs that need no findings, one small object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.protocol.roles import CLIENT
from omnisession_conformance.report.claim import claim
from omnisession_conformance.report.scenarios import scenarios
from omnisession_conformance.report.words import Word, headline, word
from omnisession_conformance.results.codec import encode

if TYPE_CHECKING:
    from omnisession_conformance.results import RequirementResult, Results

SCHEMA = "https://omnisession.dev/schemas/kit/summary.schema.json"


def summary(results: Results) -> str:
    """The summary as JSON, every character of it ASCII."""
    return (
        disarmed_json(json.dumps(_summary(results.settled()), indent=2, ensure_ascii=True)) + "\n"
    )


def _summary(results: Results) -> dict[str, Any]:
    header, footer = results.header, results.end
    return {
        "schema": SCHEMA,
        "kit": header.kit,
        "protocol": header.protocol,
        "run_id": header.run_id,
        "started_at": header.started_at,
        "seed": header.seed,
        "command": header.command,
        "verdict": word(results).value,
        "headline": headline(results).verdict,
        "conformant": footer.conformant,
        "claim": _claim(results),
        "filtered": footer.filtered,
        "strict": footer.strict,
        "run_status": footer.run_status.value,
        "exit_code": footer.exit_code,
        "reason": footer.reason,
        "wall_ms": footer.wall_ms,
        "messages": footer.messages,
        "expected_failures": footer.expected_failures,
        "lacking": list(footer.lacking),
        "baseline": None if results.baseline is None else encode(results.baseline),
        "target": None if results.target is None else encode(results.target),
        "targets": encode(results.targets),
        **_scenarios(results),
        "counts": {
            "requirements": encode(footer.requirements),
            "checks": encode(footer.checks),
        },
        "requirements": [_requirement(r) for r in results.requirements],
    }


def _claim(results: Results) -> dict[str, Any] | None:
    if word(results) not in (Word.CONFORMANT, Word.AS_EXPECTED):
        return None
    proved = claim(results)
    return {
        "profiles": list(proved.profiles),
        "unproved": list(proved.unproved),
        "passed": proved.passed,
        "of": proved.of,
        "not_tested": proved.not_tested,
        "not_claimed": proved.not_claimed,
        "not_served": proved.not_served,
        "marks": list(proved.marks),
        "why_not_tested": proved.why_not_tested,
        "whole": proved.whole,
        **({"undeclared": list(proved.undeclared)} if _tells_of_clients(results) else {}),
    }


def _scenarios(results: Results) -> dict[str, Any]:
    found = scenarios(results)
    told = [{"name": one.name, "status": one.status.value} for one in found]
    return {"scenarios": told} if results.header.selection.pair else {}


def _tells_of_clients(results: Results) -> bool:
    return any(target.role == CLIENT for target in results.targets)


def _requirement(requirement: RequirementResult) -> dict[str, Any]:
    # What the registry says of it is not repeated here, but for what programs select by.
    return {
        "id": requirement.id,
        "status": requirement.status.value,
        "level": requirement.level,
        "area": requirement.area,
        "profile": requirement.profile,
        "title": requirement.title,
        "reason": requirement.reason,
        "excused": requirement.excused,
        "excuse": requirement.excuse,
        "expected": requirement.expected,
    }

"""`matrix.json`: the kill matrix for programs, as its published schema says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.protocol.roles import SERVER
from omnisession_conformance.results.codec import encode
from omnisession_conformance.selftest.report.words import headline

if TYPE_CHECKING:
    from omnisession_conformance.selftest.matrix import Matrix, VariantRow

SCHEMA = "https://omnisession.dev/schemas/kit/matrix.schema.json"


def document(matrix: Matrix) -> str:
    """The matrix as JSON, every character of it ASCII."""
    return disarmed_json(json.dumps(_matrix(matrix), indent=2, ensure_ascii=True)) + "\n"


def _matrix(matrix: Matrix) -> dict[str, Any]:
    about = matrix.about
    return {
        "schema": SCHEMA,
        "kit": about.kit,
        "protocol": about.protocol,
        "started_at": about.started_at,
        "command": about.command,
        "subject": about.subject,
        **({} if about.role == SERVER else {"role": about.role}),
        "seed": about.seed,
        "jobs": about.jobs,
        "whole": about.whole,
        "filtered": about.filtered,
        "on": about.on,
        "programs": about.programs,
        "verdict": matrix.verdict.value,
        "headline": headline(matrix),
        "exit_code": int(matrix.exit_code),
        "reason": about.interrupted or about.control or "",
        "wall_ms": about.wall_ms,
        "trials": about.trials,
        "requirements": [encode(row) for row in matrix.requirements],
        "faults": [encode(row) for row in matrix.faults],
        "variants": [_variant(row) for row in matrix.variants],
        "nulls": [encode(row) for row in matrix.nulls],
    }


def _variant(row: VariantRow) -> dict[str, Any]:
    found: dict[str, Any] = encode(row)
    found["remarks"] = [
        {"check": r.check, "status": r.status.value, "reason": r.reason} for r in row.remarks
    ]
    return found

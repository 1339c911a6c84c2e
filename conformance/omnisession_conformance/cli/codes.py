"""What there is to say of a name that has an explanation, for programs; and of the kit's own codes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.excuses import EXCUSES, of_code
from omnisession_conformance.protocol.findings import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.protocol.registry import Requirement
    from omnisession_conformance.protocol.schemas import ErrorCode
    from omnisession_conformance.protocol.verdict import CheckId


def own_code(name: str) -> dict[str, Any] | None:
    """What a code of the kit means: of an excuse, or of a finding of doctor; None for neither."""
    excuse = of_code(name)
    if excuse is not None:
        about = EXCUSES[excuse]
        told = {"what": about.what, "shown_by": about.shown_by, "fails_strict": about.strict}
        return {"kind": "excuse", "code": name, **told}
    return {"kind": "finding", "code": name, "what": CODES[name]} if name in CODES else None


def requirement_told(
    requirement: Requirement, checks: Sequence[CheckId], cases: Mapping[str, Case[Any]]
) -> dict[str, Any]:
    """A requirement with its checks."""
    told = [_check(check, cases.get(check.source)) for check in checks]
    return {"kind": "requirement", **asdict(requirement), "checks": told}


def error_told(error: ErrorCode, requirements: Iterable[str]) -> dict[str, Any]:
    """A code of the protocol, with the requirements that name it."""
    return {"kind": "error", **asdict(error), "requirements": list(requirements)}


def _check(check: CheckId, case: Case[Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {"check": str(check), "case": None}
    if case is not None:
        told |= {"case": case.name, "title": case.title, "needs": list(case.needs)}
        told["phase"] = case.phase.value
    return told

"""What a green run proves, whole wherever it stands: which profiles, of how many requirements, and how."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.excuses import EXCUSES, Excuse, short_words
from omnisession_conformance.protocol.roles import (
    CLIENT,
    DEPLOYMENT,
    PROFILES_OF,
    SERVER,
    whole_name,
)
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from omnisession_conformance.results import RequirementResult, Results, TargetInfo

NOTHING_DONE = "session.noop"
"""A target that lists no other action takes nothing that changes anything."""
ATTACHED, READ_ONLY, WEAKENED = "attached", "read-only", "weakened"
WITHOUT_HOOKS = "without hooks"
"""It could not be stopped or started again, so that nobody saw what it does then."""
HOOKS = frozenset({"restart", "stop"})


@dataclass(frozen=True, slots=True)
class Claim:
    """The profiles that a target declares, and what of them was seen to hold.

    `unproved` are profiles of which a MUST was not tested; `passed` of `of` requirements hold, those that
    nobody can observe from outside, those of profiles that are not declared and those about what the
    target does not have (`not_served`) left out. `marks` say what
    else than the target had a part in it.
    """

    profiles: tuple[str, ...]
    unproved: tuple[str, ...]
    passed: int
    of: int
    warnings: int
    not_tested: int
    not_claimed: int
    marks: tuple[str, ...]
    why_not_tested: str = ""
    """How many for which reason, in short words."""
    not_served: int = 0
    undeclared: tuple[str, ...] = ()
    """Of a client the profiles that it does not declare: to declare less is the cheapest way to green."""

    @property
    def whole(self) -> bool:
        """Whether everything that is declared was tested, on a target that does something."""
        return not (self.unproved or self.not_tested or self.marks)

    @property
    def counts(self) -> str:
        """The numbers in words."""
        return self._counts("")

    def _counts(self, why: str) -> str:
        more = (
            (self.warnings, plural(self.warnings, "warning")),
            (self.not_tested, f"{self.not_tested} not tested{why}"),
            (self.not_served, f"{self.not_served} {EXCUSES[Excuse.NOT_SERVED].short}"),
            (self.not_claimed, f"{self.not_claimed} not claimed"),
        )
        told = ", ".join(words for count, words in more if count)
        return f"{self.passed} of {self.of}{f'; {told}' if told else ''}"

    @property
    def text(self) -> str:
        """All of it but the reasons, as short as a badge needs it."""
        return self._text(self.counts)

    @property
    def told(self) -> str:
        """All of it, as it stands behind the verdict."""
        return self._text(self._counts(f" ({self.why_not_tested})"))

    def _text(self, counts: str) -> str:
        proved = [name for name in self.profiles if name not in self.unproved]
        text = f"{', '.join(proved) or 'no profile'} ({counts})"
        if self.unproved:
            text += f"; declared, not proved: {', '.join(self.unproved)}"
        if self.undeclared:
            text += f"; not declared: {', '.join(self.undeclared)}"
        return text


def claim(results: Results) -> Claim:
    """What a complete run proves."""
    observable = [r for r in results.requirements if r.checks]
    claimed = [r for r in observable if r.status is not Status.NOT_CLAIMED]
    judged = [r for r in claimed if r.excuse != Excuse.NOT_SERVED]
    missing = [r for r in judged if r.status is Status.NOT_RUN]
    name = _namer(results.targets)
    declared = dict.fromkeys(name(t, profile) for t in results.targets for profile in t.profiles)
    return Claim(
        profiles=tuple(declared),
        unproved=tuple(name for name in declared if _lacks(name, missing)),
        passed=sum(r.status is Status.PASS for r in judged),
        of=len(judged),
        warnings=sum(r.status is Status.WARN for r in judged),
        not_tested=len(missing),
        not_served=len(claimed) - len(judged),
        not_claimed=len(observable) - len(claimed),
        marks=tuple(dict.fromkeys(mark for t in results.targets for mark in _marks(t))),
        why_not_tested=reasons(missing, results),
        undeclared=tuple(
            name(target, profile)
            for target in results.targets
            if target.role == CLIENT
            for profile in PROFILES_OF[CLIENT]
            if profile not in target.profiles
        ),
    )


def _namer(targets: Sequence[TargetInfo]) -> Callable[[TargetInfo, str], str]:
    """What profiles are called: with their role where there is more than one."""
    if len({target.role for target in targets}) < 2:
        return lambda _, profile: profile
    return lambda target, profile: whole_name(target.role, profile)


def reasons(missing: Iterable[RequirementResult], results: Results) -> str:
    """How many requirements were not tested for which reason, in short words."""
    role = SERVER if results.target is None else results.target.role
    return short_words(Counter(r.excuse for r in missing).items(), role)


def _lacks(profile: str, missing: list[RequirementResult]) -> bool:
    return any(r.profile == profile and r.mandatory for r in missing)


def _marks(target: TargetInfo) -> list[str]:
    if target.role == DEPLOYMENT:
        # Each runs where it is judged, and does nothing that could be stopped or read.
        return [WEAKENED] if target.weakened else []
    found = [ATTACHED] if target.mode == "attach" else []
    if target.role == CLIENT:
        # Nothing of a client is stopped by hooks, and one that sends no action says so by its profiles.
        return [*found, *([WEAKENED] if target.weakened else [])]
    if target.hooks is not None and not HOOKS.issubset(target.hooks):
        found.append(WITHOUT_HOOKS)
    if target.actions is not None and set(target.actions) <= {NOTHING_DONE}:
        found.append(READ_ONLY)
    if target.weakened:
        found.append(WEAKENED)
    return found

"""What a run will do: which cases to run, and what becomes of every check that it will not.

Pure: decided from the registry, the cases, the rules, the selection and what the target declared.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.role import SERVER
from omnisession_conformance.errors import NothingToRunError, UsageError
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.kinds.tables import KIND_OF_PREFIX
from omnisession_conformance.protocol.lacks import Lack, Thing
from omnisession_conformance.protocol.limits import FLOORS_HOLD
from omnisession_conformance.protocol.roles import is_claimed, split_name
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from random import Random

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.role import Role
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.protocol.registry import Registry, Requirement

ACTION = "action:"
"""Needs that name an action type which the target lists in `opened.actions`: a kind may be read-only."""
ABLE = "able:"
"""Needs that name what some kind of the target can do, whichever it is."""
_TOLD_BY_ACTIONS = {ACTION: Thing.ACTION, ABLE: Thing.ABILITY}
SEES_ALL = "role:editor"
SEVERAL = "instances:several"
"""The need of a case in which another instance takes the place of one."""
SEVERAL_NODES = "nodes:several"
"""The need of a case in which a node of the broker ends, and others have what it had."""
_FOUND_OUTSIDE = ("hook:", "instances:", "nodes:", "wire:", "role:", "fixture:", "identity:")
_MISSING = {
    "hook:": (Excuse.NO_HOOK, "the fixture has no command for this: {need}"),
    "instances:": (
        Excuse.NO_HOOK,
        "one instance has nobody to take its place: say how many there are, by target.instances",
    ),
    "nodes:": (
        Excuse.NO_HOOK,
        "one node of a broker is not ended: say that there are three, by cluster.nodes or --nodes",
    ),
    "wire:": (Excuse.NO_WIRE, "the kit cannot let the connection of the {need} fail"),
    "role:": (Excuse.FIXTURE, "the fixture has no user for this: {need}"),
    "fixture:": (Excuse.FIXTURE, "the fixture does not have this: {need}"),
    "identity:": (Excuse.FIXTURE, "the configuration has no such identity: {need}"),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; all empty means everything that binds the target's role.

    `only` holds requirement ids, checks, areas (`CTRL`) or case names to judge; `cases` limits which
    cases run; `profiles` which profiles are judged; `skip` takes checks out again.
    """

    only: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    role: str = SERVER

    @property
    def filtered(self) -> bool:
        """Whether anything was left out by choice: such a run is never called conformant."""
        return bool(self.only or self.cases or self.profiles or self.skip)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the kit can judge: requirements, and roles with cases and rules for them."""

    registry: Registry
    roles: tuple[Role[Any, Any, Any], ...]

    @property
    def cases(self) -> tuple[Case[Any], ...]:
        """The cases of all roles."""
        return tuple(case for role in self.roles for case in role.cases)

    @property
    def rules(self) -> tuple[Rule[Any], ...]:
        """The rules of all roles."""
        return tuple(rule for role in self.roles for rule in role.rules)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that targets may declare."""
        return tuple(dict.fromkeys(name for role in self.roles for name in role.profiles))

    def role(self, name: str) -> Role[Any, Any, Any]:
        """The role of a name; UsageError names those that there are."""
        for role in self.roles:
            if role.name == name:
                return role
        known = ", ".join(role.name for role in self.roles)
        raise UsageError(f"There is no role '{name}'. There are {known}.")

    def of(self, role: str) -> Catalogue:
        """What a run on a target of one role is about: the requirements that bind it, and its checks.

        A role that judges none of them as a whole has those alone that it has checks of. Raises
        UsageError for a role that there is not.
        """
        chosen = self.role(role)
        found = Catalogue(self.registry.binding(chosen.binds), (chosen,))
        if chosen.whole:
            return found
        return Catalogue(found.registry.only({c.requirement for c in found.checks()}), (chosen,))

    def checks(self) -> dict[CheckId, Case[Any] | None]:
        """Every check with its case, None for sweeps; in the order of the registry."""
        swept = {requirement for rule in self.rules for requirement in rule.requirements}
        by_requirement: dict[str, list[Case[Any]]] = {}
        for case in self.cases:
            for requirement in case.requirements:
                by_requirement.setdefault(requirement, []).append(case)
        found: dict[CheckId, Case[Any] | None] = {}
        for requirement in self.registry:
            for case in by_requirement.get(requirement.id, ()):
                found[CheckId(requirement.id, case.name)] = case
            if requirement.id in swept:
                found[CheckId(requirement.id, SWEEP)] = None
        return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a selection means: its checks, in the order of the registry; see `choose`."""

    catalogue: Catalogue
    selection: Selection
    checks: Mapping[CheckId, Case[Any] | None]

    @property
    def judged(self) -> tuple[str, ...]:
        """The requirements that these checks judge."""
        found = {check.requirement for check in self.checks}
        return tuple(r.id for r in self.catalogue.registry if r.id in found)

    @property
    def told(self) -> tuple[str, ...]:
        """The requirements to tell of: a whole run tells also of those that no check can observe."""
        if self.selection.filtered:
            return self.judged
        return tuple(r.id for r in self.catalogue.registry)


@dataclass(frozen=True, slots=True)
class Plan:
    """The checks to settle, the cases to run in order, and verdicts that are settled already."""

    checks: tuple[CheckId, ...]
    cases: tuple[Case[Any], ...]
    settled: Mapping[CheckId, Verdict]
    filtered: bool
    """Whether it is a part of what could be judged, by choice or by what its role is about."""

    def excuse_of_silence(self, sweep: CheckId) -> Excuse | None:
        """What excuses a sweep, or a drawn case, that met nothing to judge.

        It is nothing where that alone judges all of a requirement: what a target never sends cannot be
        wrong, but it chooses what it sends.
        """
        return excuse_of_silence(sweep, self.checks, filtered=self.filtered)


@dataclass(frozen=True, slots=True)
class Means:
    """What a run has at hand: declared profiles, what fixture and target offer, whether it may disrupt.

    `offers` are needs that are met: those of the fixture, hooks, `action:` with each listed type, and
    `able:` with what these add up to.
    `cramped` says of which kinds, with "" for all, the target tells limits too small to see anything.
    """

    profiles: frozenset[str]
    offers: frozenset[str]
    may_disrupt: bool
    cramped: Mapping[str, str] = field(default_factory=dict[str, str])


def choose(catalogue: Catalogue, selection: Selection) -> Chosen:
    """Find out what a selection means, once for a whole run; see `select` for errors."""
    selection = of_its_role(selection)
    return Chosen(catalogue.of(selection.role), selection, select(catalogue, selection))


def of_its_role(selection: Selection) -> Selection:
    """The same with its profiles named as the role calls them: `client:core` is `core` of a client.

    Raises UsageError for a profile of another role.
    """
    names: list[str] = []
    for whole in selection.profiles:
        role, name = split_name(whole)
        if role not in (None, selection.role):
            raise UsageError(
                f"The profile '{whole}' is one of role '{role}', and this run judges one of role "
                f"'{selection.role}'."
            )
        names.append(name)
    return replace(selection, profiles=tuple(names))


def select(catalogue: Catalogue, selection: Selection) -> dict[CheckId, Case[Any] | None]:
    """The checks that a selection means.

    Raises UsageError for a name that nothing has, with the closest ones, and NothingToRunError when
    good names leave no check over.
    """
    everything, catalogue = catalogue, catalogue.of(selection.role)
    selection = of_its_role(selection)
    _binding(everything.registry, catalogue, selection)
    checks = catalogue.checks()
    for name in selection.profiles:
        if name not in catalogue.profiles:
            raise UsageError(_no_profile(name, selection.role, catalogue.profiles))
    _known("case", selection.cases, [case.name for case in catalogue.cases])
    wanted = _named(catalogue, checks, selection.only) if selection.only else set(checks)
    if catalogue.role(selection.role).whole:
        wanted -= _drawn_unnamed(checks, selection)
    wanted -= _named(catalogue, checks, selection.skip)
    if selection.profiles:
        wanted = {
            c for c in wanted if catalogue.registry[c.requirement].profile in selection.profiles
        }
    if selection.cases:
        wanted = {c for c in wanted if c.source in (*selection.cases, SWEEP)}
    if not wanted:
        raise NothingToRunError(
            "The selection matches no check. `omnisession list --cases` shows what there is."
        )
    return {check: case for check, case in checks.items() if check in wanted}


def _no_profile(name: str, role: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    return f"There is no profile '{name}' of a {role}. {guess}There are {', '.join(known)}."


def _drawn_unnamed(
    checks: Mapping[CheckId, Case[Any] | None], selection: Selection
) -> set[CheckId]:
    """The checks of drawn cases where requirements or areas were named, and not they.

    Such a case judges whatever its traffic shows: it belongs to whole runs, and whoever wants to know
    of one requirement is told sooner by what is about it.
    """
    named = {*selection.only, *selection.cases}
    return {
        check
        for check, case in checks.items()
        if selection.only
        and case is not None
        and case.drawn
        and not named & {str(check), check.source}
    }


def _named(catalogue: Catalogue, checks: Collection[CheckId], names: Iterable[str]) -> set[CheckId]:
    found: set[CheckId] = set()
    for name in names:
        matching = {
            c
            for c in checks
            if name in (str(c), c.requirement, c.source) or c.requirement.split("-")[0] == name
        }
        if not matching:
            known = {str(c) for c in checks} | {c.requirement for c in checks}
            known |= {c.source for c in checks} | {c.requirement.split("-")[0] for c in checks}
            if name in catalogue.registry:
                raise UsageError(
                    f"{name} has no check of its own: `omnisession explain {name}` says why."
                )
            raise UsageError(_unknown("requirement, check, area or case", name, known))
        found |= matching
    return found


def _binding(everything: Registry, catalogue: Catalogue, selection: Selection) -> None:
    for name in (*selection.only, *selection.skip):
        requirement = name.partition("@")[0]
        if requirement in everything and requirement not in catalogue.registry:
            raise UsageError(
                f"{requirement} binds a target of role '{everything[requirement].role}', "
                f"and this run judges one of role '{selection.role}'."
            )


def _known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise UsageError(_unknown(what, name, known))


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    close = get_close_matches(name.upper(), known, 3) or get_close_matches(name, known, 3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"There is no {what} '{name}'.{hint} `omnisession list --cases` shows all of them."


def make_plan(chosen: Chosen, means: Means, chance: Random | None = None) -> Plan:
    """Decide what runs of what was chosen; in the order of the suite, or by chance where it may be."""
    catalogue, selection, checks = chosen.catalogue, chosen.selection, chosen.checks
    settled: dict[CheckId, Verdict] = {}
    run: dict[str, Case[Any]] = {}
    for check, case in checks.items():
        requirement = catalogue.registry[check.requirement]
        verdict = _unjudged(check, requirement, case, means)
        if verdict is not None:
            settled[check] = verdict
        elif case is not None:
            run[case.name] = case
    fed = {requirement for case in run.values() for requirement in case.requirements}
    alone = [c for c, case in checks.items() if case is None and c not in settled]
    if any(check.requirement not in fed for check in alone) and (selection.only or not run):
        # A sweep judges the traffic of the cases that feed its requirement. One that has none, and was
        # named, needs them all; chosen with others, by profile or by what was left out, it has theirs.
        run.update((case.name, case) for case in _at_hand(chosen) if _may_run(case, means))
    whole = catalogue.role(selection.role).whole and not selection.filtered
    return Plan(tuple(checks), order_cases(run.values(), chance), settled, filtered=not whole)


def _at_hand(chosen: Chosen) -> Iterator[Case[Any]]:
    """The cases that a selection does not exclude."""
    catalogue, selection = chosen.catalogue, chosen.selection
    left_out = _named(catalogue, catalogue.checks(), selection.skip)
    for case in catalogue.cases:
        checks = {CheckId(requirement, case.name) for requirement in case.requirements}
        if (not selection.cases or case.name in selection.cases) and not checks <= left_out:
            yield case


def order_cases(cases: Iterable[Case[Any]], chance: Random | None = None) -> tuple[Case[Any], ...]:
    """Cases by phase; in the quiet one real-time cases first and lone ones last.

    Behind those in real time come the cases that have a user who is shown what everybody has made, as
    long as there is little of it. What these leave open is left to chance, where there is any.
    """
    phases, mixed = list(Phase), list(cases)
    if chance is not None:
        # By name, so that the same seed means the same order whatever the suite's own is.
        mixed.sort(key=lambda c: c.name)
        chance.shuffle(mixed)
    return tuple(
        sorted(
            mixed,
            key=lambda c: (phases.index(c.phase), c.alone, not c.slow, SEES_ALL not in c.needs),
        )
    )


def _unjudged(
    check: CheckId, requirement: Requirement, case: Case[Any] | None, means: Means
) -> Verdict | None:
    if not is_claimed(means.profiles, requirement.role, requirement.profile):
        lack = Lack(Thing.PROFILE, requirement.profile)
        return Verdict.lacking(check, requirement.level, lack)
    if case is None:
        return None
    lack = _lacks(case, means)
    if lack is not None:
        return Verdict.lacking(check, requirement.level, lack, Excuse.NOT_SERVED)
    missing = _missing(case, means)
    if missing is not None:
        excuse, reason = missing
        return Verdict(check, Status.NOT_RUN, requirement.level, 0, reason, excuse)
    cramped = _no_room(case, means)
    # The target's own limits are no excuse, and what is wrong with them is told once.
    if cramped is None:
        return None
    return Verdict(check, Status.NOT_RUN, requirement.level, 0, cramped)


def excuse_of_silence(
    sweep: CheckId, checks: Collection[CheckId], *, filtered: bool
) -> Excuse | None:
    """What excuses a sweep that met nothing to judge, among the checks of a run."""
    if any(c.requirement == sweep.requirement and c != sweep for c in checks):
        return Excuse.NOTHING_SEEN
    return Excuse.SELECTION if filtered else None


def _no_room(case: Case[Any], means: Means) -> str | None:
    """Why the limits of the target leave a case no room, which is a fault of the target."""
    if FLOORS_HOLD in case.requirements:
        return None
    names = (need.removeprefix(ACTION).partition(".")[0] for need in case.needs)
    kinds = ["", *(KIND_OF_PREFIX.get(name, name) for name in names)]
    return next((means.cramped[kind] for kind in kinds if kind in means.cramped), None)


def _may_run(case: Case[Any], means: Means) -> bool:
    missing = _lacks(case, means) or _missing(case, means) or _no_room(case, means)
    return missing is None


def _lacks(case: Case[Any], means: Means) -> Lack | None:
    """The first of what a case needs that the target tells not to have, None where it has all."""
    return next((lack for need in case.needs if (lack := _not_served(need, means))), None)


def _missing(case: Case[Any], means: Means) -> tuple[Excuse, str] | None:
    """Why a case cannot run for a reason outside of the target, if so: one on the list of excuses."""
    for need in case.needs:
        if need.startswith(_FOUND_OUTSIDE) and need not in means.offers:
            prefix, _, name = need.partition(":")
            excuse, reason = _MISSING[f"{prefix}:"]
            return excuse, reason.format(need=name)
    if case.phase is not Phase.QUIET and not means.may_disrupt:
        return Excuse.NO_DISRUPTION, "it may disturb others; allow it with --allow-disruption"
    return None


def _not_served(need: str, means: Means) -> Lack | None:
    """What the target tells not to have of a need; None where it has it, or has no say in it."""
    if need.startswith(_FOUND_OUTSIDE):
        return None
    for begins, thing in _TOLD_BY_ACTIONS.items():
        if need.startswith(begins):
            return None if need in means.offers else Lack(thing, need.removeprefix(begins))
    return None if need in means.profiles else Lack(Thing.PROFILE, need)


def not_reached(chosen: Chosen, reason: str) -> tuple[Verdict, ...]:
    """The verdicts of a run whose target was never reached."""
    registry = chosen.catalogue.registry
    return tuple(
        Verdict(check, Status.NOT_RUN, registry[check.requirement].level, 0, reason)
        for check in chosen.checks
    )

"""The generated parts about requirements and the checks that judge them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from docs_markdown import code, count, plain, table
from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.role import INTEROP, SERVER
from omnisession_conformance.protocol.areas import area_title
from omnisession_conformance.protocol.verdict import SWEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.plan import Catalogue
    from omnisession_conformance.engine.role import Role
    from omnisession_conformance.engine.sweep import Rule
    from omnisession_conformance.protocol.registry import Registry, Requirement
    from omnisession_conformance.protocol.verdict import CheckId

CLIENT, DEPLOYMENT = "client", "deployment"
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT")
AREAS = {"state": "States", "urls": "Short URLs"}
"""Headings of the suite's areas, where the name of the folder is not one."""
_OF_SERVERS = ".suite.server."
_ELSEWHERE = "; on a server that is running already only with `--allow-disruption`"
_PHASES = {
    Phase.QUIET: "",
    Phase.LOUD: "floods lists or rates",
    Phase.HOSTILE: "sends garbage",
    Phase.HOOKS: "stops or restarts the server",
    Phase.INSTANCES: "ends or freezes instances of the server",
    Phase.WIRES: "lets the connection of the server to the broker fail",
}


def parts(catalogue: Catalogue) -> dict[str, str]:
    """Every generated part about requirements and checks, by its name."""
    checks = _by_requirement(catalogue.checks())
    return {
        "requirement-counts": _counts(catalogue),
        "requirements": "\n\n".join(_requirements(catalogue, checks)),
        "check-counts": _check_counts(catalogue),
        "cases": "\n\n".join(_cases(catalogue)),
        "sweeps": "\n\n".join(_sweeps(catalogue.rules)),
    }


def _by_requirement(checks: Iterable[CheckId]) -> dict[str, list[CheckId]]:
    found: dict[str, list[CheckId]] = {}
    for check in checks:
        found.setdefault(check.requirement, []).append(check)
    return found


def requirement_link(requirement: str, page: str = "requirements.md") -> str:
    """A link from a page of the reference to the entry of a requirement."""
    return f"[{requirement}]({page}#{requirement.lower()})"


# -- requirements -----------------------------------------------------------------------------------


def _counts(catalogue: Catalogue) -> str:
    rows: list[tuple[str, ...]] = []
    for role in catalogue.registry.roles:
        mine = _binding(catalogue, role)
        for area in mine.areas:
            cells = _cells(r for r in mine if r.area == area)
            rows.append((f"[{area}](#{area.lower()})", area_title(area), *cells))
        rows.append((f"all of {role}s", "", *_cells(mine)))
    return table(("Area", "Subject", "Requirements", *LEVELS), rows)


def _binding(catalogue: Catalogue, role: str) -> Registry:
    """What a target of a role is judged by; where the kit cannot test one yet, what is of its name."""
    binds = next((known.binds for known in catalogue.roles if known.name == role), (role,))
    return catalogue.registry.binding(binds)


def _cells(requirements: Iterable[Requirement]) -> list[str]:
    levels = [r.level for r in requirements]
    return [str(len(levels)), *(str(levels.count(level) or "·") for level in LEVELS)]


def _requirements(catalogue: Catalogue, checks: Mapping[str, list[CheckId]]) -> Iterator[str]:
    registry = catalogue.registry
    for area in registry.areas:
        yield f"## {area_title(area)} ({area}) {{ #{area.lower()} }}"
        for requirement in registry:
            if requirement.area == area:
                yield _requirement(
                    requirement, checks.get(requirement.id, []), _binds(requirement, registry)
                )


def _binds(requirement: Requirement, registry: Registry) -> str:
    if len(registry.roles) < 2:
        return ""
    return "binds both sides" if requirement.role == "any" else f"binds {requirement.role}s"


def _profile(requirement: Requirement) -> str:
    """Its profile; one of clients is told apart from what servers call by the same name."""
    of = f"{requirement.role}:" if requirement.role in (CLIENT, DEPLOYMENT) else ""
    return f"{of}{requirement.profile}"


def _requirement(requirement: Requirement, checks: list[CheckId], binds: str) -> str:
    place = f"[in the specification](../spec/{requirement.spec})"
    listed = ", ".join(_check_link(check) for check in checks)
    unchecked = f"none: {requirement.excluded or 'none is written yet'}"
    about = (
        f"**{requirement.level}**",
        f"profile {code(_profile(requirement))}",
        *((binds,) if binds else ()),
        f"since {requirement.since}",
        place,
    )
    return "\n\n".join(
        (
            f"#### {requirement.id} {plain(requirement.title)} {{ #{requirement.id.lower()} }}",
            " · ".join(about),
            plain(requirement.text),
            "\n".join(
                (
                    f"- Seen by the kit: {plain(requirement.observe)}",
                    f"- Checks: {listed or unchecked}",
                    *_faults(requirement),
                )
            ),
        )
    )


def _faults(requirement: Requirement) -> Iterator[str]:
    if requirement.faults:
        names = ", ".join(code(name) for name in requirement.faults)
        yield f"- [Faults](command-line.md#faulty-servers) that break it: {names}"


def _check_link(check: CheckId) -> str:
    anchor = "sweeps" if check.source == SWEEP else check.source
    return f"[`{check.source}`](checks.md#{anchor})"


# -- checks -----------------------------------------------------------------------------------------


def _many(role: str) -> str:
    """What more than one target of a role are called."""
    return "pairs" if role == INTEROP else f"{role}s"


def _check_counts(catalogue: Catalogue) -> str:
    """What judges how much, role by role: a kit that tests no clients yet says nothing of them."""
    told = [_check_count(catalogue.of(role.name), role.name) for role in catalogue.roles]
    return " ".join((*told, "[Requirements](requirements.md) without a check say why."))


def _check_count(catalogue: Catalogue, role: str) -> str:
    checks = catalogue.checks()
    sweeps = sum(case is None for case in checks.values())
    judged = len({check.requirement for check in checks})
    return (
        f"{count(len(checks), 'check')} judge {judged} of "
        f"{count(len(catalogue.registry), 'requirement')} of {_many(role)}: "
        f"{count(len(catalogue.cases), 'case')} make {len(checks) - sweeps} of them, "
        f"{count(len(catalogue.rules), 'rule')} the other {sweeps}."
    )


def _cases(catalogue: Catalogue) -> Iterator[str]:
    for role in catalogue.roles:
        yield from _cases_of(role)


def _cases_of(role: Role[Any, Any, Any]) -> Iterator[str]:
    # Roles may have areas of one name, and links to those of servers are older than other roles.
    of, at = ("", "") if role.name == SERVER else (f", {_many(role.name)}", f"{role.name}-")
    area = ""
    for case in role.cases:
        if case.area != area:
            area = case.area
            yield f"### {AREAS.get(area, area.capitalize())}{of} {{ #cases-{at}{area} }}"
        yield f"#### {code(case.name)} {{ #{case.name} }}"
        yield plain(case.title)
        yield "\n".join(f"- {line}" for line in _about(case))


def _about(case: Case[Any]) -> Iterator[str]:
    yield f"Judges {', '.join(map(requirement_link, case.requirements))}"
    if case.needs:
        yield f"Needs {', '.join(map(code, case.needs))}"
    if _PHASES[case.phase]:
        yield (
            f"Phase {code(case.phase)}: it {_PHASES[case.phase]}, so it runs alone"
            f"{_ELSEWHERE if _OF_SERVERS in case.module else ''}"
        )
    elif case.alone:
        yield "Runs alone"


def _sweeps(rules: Iterable[Rule[Any]]) -> Iterator[str]:
    rows = [
        (
            code(rule.name),
            (
                f"{plain(_first_sentence(inspect.getdoc(rule.run) or ''))}\n"
                f"{', '.join(map(requirement_link, rule.requirements))}"
            ),
        )
        # A pair is judged by the rules of both its sides, which are told once.
        for rule in {rule.name: rule for rule in reversed(tuple(rules))}.values()
    ][::-1]
    yield table(("Rule", "What it judges in every message"), rows)


def _first_sentence(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())

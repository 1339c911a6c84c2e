"""`omnisession list` and `explain`: what the kit knows, without any broker."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from omnisession_conformance.cli.codes import error_told, own_code, requirement_told
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.areas import area_title
from omnisession_conformance.protocol.registry import (
    Registry,
    closest,
    load_registry,
)
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, ROLES, SERVER
from omnisession_conformance.protocol.verdict import SWEEP, CheckId
from omnisession_conformance.report.text import plural
from omnisession_conformance.report.words import spec_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.protocol.registry import Requirement
    from omnisession_conformance.protocol.schemas import ErrorCode

WIDTH = 100
HOW_CLIENTS_ARE = (
    "the kit is the client's server: it judges what the client sends, and what its adapter reports of "
    "what it holds (docs/reference/testee.md)"
)
BY_MESSAGES = "needs no report of the client: what its connection sends is all"
LEVELS = ("MUST", "SHOULD")


@click.command("list")
@click.option("--area", "areas", multiple=True, metavar="AREA", help="Only this area, e.g. STATE.")
@click.option("--profile", "profiles", multiple=True, metavar="PROFILE", help="Only this profile.")
@click.option("--role", type=click.Choice(ROLES), help="Only what binds targets of this role.")
@click.option(
    "--level",
    type=click.Choice(LEVELS, case_sensitive=False),
    help="Only this level; each includes its NOT.",
)
@click.option("--cases", "with_checks", is_flag=True, help="Show the checks of each requirement.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_(
    areas: tuple[str, ...],
    profiles: tuple[str, ...],
    role: str | None,
    level: str | None,
    with_checks: bool,
    as_json: bool,
) -> None:
    """List the requirements, and with --cases the checks that judge them."""
    registry = load_registry()
    areas = tuple(area.upper() for area in areas)
    _known("area", areas, registry.areas)
    _known("profile", profiles, registry.profiles)
    chosen = [
        r
        for r in registry
        if (not areas or r.area in areas)
        and (not profiles or any(r.is_of(profile) for profile in profiles))
        and (role is None or _binds(r, role))
        and (level is None or r.level.startswith(level))
    ]
    checks = _checks(role) if with_checks else {}
    if as_json:
        click.echo(json.dumps([_as_json(r, checks, told=with_checks) for r in chosen], indent=2))
        return
    for area in dict.fromkeys(r.area for r in chosen):
        click.echo(f"{area_title(area)} ({area})")
        for requirement in (r for r in chosen if r.area == area):
            _list_one(requirement, checks, told=with_checks, roles=len(registry.roles) > 1)
        click.echo()
    total = f" of {len(registry)}" if len(chosen) < len(registry) else ""
    click.echo(f"{plural(len(chosen), 'requirement')}{total}, protocol {registry.version}")


def _binds(requirement: Requirement, role: str) -> bool:
    """Whether it binds targets of a role; what binds both sides is asked of servers.

    Of a pair that is what its scenarios may come to.
    """
    if role == INTEROP:
        return bool(_checks(role).get(requirement.id))
    return requirement.role == role or (requirement.role == "any" and role == SERVER)


def _known(what: str, names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            close = closest(name, known)
            guess = f"Did you mean {' or '.join(close)}? " if close else ""
            raise UsageError(
                f"No requirement has the {what} '{name}'. {guess}There are {', '.join(known)}."
            )


@cache
def _checks(role: str | None = None) -> dict[str, list[CheckId]]:
    # Importing the suite imports every case, which a plain list does not need.
    from omnisession_conformance.suite import catalogue, checks  # noqa: PLC0415

    found: dict[str, list[CheckId]] = {}
    for check in checks() if role is None else catalogue(role).checks():
        found.setdefault(check.requirement, []).append(check)
    return found


def _cases() -> dict[str, Case[Any]]:
    from omnisession_conformance.suite import cases  # noqa: PLC0415

    return {case.name: case for case in cases()}


def _as_json(
    requirement: Requirement, checks: dict[str, list[CheckId]], *, told: bool
) -> dict[str, Any]:
    entry: dict[str, Any] = asdict(requirement)
    if told:
        entry["checks"] = [str(check) for check in checks.get(requirement.id, ())]
    return entry


def _list_one(
    requirement: Requirement, checks: dict[str, list[CheckId]], *, told: bool, roles: bool
) -> None:
    profile = f"{requirement.whole_profile:<15}" if roles else f"{requirement.profile:<9}"
    click.echo(f"  {requirement.id:<11} {requirement.level:<10} {profile} {requirement.title}")
    if not told:
        return
    for check in checks.get(requirement.id, ()):
        click.echo(f"  {'':<11} {check}")
    if requirement.id not in checks:
        click.echo(f"  {'':<11} no check: {requirement.excluded or 'none is written yet'}")


@click.command()
@click.argument("name", metavar="REQ-ID | CHECK | ERROR | CODE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(name: str, as_json: bool) -> None:
    """Explain a requirement (STATE-003), a check (STATE-003@sweep) or an error code (4091).

    Codes of the kit are explained, too: what excuses a check (no-right), what doctor looks at
    (broker.version).
    """
    if (own := own_code(name)) is not None:
        _tell_own_code(own, as_json=as_json)
        return
    if name.isdigit() or _error_named(name) is not None:
        _explain_error(name, as_json=as_json)
        return
    requirement_id, _, source = name.partition("@")
    registry = load_registry()
    requirement = _find(registry, requirement_id)
    checks = _checks().get(requirement.id, [])
    if source and CheckId(requirement.id, source) not in checks:
        raise UsageError(_no_such_check(requirement.id, source, checks))
    told = [c for c in checks if not source or c.source == source]
    if as_json:
        click.echo(json.dumps(requirement_told(requirement, told, _cases()), indent=2))
        return
    _explain_requirement(requirement)
    _explain_checks(requirement, told)


def _tell_own_code(own: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(own, indent=2))
        return
    click.echo(f"{own['code']}  {own['kind']}\n")
    _paragraph(own["what"])
    if "shown_by" in own:
        click.echo()
        _row("shown by", own["shown_by"])
        _row("--strict", "fails" if own["fails_strict"] else "makes no difference")


def _find(registry: Registry, name: str) -> Requirement:
    """The requirement, whichever way its letters are written."""
    return registry[name.upper() if name.upper() in registry else name]


def _no_such_check(requirement: str, source: str, checks: Sequence[CheckId]) -> str:
    known = ", ".join(map(str, checks))
    if not known:
        return f"There is no check '{requirement}@{source}': {requirement} has no check at all."
    return f"There is no check '{requirement}@{source}'. {requirement} has {known}."


def _explain_requirement(requirement: Requirement) -> None:
    click.echo(f"{requirement.id}  {requirement.title}\n")
    _paragraph(requirement.text)
    click.echo()
    _row("level", requirement.level)
    _row("profile", _profile_told(requirement))
    _row("binds", "servers and clients" if requirement.role == "any" else f"{requirement.role}s")
    _row("since", f"protocol {requirement.since}")
    _row("spec", spec_link(requirement.spec))
    _row("observed", requirement.observe)
    if requirement.role == CLIENT:
        _row("checked", HOW_CLIENTS_ARE)
    if requirement.faults:
        _row("faults", ", ".join(requirement.faults))


def _profile_told(requirement: Requirement) -> str:
    # Every server has the core; a client may have less.
    if requirement.role != CLIENT and requirement.profile == "core":
        return "core"
    who = requirement.role if requirement.role in (CLIENT, DEPLOYMENT) else "target"
    return f"{requirement.profile} (a {who} that does not declare it is not judged)"


def _how_to_run(requirement: Requirement, checks: Sequence[CheckId]) -> str:
    cases = _cases()
    if all(c.source in cases and _is_of_pairs(cases[c.source]) for c in checks):
        return f" --role {INTEROP}"
    return f" --role {requirement.role}" if requirement.role in (CLIENT, DEPLOYMENT) else ""


def _explain_checks(requirement: Requirement, checks: Sequence[CheckId]) -> None:
    if not checks:
        _row("checks", f"none: {requirement.excluded or 'none is written yet'}")
        return
    cases = _cases()
    click.echo("\nChecks")
    for check in checks:
        click.echo(f"  {check}")
        if check.source == SWEEP:
            _paragraph("judges every message of the target in the whole run", indent=6)
            if requirement.role == CLIENT:
                _paragraph(BY_MESSAGES, indent=6)
        elif (case := cases.get(check.source)) is not None:
            for line in _about_case(case, requirement.role):
                _paragraph(line, indent=6)
    click.echo("\nRun it")
    only = checks[0] if len(checks) == 1 else requirement.id
    click.echo(f"  omnisession check{_how_to_run(requirement, checks)} --only {only}")


def _about_case(case: Case[Any], role: str) -> Iterable[str]:
    if case.title:
        yield case.title
    if case.needs:
        yield f"needs {', '.join(case.needs)}"
    if case.phase != "quiet":
        own = role == CLIENT or _is_of_pairs(case)
        of_others = "" if own else "; on a server of others: --allow-disruption"
        yield f"runs alone, in the {case.phase} phase{of_others}"


def _is_of_pairs(case: Case[Any]) -> bool:
    """Whether it is a scenario of a server with a client."""
    return f".{INTEROP}." in case.module


def _error_named(name: str) -> ErrorCode | None:
    from omnisession_conformance.protocol.schemas import catalogue  # noqa: PLC0415 - as for the suite

    errors = catalogue().errors.values()
    return next((e for e in errors if name.upper() in (e.name, str(e.code))), None)


def _explain_error(name: str, *, as_json: bool) -> None:
    error = _error_named(name)
    if error is None:
        from omnisession_conformance.protocol.schemas import catalogue  # noqa: PLC0415

        codes = ", ".join(str(code) for code in catalogue().errors)
        raise UsageError(f"There is no error code {name}. Protocol 1.0 has {codes}.")
    if as_json:
        click.echo(json.dumps(error_told(error, _mentions(str(error.code))), indent=2))
        return
    click.echo(f"{error.code} {error.name}\n")
    _paragraph(error.meaning)
    click.echo()
    _row("sent", error.when)
    _row(
        "retryable",
        "yes: send the same bytes again after a while"
        if error.retryable
        else "no: the outcome is final",
    )
    _row("profile", error.profile)
    for detail in error.details:
        _row("details", f"{detail.name} ({detail.type}): {detail.what}")
    if error.requires:
        _row("always has", ", ".join(error.requires))
    if told := _mentions(str(error.code)):
        _row("see", ", ".join(told))


def _mentions(code: str) -> list[str]:
    return [r.id for r in load_registry() if code in r.text]


def _row(label: str, words: str) -> None:
    hanging = " " * 12
    click.echo(
        textwrap.fill(
            words,
            WIDTH,
            initial_indent=f"{label:<12}",
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _paragraph(words: str, *, indent: int = 0) -> None:
    click.echo(
        textwrap.fill(
            words,
            WIDTH,
            initial_indent=" " * indent,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )

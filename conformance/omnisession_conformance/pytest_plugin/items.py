"""Cases and sweeps as pytest items that all wait for one run of the plain engine.

The first item makes the whole run of everything that was selected; verdicts settle at its end, so no
item is green before target and tap have lasted to the end.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

import omnisession_conformance
from omnisession_conformance.engine.conduct import conduct
from omnisession_conformance.engine.plan import Selection, choose
from omnisession_conformance.engine.stopper import Stopper, run_to_end
from omnisession_conformance.environment.asked import Asked
from omnisession_conformance.environment.carriers import CARRIERS
from omnisession_conformance.environment.config import SEED_VARIABLE
from omnisession_conformance.environment.settings import read_settings, role_of
from omnisession_conformance.errors import KitError, UsageError, kit_failed
from omnisession_conformance.exits import Exit
from omnisession_conformance.outputs.folder import ReportFolder
from omnisession_conformance.outputs.wording import of_pytest
from omnisession_conformance.protocol.limits import FLOORS_HOLD, RATE_HOLDS
from omnisession_conformance.protocol.roles import ROLES
from omnisession_conformance.protocol.verdict import SWEEP, CheckId, Status
from omnisession_conformance.report.failures import show_requirement
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.text import WHOLE, one_line, quoted
from omnisession_conformance.report.words import beyond_first_sentence, headline, left_untested
from omnisession_conformance.results import RunStatus
from omnisession_conformance.results.baseline import load_baseline
from omnisession_conformance.suite import catalogue, everything
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.plan import Catalogue
    from omnisession_conformance.results import CheckResult, Results

SWEEPS_FILE = "sweeps.py"
WIDTH = 96
_RESULTS = pytest.StashKey["Results | KitError"]()
_BAD = (Status.FAIL, Status.HARNESS, Status.INCONCLUSIVE)
_MARKED = (
    "The conformance suite has no marks, so -m would leave nothing of it: select with --omni-only, "
    "--omni-profile and --omni-skip, or with -k."
)
_FORKED = (
    "The conformance suite makes one run for all its items, which processes of their own would each "
    "make again: run it without --forked."
)
_DISTRIBUTED = (
    "The conformance suite runs its cases side by side by itself and needs one log of the whole run: "
    "run it without pytest-xdist (-p no:xdist, or -n 0)."
)


def area_file(path: Path, parent: pytest.Collector) -> AreaFile | None:
    """The collector of a module of the suite, if it has any items."""
    options = parent.config.option
    if getattr(options, "numprocesses", None) or hasattr(parent.config, "workerinput"):
        raise pytest.UsageError(_DISTRIBUTED)
    if getattr(options, "forked", False):
        raise pytest.UsageError(_FORKED)
    if getattr(options, "markexpr", ""):
        raise pytest.UsageError(_MARKED)
    file = AreaFile.from_parent(parent, path=path)  # pyright: ignore[reportUnknownMemberType]
    return file if file.has_items() else None


class AreaFile(pytest.File):
    """One area: its cases, or the sweeps of all areas."""

    def _cases(self) -> list[Case[Any]]:
        package = Path(omnisession_conformance.__file__).parents[1]
        module = ".".join(self.path.relative_to(package).with_suffix("").parts)
        return [case for case in _catalogue(self.config).cases if case.module == module]

    def has_items(self) -> bool:
        """Whether the module holds cases, or stands for the sweeps."""
        return self.path.name == SWEEPS_FILE or bool(self._cases())

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the items in the order of definition."""
        known = _catalogue(self.config).checks()
        if self.path.name == SWEEPS_FILE:
            for check, case in known.items():
                if case is None:
                    yield VerdictItem.of(self, str(check), (check,), "")
        for case in self._cases():
            checks = tuple(CheckId(r, case.name) for r in case.requirements)
            yield VerdictItem.of(self, case.name, checks, case.title)


class VerdictItem(pytest.Item):
    """A case, or one requirement's sweep, with the checks that it settles."""

    checks: tuple[CheckId, ...]
    title: str

    @classmethod
    def of(
        cls, parent: AreaFile, name: str, checks: tuple[CheckId, ...], title: str
    ) -> VerdictItem:
        """Make an item below its area."""
        item = cast("VerdictItem", cls.from_parent(parent, name=name))  # pyright: ignore[reportUnknownMemberType]
        item.checks, item.title = checks, title
        for requirement in sorted({check.requirement for check in checks}):
            # So that `-k STATE-003` finds every item that feeds the requirement.
            item.extra_keyword_matches.add(requirement)
        return item

    def runtest(self) -> None:
        """Pass, fail or skip as the settled verdicts say; the first item makes the run.

        A run without a verdict ends the session at once, unless something had failed by then.
        """
        try:
            results = run_once(self.session)
        except KitError as error:
            pytest.exit(quoted(str(error)), returncode=error.exit_code)
        mine = {str(check) for check in self.checks}
        checks = [check for check in results.checks if check.check in mine]
        if results.end.run_status is not RunStatus.COMPLETE:
            _without_verdict(results, [c for c in checks if c.status is Status.FAIL])
        self._tell_warnings(results, checks)
        strictly = {r.id for r in left_untested(results)} if results.end.strict else set[str]()
        # What a limit left no room for is told once, by the item about that limit.
        mine_to_tell = [
            c for c in checks if c.expected is None and not _blamed_elsewhere(results, c)
        ]
        bad = [c for c in mine_to_tell if c.status in _BAD or _unexcused(c, strictly)]
        if bad or not checks:
            raise BrokenError(explain(results, bad))
        if wrong := baseline_problems(results, mine):
            raise BrokenError("\n".join(wrong))
        if expected := [c for c in checks if c.keeps and c.expected is not None]:
            pytest.xfail(_reasons(c.expected or "" for c in expected))
        if not any(c.status in (Status.PASS, Status.WARN) for c in checks):
            pytest.skip(_reasons(c.reason for c in checks))

    def _tell_warnings(self, results: Results, checks: Iterable[CheckResult]) -> None:
        warned = [check for check in checks if check.status is Status.WARN]
        if warned:
            self.add_report_section("call", "omnisession warnings", explain(results, warned))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what the report shows, and no frames of the kit."""
        if isinstance(excinfo.value, (BrokenError, KitError)):
            text = str(excinfo.value)
            return _Told(text, _Line(_heading(text)))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, for the headings of failures."""
        return self.path, 0, f"{self.name}: {self.title}" if self.title else self.name


class BrokenError(Exception):
    """The checks of an item did not pass; the text is what the report says of them."""


def _heading(text: str) -> str:
    """Give the first line without its number and columns."""
    words = text.partition("\n")[0].split()
    return " ".join(words[1:] if words and words[0].isdigit() else words)


@dataclass(frozen=True, slots=True)
class _Line:
    message: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What failed, and its first line for pytest's summary, which takes all of it where CI is set."""

    text: str
    reprcrash: _Line

    def toterminal(self, tw: Any) -> None:
        tw.line(self.text)

    def __str__(self) -> str:
        return self.text


_ROLE = pytest.StashKey[str]()
_FOR_SERVERS = ("--omni-nats", "--omni-secret", "--omni-topology", "--omni-disguise")


def _asked(config: pytest.Config) -> Asked:
    """What options and ini say of the target; an option is for it, an ini file for many a run."""
    written = (*_FOR_SERVERS, "--omni-allow-disruption", "--omni-profile", "--omni-client-attach")
    given = [name for name in written if config.getoption(name)]
    server, client = (config.getoption(f"--omni-{of}-cmd") or None for of in ("server", "client"))
    role = config.getoption("--omni-role")
    carrier, attach = (
        config.getoption(f"--omni-client-{name}") or None for name in ("carrier", "attach")
    )
    if carrier is not None and carrier not in CARRIERS:
        raise UsageError(f"There is no carrier '{carrier}'. There are {', '.join(CARRIERS)}.")
    if role is None and (server or client or carrier or attach) is None:
        role = config.getini("omnisession_role") or None
    if role is not None and role not in ROLES:
        raise UsageError(f"There is no role '{role}' to judge. There are {', '.join(ROLES)}.")
    return Asked(role, server, client, tuple(given), carrier, attach)


def _role(config: pytest.Config) -> str:
    """The role that this session is about: only its cases are items."""
    if _ROLE not in config.stash:
        file = config.getoption("--omni-config")
        try:
            config.stash[_ROLE] = role_of(Path(file) if file else None, _asked(config))
        except KitError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_ROLE]


def _catalogue(config: pytest.Config) -> Catalogue:
    return catalogue(_role(config))


@dataclass(frozen=True, slots=True)
class _Options:
    config: Path | None
    url: str | None
    command: str | None
    secret: str | None
    start_timeout_s: float | None
    topology: str | None
    timeout_s: float | None
    disrupt: bool
    seed: int | None
    disguise: bool
    report: Path | None
    transcript: bool
    expected: Path | None
    strict: bool


def _options(config: pytest.Config) -> _Options:
    def text(name: str) -> str | None:
        value = config.getoption(name)
        return str(value) if value else None

    file, report = text("--omni-config"), text("--omni-report")
    expected = text("--omni-expected-failures")
    return _Options(
        config=Path(file) if file else None,
        url=text("--omni-nats") or os.environ.get("NATS_URL"),
        command=text("--omni-server-cmd"),
        secret=text("--omni-secret") or os.environ.get("OMNISESSION_SECRET"),
        start_timeout_s=config.getoption("--omni-start-timeout"),
        topology=text("--omni-topology"),
        timeout_s=config.getoption("--omni-timeout"),
        disrupt=bool(config.getoption("--omni-allow-disruption")),
        seed=_seed(config),
        disguise=bool(config.getoption("--omni-disguise")),
        report=Path(report) if report else None,
        transcript=not config.getoption("--omni-no-transcript"),
        expected=Path(expected) if expected else None,
        strict=bool(config.getoption("--omni-strict")),
    )


def _seed(config: pytest.Config) -> int | None:
    """The seed that was given, by option or environment; UsageError where it is none."""
    told = config.getoption("--omni-seed")
    if told is None:
        told = os.environ.get(SEED_VARIABLE) or None
    if told is None:
        return None
    if not str(told).isdecimal():
        raise UsageError(f"--omni-seed (or {SEED_VARIABLE}): '{told}' is no integer of 0 or more.")
    return int(told)


def run_once(session: pytest.Session) -> Results:
    """The settled results of this session's run; made at the first call.

    Raises the KitError that kept it from a verdict, each time and without another run.
    """
    if _RESULTS not in session.stash:
        try:
            session.stash[_RESULTS] = _run(session)
        except KitError as error:
            session.stash[_RESULTS] = error
        except (KeyboardInterrupt, SystemExit, pytest.exit.Exception):
            raise
        except BaseException as error:  # noqa: BLE001 - made once, also where it came to no end
            session.stash[_RESULTS] = KitError(kit_failed(error))
    found = session.stash[_RESULTS]
    if isinstance(found, KitError):
        raise found
    return found


def _run(session: pytest.Session) -> Results:
    options = _options(session.config)
    settings, _ = read_settings(
        options.config,
        options.url,
        options.command,
        options.secret,
        options.start_timeout_s,
        options.topology,
        options.seed,
        disguise=options.disguise,
        asked=_asked(session.config),
    )
    settings = replace(settings, allow_disruption=options.disrupt)
    if options.timeout_s is not None:
        settings = settings.within(options.timeout_s, "--omni-timeout")
    registry = _catalogue(session.config).registry
    baseline = None if options.expected is None else load_baseline(options.expected, registry)
    chosen = choose(_catalogue(session.config), _selection(session))
    redactor = Redactor(settings.secrets)
    settings = replace(settings, learn=redactor.learn)
    wording = of_pytest(sys.argv, redactor, settings.seed)
    with ReportFolder(
        options.report,
        redactor,
        wording,
        baseline=baseline,
        transcript=options.transcript and settings.keeps_transcript,
        strict=options.strict,
    ) as report:
        stopper = Stopper()
        outcome = run_to_end(conduct(settings, chosen, report.subscribers, stopper), stopper)
        results = report.results(outcome)
        report.write_reports(results)
        report.tell_fault(outcome)
    if stopper.reason is not None:
        raise KeyboardInterrupt
    return results


def keep_selected(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the items of the suite that judge nothing of what the options name."""
    selection = _named(config)
    if not selection.filtered:
        return
    try:
        chosen = choose(everything(), selection).checks
    except KitError as error:
        raise pytest.UsageError(str(error)) from None
    kept: list[pytest.Item] = []
    for item in items:
        if isinstance(item, VerdictItem):
            item.checks = tuple(check for check in item.checks if check in chosen)
            if not item.checks:
                continue
        kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _named(config: pytest.Config) -> Selection:
    def names(option: str) -> tuple[str, ...]:
        return tuple(config.getoption(option) or ())

    return Selection(
        only=names("--omni-only"),
        cases=names("--omni-case"),
        profiles=names("--omni-profile"),
        skip=names("--omni-skip"),
        role=_role(config),
    )


def _selection(session: pytest.Session) -> Selection:
    items = [item for item in session.items if isinstance(item, VerdictItem)]
    wanted = {check for item in items for check in item.checks}
    role = _role(session.config)
    if wanted == set(catalogue(role).checks()):
        return Selection(role=role)
    cases = _named(session.config).cases
    cases = cases or tuple(i.name for i in items if not i.name.endswith(f"@{SWEEP}"))
    # Sweeps judge the cases that were selected; sweeps alone need the traffic of them all.
    return Selection(only=tuple(sorted(map(str, wanted))), cases=cases, role=role)


def _without_verdict(results: Results, failed: Sequence[CheckResult]) -> NoReturn:
    """End an item of a run that was cut short: with what had failed, or else with the reason."""
    if failed:
        raise BrokenError(explain(results, failed))
    if any(check.status is Status.FAIL for check in results.checks):
        pytest.skip(_reasons((headline(results).verdict,)))
    reason = beyond_first_sentence(results.end.reason)
    told = "\n".join(filter(None, (headline(results).verdict, reason)))
    pytest.exit(quoted(told), returncode=results.end.exit_code)


def _reasons(texts: Iterable[str]) -> str:
    return one_line("; ".join(dict.fromkeys(texts)), WHOLE)


def _unexcused(check: CheckResult, strictly: Collection[str]) -> bool:
    unforgiven = not check.excused or check.id.requirement in strictly
    return check.status is Status.NOT_RUN and unforgiven


def _blamed_elsewhere(results: Results, check: CheckResult) -> bool:
    """Whether it was not run for limits that are too low, and the item about these fails for it."""
    failed = {c.id.requirement for c in results.checks if c.status is Status.FAIL}
    unrun = check.status is Status.NOT_RUN
    return unrun and any(
        check.reason.endswith(f"({name})") for name in failed & {FLOORS_HOLD, RATE_HOLDS}
    )


def explain(results: Results, checks: Iterable[CheckResult]) -> str:
    """What the terminal report says of some checks, as plain text."""
    page = Page(WIDTH)
    requirements = {r.id: r for r in results.requirements}
    for number, check in enumerate(checks, 1):
        requirement = replace(requirements[check.id.requirement], status=check.status)
        show_requirement(page, number, requirement, [check])
    return "\n".join(line.plain for line in page.lines)


def baseline_problems(results: Results, checks: Collection[str] | None = None) -> list[str]:
    """The entries of the baseline that do not hold, all of them or those of some checks, in words."""
    baseline = results.baseline
    if baseline is None:
        return []
    return [
        one_line(f"{baseline.file}, line {entry.at}: {entry.check}: {entry.text}", WHOLE)
        for entry in baseline.problems
        if checks is None or entry.check in checks
    ]


def finish(session: pytest.Session) -> None:
    """A run without a verdict ends pytest with the kit's exit code for it."""
    results = session.stash.get(_RESULTS, None)
    if isinstance(results, KitError):
        session.exitstatus = results.exit_code
    elif results is not None and results.end.exit_code in (Exit.NO_VERDICT, Exit.INTERRUPTED):
        session.exitstatus = int(results.end.exit_code)
    elif results is not None and (wrong := baseline_problems(results)):
        # Those on checks that no item has are told here; a baseline that does not hold is red.
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line("")
            for line in wrong:
                terminal.write_line(line, red=True)
    elif (
        results is not None
        and results.end.exit_code == Exit.NOT_CONFORMANT
        and session.exitstatus == pytest.ExitCode.OK
    ):
        # What fails the run is told of no item: a requirement that nothing but a silent sweep judges.
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line("")
            terminal.write_line(headline(results).verdict, red=True)

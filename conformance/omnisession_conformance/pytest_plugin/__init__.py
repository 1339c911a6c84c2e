"""The suite as pytest items: `pytest --pyargs omnisession_conformance.suite --omni-nats URL`.

Loaded in every pytest run of an environment that has the kit, so it imports nothing of it until the
suite itself is collected.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.pytest_plugin.items import AreaFile

SUITE = Path(__file__).parents[1] / "suite"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `omnisession check` has for broker, target and fixture."""
    group = parser.getgroup("omnisession", "Omnisession conformance")
    add = group.addoption
    add("--omni-nats", metavar="URL", help="A running broker; without it one is started.")
    add("--omni-server-cmd", metavar="COMMAND", help="Command that starts the server.")
    add(
        "--omni-client-cmd",
        metavar="COMMAND",
        help="Command that starts the adapter of a client, which is judged then.",
    )
    add(
        "--omni-client-carrier",
        metavar="CARRIER",
        help="How requests come to the adapter: lines, or subject for a page in a browser.",
    )
    add(
        "--omni-client-attach",
        metavar="SUBJECT",
        help="A client that runs already, and takes requests on this subject; see --client-attach.",
    )
    add(
        "--omni-role",
        metavar="ROLE",
        help="What is judged where no command says it: server, client, or interop for both together.",
    )
    parser.addini("omnisession_role", "What --omni-role is where it is not given.")
    add("--omni-secret", metavar="SECRET", help="HS256 secret of the server's tokens.")
    add(
        "--omni-start-timeout",
        type=float,
        metavar="SECONDS",
        help="How long a server that is started may take until it answers.",
    )
    add(
        "--omni-topology",
        metavar="SHAPE",
        help="Without --omni-nats: the broker that is started is single, a cluster, or a leaf.",
    )
    add(
        "--omni-timeout",
        type=float,
        metavar="SECONDS",
        help="How long the run may take, with its reports.",
    )
    add("--omni-config", metavar="FILE", help="Configuration file (omnisession.toml).")
    add(
        "--omni-allow-disruption",
        action="store_true",
        help="With --omni-nats: also flood, send garbage, stop and restart.",
    )
    add(
        "--omni-seed",
        type=int,
        metavar="N",
        help="Draw the forms of ids, names, order and pauses as another run did; without it anew.",
    )
    add(
        "--omni-disguise",
        action="store_true",
        help="With --omni-nats: give connections and sessions any client's names, not the kit's own.",
    )
    add(
        "--omni-expected-failures",
        metavar="FILE",
        help="Checks that are known to fail: they are xfailed, and what passes fails.",
    )
    add(
        "--omni-only",
        action="append",
        metavar="NAME",
        help="Judge only this requirement, check, area or case; may be repeated.",
    )
    add("--omni-case", action="append", metavar="CASE", help="Run only this case; repeatable.")
    add("--omni-profile", action="append", metavar="PROFILE", help="Judge this profile.")
    add("--omni-skip", action="append", metavar="NAME", help="Leave out what --omni-only takes.")
    add(
        "--omni-strict",
        action="store_true",
        help="What was not tested fails, also where an excuse on the list excuses it.",
    )
    add("--omni-report", metavar="DIR", help="Write results, transcript and JUnit XML there.")
    add(
        "--omni-no-transcript",
        action="store_true",
        help="With --omni-report: keep no transcript.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> AreaFile | None:
    """Turn a module of the suite into its cases; all other files are left alone."""
    if SUITE not in file_path.parents or file_path.name.startswith("__"):
        return None
    from omnisession_conformance.pytest_plugin.items import area_file  # noqa: PLC0415 - stay light

    return area_file(file_path, parent)


def _of_the_suite(items: Iterable[pytest.Item]) -> bool:
    """Whether some item is one of the suite; a run of other tests may have thousands of few files."""
    return any(SUITE in path.parents for path in {item.path for item in items})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what the options select, and put sweeps behind the cases whose messages they judge."""
    if _of_the_suite(items):
        from omnisession_conformance.pytest_plugin.items import keep_selected  # noqa: PLC0415 - stay light

        keep_selected(config, items)
    items.sort(key=lambda item: item.name.endswith("@sweep"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give the session the exit code of a run that came to no verdict."""
    if _of_the_suite(getattr(session, "items", ())):
        from omnisession_conformance.pytest_plugin.items import finish  # noqa: PLC0415 - stay light

        finish(session)

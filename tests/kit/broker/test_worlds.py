"""Whatever broker is between them, a right server is conformant, and what could not be seen is told."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.environment.access import at
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results import read_results
from omnisession_conformance.traffic import world
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

REFERENCE = f"{sys.executable} -m omnisession_reference"
CASES = (
    *("one-queue-group-receives", "forged-replies-of-requests", "forged-replies-of-actions"),
    "stop-is-announced",
)
"""Who listens, reply subjects, and a server that is started again: what a broker may hide."""
PARTS = (
    *(word for name in CASES for word in ("--case", name)),
    *(word for name in ("SUBJ", "SEC", "CTRL", "ENV") for word in ("--only", name)),
)
ACCOUNTS = """
accounts {{
  S {{ users: [{{ user: server, password: s }}], exports: [ {services}
       {{ stream: "session.>" }}, {{ stream: "article.*.updates" }} ] }}
  K {{ users: [{{ user: kit, password: k }}], imports: [ {imports}
       {{ stream: {{ account: S, subject: "session.>" }} }},
       {{ stream: {{ account: S, subject: "article.*.updates" }} }} ] }}
}}
"""
SERVICES = (
    "session.*.*.control",
    "user.actions.*",
    "chat.messages",
    "article.edit.start",
    "$SRV.>",
)


def accounts(*, traced: bool) -> str:
    """The server in one account, the kit in another that imports all that the protocol needs."""
    allow = ", allow_trace: true" if traced else ""
    return ACCOUNTS.format(
        services=" ".join(f'{{ service: "{s}"{allow} }},' for s in SERVICES),
        imports=" ".join(f'{{ service: {{ account: S, subject: "{s}" }} }},' for s in SERVICES),
    )


def check(inside: Inside, text: str = "", *options: str) -> dict[str, str]:
    """Check the reference server with a configuration; gives the cases that were not run, and why."""
    (inside.folder / "omnisession.toml").write_text(text, "utf-8")
    ran = inside.omnisession("check", "--server-cmd", REFERENCE, *PARTS, *options)
    assert ran.code == 0, ran.out + ran.err
    checks = read_results(inside.folder / "report" / "results.jsonl").checks
    untested = [c for c in checks if c.status is Status.NOT_RUN and not c.check.endswith("@sweep")]
    assert all(c.excused for c in untested)
    return {c.check.partition("@")[2]: c.reason for c in untested}


def in_accounts(*, traced: bool) -> str:
    lines = accounts(traced=traced)
    return (
        f"[broker]\nuser = 'kit'\npassword = 'k'\nextra = '''{lines}'''\n"
        "[target]\nenv = { NATS_USER = 'server', NATS_PASSWORD = 's' }\n"
    )


@pytest.mark.dear
@pytest.mark.parametrize("shape", ["cluster", "leaf"])
def test_behind_another_node_everything_is_tested(shape: str, inside: Inside) -> None:
    assert check(inside, "", "--topology", shape) == {}


@pytest.mark.dear
def test_a_broker_without_traces_is_asked_for_none(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To one that has none, a probe is a message like any other, which comes to whoever listens.
    monkeypatch.setattr(world, "TRACING_SINCE", (99, 0))
    untested = check(inside)
    assert list(untested) == ["one-queue-group-receives"]
    assert "has no message traces, which come with 99.0" in untested["one-queue-group-receives"]


@pytest.mark.dear
@pytest.mark.parametrize("traced", [True, False])
def test_in_another_account_it_is_not_judged_by_what_the_broker_changes(
    traced: bool, inside: Inside
) -> None:
    untested = check(inside, in_accounts(traced=traced))
    group = untested.pop("one-queue-group-receives", "")
    assert ("account S, which allows no traces" in group) == (not traced)
    assert {"forged-replies-of-requests", "forged-replies-of-actions"} <= untested.keys()
    assert set(untested.values()) == {"reply subjects are changed on the way into account S"}


@pytest.mark.dear
def test_a_stream_beside_the_server_changes_nothing(inside: Inside, broker: str) -> None:
    # It listens to what the server listens to, so nobody is told that there is no server yet.
    stream = {
        "name": "audit",
        "subjects": ["session.>", "user.actions.*", "chat.messages", "article.>"],
        "no_ack": True,
        "republish": {"src": ">", "dest": "audit.>"},
    }

    async def keep_a_stream() -> bytes:
        client = await connect(at(broker))
        made = await client.request("$JS.API.STREAM.CREATE.audit", json.dumps(stream).encode(), 10)
        await client.close()
        return made.data

    assert "error" not in json.loads(asyncio.run(keep_a_stream()))
    assert check(inside, "", "--nats", broker, "--allow-disruption") == {}


LIMITS = {
    "max_payload: 65536": "takes messages of at most 65536 bytes, and the protocol's limits need 1048576",
    "max_payload: 1048575": "takes messages of at most 1048575 bytes",
    "max_control_line: 256": "takes no control lines of 512 bytes",
    "no_header_support: true": "takes no headers",
}


@pytest.mark.parametrize(
    "line",
    [next(iter(LIMITS)), *(pytest.param(line, marks=pytest.mark.dear) for line in [*LIMITS][1:])],
)
def test_limits_of_the_broker_are_no_verdict_on_a_server(line: str, inside: Inside) -> None:
    (inside.folder / "omnisession.toml").write_text(f"[broker]\nextra = '{line}'\n", "utf-8")
    ran = inside.omnisession("check")
    assert ran.code == 3
    assert f"NO VERDICT: The broker {LIMITS[line]}" in " ".join(ran.out.split())


def test_a_broker_that_is_too_old_is_told(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "OLDEST", (99, 1))
    ran = inside.omnisession("check")
    assert ran.code == 3
    assert "and the oldest that the kit supports is 99.1" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("version", "read"),
    [("2.9.25", (2, 9, 25)), ("2.11.0-beta.1", (2, 11, 0)), ("2.12", (2, 12, 0)), ("x", (0, 0, 0))],
)
def test_a_version_is_read_as_far_as_it_is_one(version: str, read: tuple[int, int, int]) -> None:
    assert world.read_world({"version": version}).version == read

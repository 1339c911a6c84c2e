"""Servers that say that what they have acked outlives them: proved, disproved, or no more than declared."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.conftest import serving
from tests.kit.command.tool import SECRET, clean_environment, null

from omnisession_conformance.environment.access import at
from omnisession_conformance.fleet import looking
from omnisession_conformance.report.claim import claim
from omnisession_conformance.results.stream import read_results

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

BY_WORD = (sys.executable, str(Path(__file__).with_name("by_word.py")))
ON_A_JOURNAL = (sys.executable, "-m", "omnisession_reference", "--store", "jetstream")
NO_COMMAND = "the fixture has no command for this: "
NOT_SEVERAL = "of several instances only one tells of itself"
ONE_NODE = (
    "one node of a broker is not ended: say that there are three, by cluster.nodes or --nodes"
)
HOOKS = {"kill_instance", "freeze_instance", "stop_instance", "stop"}


def test_who_keeps_nothing_and_gives_no_hooks_has_only_declared_it(
    inside: Inside, broker: str
) -> None:
    with serving(broker, *BY_WORD):
        attach = ("check", "--nats", broker, "--secret", SECRET, "--allow-disruption")
        ran = inside.omnisession(*attach, "--instances", "2", "--profile", "durable")
    checks = ran.of("check")
    assert {check["status"] for check in checks} == {"NOT_RUN"}
    reasons = {*(NO_COMMAND + hook for hook in HOOKS), NOT_SEVERAL, ONE_NODE}
    assert {check["reason"] for check in checks} == reasons
    found = claim(read_results(ran.folder / "results.jsonl"))
    assert "declared, not proved: durable" in found.text


def test_who_keeps_nothing_is_found_out_where_it_can_be_ended(inside: Inside) -> None:
    chosen = ("--only", "DUR-003", "--case", "all-instances-are-started-again")
    ran = inside.omnisession("check", "--server-cmd", null("by-word"), *chosen)
    assert ran.code == 1, ran.out + ran.err
    assert ran.statuses() == {"FAIL"}


@pytest.mark.dear
def test_one_instance_on_a_journal_proves_what_one_can(inside: Inside) -> None:
    ran = inside.omnisession(
        "check", "--server-cmd", shlex.join(ON_A_JOURNAL), "--profile", "durable"
    )
    assert ran.statuses() == {"PASS", "NOT_RUN"}, ran.out + ran.err
    reasons = {c["reason"].partition(":")[0] for c in ran.of("check") if c["status"] == "NOT_RUN"}
    assert reasons == {"one instance has nobody to take its place", ONE_NODE.partition(":")[0]}


@pytest.mark.dear
def test_three_nodes_and_two_instances_prove_all_of_it_that_nodes_show(inside: Inside) -> None:
    of_nodes = ("--instances", "2", "--nodes", "3", "--case", "nodes-are-killed")
    only = ("--only", "DUR-002", "--only", "DUR-020")
    ran = inside.omnisession("check", "--server-cmd", shlex.join(ON_A_JOURNAL), *of_nodes, *only)
    assert ran.code == 0, ran.out + ran.err
    assert ran.statuses() == {"PASS"}


@pytest.mark.dear
def test_hooks_do_what_the_kit_does_to_its_own(inside: Inside, broker: str) -> None:
    hooks = Path(__file__).with_name("instances.py")
    command = shlex.join((sys.executable, str(hooks), str(inside.folder)))
    names = ("kill", "start", "stop", "freeze", "thaw")
    told = "".join(f'{name}_instance = "{command} {name} {{n}}"\n' for name in names)
    (inside.folder / "omnisession.toml").write_text(f"[target]\ninstances = 2\n[hooks]\n{told}")
    environment = {**clean_environment(), "OMNISESSION_SECRET": SECRET, "NATS_URL": broker}
    for number in "12":
        words = (sys.executable, str(hooks), str(inside.folder), "start", number)
        subprocess.run(words, env=environment, check=True)
    try:
        asyncio.run(looking.is_served(at(broker), 2))
        attach = ("check", "--nats", broker, "--secret", SECRET, "--allow-disruption")
        ran = inside.omnisession(*attach, "--only", "DUR-001", "--only", "DUR-012")
        assert ran.code == 0, ran.out + ran.err
    finally:
        for number in "12":
            words = (sys.executable, str(hooks), str(inside.folder), "kill", number)
            subprocess.run(words, check=True)

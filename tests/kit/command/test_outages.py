"""Connections that fail, through the real command: what is named, and what is left alone."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from omnisession_conformance.roles.server import generation

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

SAVED = files(generation) / "corpus" / "connections-that-fail.json"
OUTAGES = ("--case", "connection-is-taken-up-again", "--seed", "0")
REFERENCE = f"{sys.executable} -m omnisession_reference"


def failed(ran: Ran) -> set[str]:
    return {check["check"] for check in ran.of("check") if check["status"] == "FAIL"}


@pytest.mark.dear
def test_a_program_with_outages_shows_what_a_lost_connection_undoes(inside: Inside) -> None:
    right = inside.omnisession("replay", str(SAVED), report="none")
    assert right.code == 0, right.out + right.err
    assert "the server's connection is cut behind: s1 sends x11" in right.out
    command = ("--server-cmd", f"{REFERENCE} --fault connection-ends-edits")
    ran = inside.omnisession("replay", str(SAVED), *command, report="none")
    assert ran.code == 1, ran.out + ran.err
    assert "CTRL-024: expected 'an entry' in s1, editors a4 author 0, seen '(absent)'" in ran.out


@pytest.mark.dear
def test_a_server_that_ends_with_its_connection_is_told_of_that_alone(inside: Inside) -> None:
    command = ("--server-cmd", f"{REFERENCE} --fault ends-with-its-connection")
    ran = inside.omnisession("check", *command, *OUTAGES)
    assert ran.code == 1, ran.out + ran.err
    assert failed(ran) == {"CTRL-023@connection-is-taken-up-again"}
    assert "its process ended" in json.dumps(ran.of("check"))


@pytest.mark.dear
def test_a_restarted_node_of_the_broker_is_an_outage_like_others(inside: Inside) -> None:
    saved = json.loads(SAVED.read_text("utf-8"))
    for step in saved["steps"]:
        if step["do"] == "break" and step.get("side", "server") == "server":
            step["how"] = "node"
    (inside.folder / "nodes.json").write_text(json.dumps(saved))
    ran = inside.omnisession("replay", "nodes.json", "--topology", "leaf", report="none")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.count("ends with a node of the broker, which is started again") == 2


@pytest.mark.dear
def test_a_server_that_goes_another_way_to_the_broker_is_excused(inside: Inside) -> None:
    """Its own setting comes before the address that it is told: no proxy can be put before it."""
    script = inside.folder / "own_way.sh"
    script.write_text(
        '#!/bin/sh\n[ -f first ] || printf %s "$NATS_URL" >first\n'
        f'NATS_URL=$(cat first) exec {REFERENCE} "$@"\n'
    )
    script.chmod(0o755)
    ran = inside.omnisession("check", "--server-cmd", str(script), *OUTAGES)
    (check,) = [c for c in ran.of("check") if c["check"].startswith("CTRL-024@connection")]
    assert (check["status"], check["excuse"]) == ("NOT_RUN", "no-wire")
    assert "does not connect to the address that NATS_URL tells" in check["reason"]

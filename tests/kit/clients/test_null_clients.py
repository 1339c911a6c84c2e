"""What is no client is never green: exit 3, no PASS, and a whole report all the same."""

from __future__ import annotations

import json
import shlex
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import adapter

from omnisession_conformance.engine.role import CLIENT
from omnisession_conformance.report import FILES
from omnisession_conformance.roles.client import probe
from omnisession_conformance.roles.client.nulls import NULLS, null_targets
from omnisession_conformance.suite import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

HELLO_WITHIN_S, COMES_WITHIN_S, OPENS_WITHIN_S = 2.0, 1.0, 3.0
SAID = {
    "exits": "The client has ended with code 0 before it had answered hello",
    "mute": "The client hangs: hello had no answer within 2 s. Does the command start the adapter",
    "parrot": "a line that is no answer: /ok is missing; one has the id of its request, and ok or error",
    "hermit": "the client does not use the url that start gives it",
    "stray": "the client does not use the url that start gives it",
    "recording": "The client has connected, and has sent no session.open of its user within 3 s",
    "frozen": "The adapter answers before the client has handled what it counts",
}


def assert_whole_and_red(ran: Ran, said: str) -> None:
    """Nothing is passed, in any form of the report, and a sentence says why."""
    kit = catalogue(CLIENT)
    assert ran.code == 3, ran.out + ran.err
    assert ran.statuses() == {"NOT_RUN"}
    assert len(ran.of("check")) == len(kit.checks())
    assert len(ran.of("requirement")) == len(kit.registry)
    assert ran.footer["run_status"] == "aborted"
    assert said in " ".join(ran.footer["reason"].split())
    assert not ran.footer["conformant"]
    assert {p.name for p in ran.folder.iterdir()} == set(FILES)
    told = json.loads((ran.folder / "summary.json").read_text("utf-8"))
    assert (told["verdict"], told["exit_code"]) == ("no_verdict", 3)
    suites = ET.parse(ran.folder / "junit.xml").getroot()  # noqa: S314 - the kit wrote it
    names = {str(one.get("name")) for one in suites.iter("testcase")}
    assert {str(check) for check in kit.checks()} <= names
    assert "Traceback" not in ran.out + ran.err


def test_each_has_a_sentence_here() -> None:
    assert set(SAID) == set(NULLS) == {one.name for one in null_targets()}


@pytest.mark.dear
@pytest.mark.parametrize("name", list(NULLS))
def test_a_program_that_is_no_client(
    name: str, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "COMES_WITHIN_S", COMES_WITHIN_S)
    monkeypatch.setattr(probe, "OPENS_WITHIN_S", OPENS_WITHIN_S)
    (null,) = (one for one in null_targets() if one.name == name)
    within_s = null.start_timeout_s or 20
    command = ("--client-cmd", shlex.join(null.command), "--start-timeout", str(within_s))
    assert_whole_and_red(inside.omnisession("check", *command), SAID[name])


@pytest.mark.dear
@pytest.mark.parametrize(
    ("transport", "speaks"),
    [
        ("ws", "does the client speak WebSocket, as its hello says,"),
        ("tcp", "does the client speak NATS,"),
    ],
)
def test_one_that_does_not_speak_what_it_says_is_told(
    tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch, transport: str, speaks: str
) -> None:
    monkeypatch.setattr(probe, "OPENS_WITHIN_S", OPENS_WITHIN_S)
    text = f"""
import socket
from urllib.parse import urlsplit
kept = []
HELLO["transport"] = {transport!r}
def take(ask):
    if ask["do"] == "start":
        place = urlsplit(ask["url"])
        assert place.scheme == ("ws" if {transport!r} == "ws" else "nats")
        kept.append(socket.create_connection((place.hostname, place.port)))
    ok(ask)
"""
    ran = inside.omnisession("check", "--client-cmd", shlex.join(adapter(tmp_path, text)))
    assert_whole_and_red(ran, speaks)

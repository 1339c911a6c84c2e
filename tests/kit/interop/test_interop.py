"""A right server and a right client interoperate; what every report says of a pair."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import SUITE, omnisession, pytest_run
from tests.kit.interop.pairs import CLIENT, NULLS, SERVER, Pair, check, failed

if TYPE_CHECKING:
    from tests.kit.command.tool import Ran

SCENARIOS = {"converge", "chat-room", "edit-together", "cut-in-the-middle", "server-restart"}


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A whole run of the reference server with the reference client."""
    return check(tmp_path_factory.mktemp("right"), *Pair().options)


def test_a_right_pair_interoperates(right: Ran) -> None:
    assert right.code == 0, right.out + right.err
    assert failed(right) == set()
    told = json.loads((right.folder / "summary.json").read_text("utf-8"))
    assert (told["verdict"], told["conformant"]) == ("interoperates", False)
    assert {one["name"]: one["status"] for one in told["scenarios"]} == dict.fromkeys(
        SCENARIOS, "PASS"
    )
    first = right.out.splitlines()[1]
    assert first.startswith("INTEROPERATES: 5 of 5 scenarios, ")


def test_both_sides_are_told_with_what_they_declare(right: Ran) -> None:
    server, client = right.of("target")
    assert (server["role"], server["name"]) == ("server", "omnisession-reference")
    assert (client["role"], client["name"]) == ("client", "omnisession-client")
    assert "hybrid" in client["profiles"]
    assert "hybrid" not in server["profiles"]
    assert right.of("header")[0]["selection"]["pair"] is True


def test_what_each_side_has_said_is_told_apart(right: Ran) -> None:
    said = [line for line in right.told if line["line"] == "message" and line["from"] == "target"]
    opens = [line for line in said if '"session.open"' in line.get("text", "")]
    states = [line for line in said if line["subject"].endswith(".state")]
    assert {line.get("side") for line in opens} == {"client"}
    assert {line.get("side", "server") for line in states} == {"server"}


@pytest.mark.dear
def test_its_transcript_is_judged_again(right: Ran) -> None:
    ran = omnisession("judge", str(right.transcript), cwd=right.folder.parent)
    assert ran.code == 0, ran.out + ran.err
    assert "Clients     CLI" in ran.out
    assert "omnisession-reference with omnisession-client" in ran.out


@pytest.mark.dear
def test_its_reports_are_made_again(right: Ran) -> None:
    stream = str(right.folder / "results.jsonl")
    ran = omnisession("report", stream, "--to", "again", cwd=right.folder.parent)
    assert (ran.code, "INTEROPERATES: 5 of 5" in ran.out) == (0, True)
    badge = json.loads((right.folder / "badge.json").read_text("utf-8"))
    assert badge["message"] == "interoperates: 5 of 5 scenarios"
    assert badge["label"].startswith("Omnisession interop")


@pytest.mark.dear
def test_the_same_under_pytest(right: Ran) -> None:
    options = (
        *("--omni-server-cmd", shlex.join(SERVER), "--omni-client-cmd", shlex.join(CLIENT)),
        *("--omni-case", "chat-room"),
    )
    ran = pytest_run(*SUITE, *options, cwd=right.folder.parent)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "passed" in ran.stdout


@pytest.mark.dear
@pytest.mark.parametrize(
    ("server", "client", "said"),
    [
        ((*NULLS, "silent"), CLIENT, "The server: "),
        ((*NULLS, "echo"), CLIENT, "The server: "),
        (SERVER, (*NULLS, "exits"), "The client: "),
        (SERVER, (*NULLS, "parrot"), "The client: "),
        (SERVER, (*NULLS, "recording"), "The client: "),
        (SERVER, (*NULLS, "frozen"), "The client: "),
        (SERVER, ("does-not-exist",), "The client: "),
        (("does-not-exist",), CLIENT, "The server: "),
    ],
)
def test_what_is_no_server_or_no_client_has_no_verdict(
    server: tuple[str, ...], client: tuple[str, ...], said: str, right: Ran
) -> None:
    ran = check(
        right.folder.parent,
        *("--server-cmd", shlex.join(server), "--client-cmd", shlex.join(client)),
        *("--start-timeout", "4", "--report", "null"),
    )
    assert ran.code == 3, ran.out + ran.err
    assert said in ran.out
    assert "INTEROPERATES" not in ran.out

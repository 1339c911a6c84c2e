"""The real command on clients: a right one, a wrong one, an adapter that is none, and every way around."""

from __future__ import annotations

import gzip
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import SUITE, omnisession, pytest_run
from tests.kit.report.samples import all_green
from tests.kit.report.stream import write_stream

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

FAKED = Path(__file__).parents[1] / "selftest" / "faked_client.py"
RIGHT = shlex.join([sys.executable, "-m", "omnisession_client.testee"])
WRONG = shlex.join([sys.executable, str(FAKED), "--fault", "never-recovers"])
ONE = ("--only", "CLI-006")
ROOT = Path(__file__).parents[3]
BRIDGE = (sys.executable, "-m", "tests.kit.clients.bridge")
SOMEWHERE = {"NATS_URL": "nats://127.0.0.1:1", "OMNISESSION_SECRET": "of-another-run"}


def check(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Ran:
    return omnisession("check", *arguments, cwd=folder, env=env)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of one requirement and its traffic, with variables for servers around it."""
    folder = tmp_path_factory.mktemp("right")
    return check(
        folder, "--client-cmd", RIGHT, "--only", "CLI-006", "--only", "CLI-034", env=SOMEWHERE
    )


def test_a_right_client_passes_at_a_broker_of_the_kits_own(right: Ran) -> None:
    assert right.code == 0, right.out + right.err
    (target,) = right.of("target")
    assert (target["role"], target["mode"], target["name"]) == (
        "client",
        "spawn",
        "omnisession-client",
    )
    assert ":1" not in target["url"].removeprefix("nats://127.0.0.1").removeprefix(":")[:2]
    assert "chat" in target["profiles"]


def test_its_transcript_is_judged_again_as_a_clients(right: Ran, inside: Inside) -> None:
    ran = inside.omnisession("judge", str(right.transcript), "--report", "again")
    assert ran.code == 0, ran.out + ran.err
    lines = (inside.folder / "again" / "results.jsonl").read_text("utf-8").splitlines()
    checks = {line["check"]: line["status"] for line in map(json.loads, lines) if "check" in line}
    assert checks["CLI-034@sweep"] == "PASS"
    assert checks["CLI-006@gap-is-closed"] == "NOT_RUN"
    assert "for want of a live client" in ran.out


def test_a_results_stream_of_a_client_makes_reports_and_is_compared(
    right: Ran, inside: Inside
) -> None:
    stream = str(right.folder / "results.jsonl")
    write_stream(all_green(), inside.folder / "of-a-server.jsonl")
    other = inside.omnisession("diff", stream, "of-a-server.jsonl")
    assert (other.code, "is of a client, and of-a-server.jsonl of a server" in other.err) == (
        4,
        True,
    )
    assert inside.omnisession("report", stream).code == 0
    same = inside.omnisession("diff", stream, stream)
    assert (same.code, "Nothing changed." in same.out) == (0, True)


@pytest.mark.dear
def test_a_wrong_client_fails_by_what_it_breaks_and_may_be_expected_to(tmp_path: Path) -> None:
    ran = check(tmp_path, "--client-cmd", WRONG, *ONE)
    assert ran.code == 1, ran.out + ran.err
    assert "FAIL" in ran.statuses()
    assert f"omnisession check --client-cmd {shlex.quote(WRONG)} --seed" in ran.out
    assert "server" not in ran.out.replace("session.", "")
    baseline = omnisession(
        "baseline", "write", "report/results.jsonl", "--reason", "known", cwd=tmp_path
    )
    assert baseline.code == 0, baseline.err
    expected = next(tmp_path.glob("*.yaml")).name
    again = check(tmp_path, "--client-cmd", WRONG, *ONE, "--expected-failures", expected)
    assert again.code == 0, again.out + again.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(
            *("false", "The client has ended with code 1 before it had answered hello"),
            marks=pytest.mark.dear,
        ),
        pytest.param(
            *("cat", "The adapter has written a line that is no answer"), marks=pytest.mark.dear
        ),
        ("no-such-program-anywhere", "no-such-program-anywhere"),
    ],
)
def test_what_is_no_adapter_has_no_verdict(inside: Inside, command: str, said: str) -> None:
    ran = inside.omnisession("check", "--client-cmd", command)
    assert ran.code == 3, ran.out + ran.err
    assert "NO VERDICT" in ran.out
    assert said in " ".join(ran.out.split())
    assert "PASS" not in ran.statuses()
    looked = inside.omnisession("doctor", "--client-cmd", command)
    assert looked.code == 3
    assert said in " ".join(looked.out.split())


@pytest.mark.dear
def test_a_client_on_a_subject_is_judged_as_on_lines_and_its_carrier_is_in_no_transcript(
    tmp_path: Path,
) -> None:
    bridged = shlex.join(["env", f"PYTHONPATH={ROOT}", *BRIDGE, *shlex.split(RIGHT)])
    on_subject = ("--client-carrier", "subject")
    ran = check(tmp_path, *on_subject, "--client-cmd", bridged, *ONE, "--seed", "3")
    assert ran.code == 0, ran.out + ran.err
    told = gzip.decompress(ran.transcript.read_bytes()).decode()
    assert "session.open" in told
    assert "omni.testee" not in told
    assert '"do":' not in told.replace('\\"', '"')
    wrong = shlex.join(["env", f"PYTHONPATH={ROOT}", *BRIDGE, *shlex.split(WRONG)])
    ran = check(tmp_path, *on_subject, "--client-cmd", wrong, *ONE, "--seed", "3")
    assert ran.code == 1, ran.out + ran.err
    assert "again     omnisession check --client-carrier subject --client-cmd" in ran.out
    ran = check(tmp_path, *on_subject, "--client-cmd", "sleep 9", "--start-timeout", "1", *ONE)
    assert ran.code == 3, ran.out + ran.err
    assert "Nothing has come on omni.testee." in " ".join(ran.out.split())


@pytest.mark.dear
def test_a_client_that_does_not_come_has_no_verdict(tmp_path: Path) -> None:
    attach = ("--client-attach", "omni.testee.mine", "--start-timeout", "0.5")
    ran = check(tmp_path, *attach, *ONE)
    assert ran.code == 3, ran.out + ran.err
    assert (
        "note: waiting up to 0.5 s for a client on omni.testee.mine, at nats://127.0.0.1:14222; to a page: "
        "?omni_kit=ws://127.0.0.1:14223&omni_subject=omni.testee.mine"
    ) in ran.err
    assert "Nothing has come on omni.testee.mine.ready" in " ".join(ran.out.split())
    (target,) = ran.of("target")
    assert target["mode"] == "attach"


@pytest.mark.dear
def test_doctor_opens_sessions(tmp_path: Path) -> None:
    ran = omnisession("doctor", "--role", "client", cwd=tmp_path, env=SOMEWHERE)
    assert ran.code == 0, ran.out + ran.err
    assert "omnisession-client" in ran.out
    assert "ok    kinds        articles, chat, url, user\n" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--role", "client", "--nats", "nats://x"), "--nats is for servers"),
        (("--role", "client", "--generate", "1s"), "--generate is for servers"),
        (("--role", "client", "--allow-disruption"), "--allow-disruption is for servers"),
        (("--role", "client", "--only", "STATE-003"), "binds a target of role 'server'"),
        (("--only", "CLI-006"), "CLI-006 binds a target of role 'client'"),
        (("--role", "client", "--profile", "server:core"), "is one of role 'server'"),
        (("--role", "client", "--profile", "durable"), "no profile 'durable' of a client. "),
        (("--profile", "states"), "no profile 'states' of a server. "),
    ],
)
def test_what_is_of_the_other_role_is_told(
    inside: Inside, arguments: tuple[str, ...], said: str
) -> None:
    ran = inside.omnisession("check", *arguments)
    assert ran.code == 4
    assert said in ran.err


@pytest.mark.dear
def test_a_file_that_is_about_a_client_chooses_it(tmp_path: Path) -> None:
    text = f'[target]\nrole = "client"\ncommand = {json.dumps(RIGHT)}\n'
    (tmp_path / "omnisession.toml").write_text(text, "utf-8")
    ran = check(tmp_path, "--profile", "client:core", "--only", "CLI-006", env=SOMEWHERE)
    assert ran.code == 0, ran.out + ran.err
    assert ran.of("target")[0]["role"] == "client"


@pytest.mark.dear
def test_the_same_under_pytest(tmp_path: Path) -> None:
    ran = pytest_run(*SUITE, "-q", "--omni-role", "client", "-k", "CLI-006", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    wrong = pytest_run(*SUITE, "-q", "--omni-client-cmd", WRONG, "-k", "CLI-006", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "--omni-only CLI-006@gap-is-closed" in wrong.stdout


@pytest.mark.dear
def test_pytest_collects_what_binds_the_role(tmp_path: Path) -> None:
    found = pytest_run(
        *SUITE, "--collect-only", "-q", "-o", "omnisession_role=client", cwd=tmp_path
    )
    assert "client/recovery/cases_gaps.py::gap-is-closed" in found.stdout
    assert "sweeps.py::CLI-034@sweep" in found.stdout
    assert "server/" not in found.stdout
    refused = pytest_run(*SUITE, "--omni-role", "robot", cwd=tmp_path)
    assert (
        "There is no role 'robot' to judge. There are server, client, interop, deployment."
        in refused.stdout + refused.stderr
    )


@pytest.mark.dear
def test_the_items_of_pytest_may_be_of_a_client_on_a_subject(tmp_path: Path) -> None:
    bridged = shlex.join(["env", f"PYTHONPATH={ROOT}", *BRIDGE, *shlex.split(RIGHT)])
    on_subject = ("--omni-client-carrier", "subject", "--omni-client-cmd", bridged)
    right = pytest_run(*SUITE, "-q", *on_subject, "-k", "CLI-006", cwd=tmp_path)
    assert right.returncode == 0, right.stdout + right.stderr
    wrong = pytest_run(*SUITE, "-q", "--omni-client-carrier", "pigeon", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "There is no carrier 'pigeon'. There are lines, subject." in wrong.stdout + wrong.stderr
    both = ("--omni-client-attach", "a.b", "--omni-client-cmd", "c")
    wrong = pytest_run(*SUITE, "-q", *both, cwd=tmp_path)
    assert "--client-attach is for a client that runs already" in wrong.stdout + wrong.stderr

"""`omnisession up --secure`: nobody gets in without credentials, and with them to what is theirs."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.pages import ROOT, blocks, section
from tests.kit.command.tool import omnisession
from tests.kit.demo.demo import PATIENCE_S, gone, running
from tests.kit.fleet.secure import chats, refused, secured, unsigned

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

ACT = ROOT / "docs/guides/examples/act.py"


def test_what_was_begun_otherwise_is_not_gone_on_with(inside: Inside) -> None:
    (inside.folder / "open" / "n1").mkdir(parents=True)
    (inside.folder / "closed" / "secrets").mkdir(parents=True)
    ran = inside.omnisession("up", "--secure", "--data", "open")
    assert (ran.code, ran.out) == (4, "")
    assert "/open' was begun without --secure, and its sessions would not be found." in ran.err
    ran = inside.omnisession("up", "--data", "closed")
    assert (ran.code, ran.out) == (4, "")
    assert "/closed' was begun with --secure. Add that, or name another folder." in ran.err


def acts(made: Path, content: str) -> tuple[int, str, str]:
    """Call the program of the guide."""
    ran = subprocess.run(
        [sys.executable, ACT, made, content],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


async def in_clear(port: int) -> bytes:
    """What comes of a connection that says something in clear."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await reader.readline()
        writer.write(b"CONNECT {}\r\nPING\r\n")
        async with asyncio.timeout(PATIENCE_S):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.dear
def test_three_commands_lead_from_nothing_to_an_action(tmp_path: Path) -> None:
    shown = section("guides/credentials.md", "From nothing to an action")
    up, make, act = map(shlex.split, next(blocks(shown, "sh")).splitlines())
    with running(*up[1:], folder=tmp_path) as fleet:
        assert fleet.process.stdout is not None
        assert omnisession(*make[1:], cwd=tmp_path).code == 0
        ran = subprocess.run(
            [sys.executable, ROOT / act[1], *act[2:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert (ran.returncode, ran.stdout) == (0, "action.ack applied\n"), ran.stderr
        assert fleet.end(signal.SIGINT) == 0


@pytest.mark.dear
def test_each_user_gets_to_what_is_its_own(tmp_path: Path) -> None:
    with secured(tmp_path) as fleet:
        file, _ = fleet.credentials("--user", "Zoë.*").stdout.splitlines()
        assert acts(tmp_path / file, "Hello")[:2] == (0, "action.ack applied\n")
        made = json.loads((tmp_path / file).read_text("utf-8"))
        ann = fleet.made("--user", "ann")
        assert asyncio.run(chats(ann, "one", "two")) == ["Hello", "one", "two"]
        # What is hers lets nobody be somebody else.
        stolen = tmp_path / "stolen.json"
        stolen.write_text(json.dumps({**ann, "token": made["token"]}), "utf-8")
        code, out, err = acts(stolen, "no")
        assert (code, out) == (1, "")
        assert "IDENTITY_MISMATCH" in err
        children = fleet.up.children()
        assert fleet.up.end(signal.SIGINT) == 0
        assert gone(children)
    ran = fleet.credentials("--user", "ann")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "nobody is served from 'data'" in ran.stderr


@pytest.mark.dear
def test_nobody_gets_in_without_credentials_or_in_clear(tmp_path: Path) -> None:
    with secured(tmp_path, "--instances", "1") as fleet:
        assert fleet.said == (
            f"Sessions are served at {fleet.up.url}\n"
            f"The CA of its certificate is in {fleet.data}/ca.pem\n"
            f"Credentials for a user: omnisession credentials --data {fleet.data} --user ann\n"
            f"Instances: 1. The journal is kept in {fleet.data}\n"
            f"The secret that signs tokens is in {fleet.data}/secret\n"
            "Ctrl-C ends instances and broker.\n"
        )
        url, ca = fleet.up.url, str(fleet.data / "ca.pem")
        token = fleet.credentials("--user", "ann", "-o", "-").stdout.splitlines()[1]
        ways: dict[str, dict[str, Any]] = {
            "nobody": {},
            "a password": {"user": "server", "password": "x"},
            "a token of the sessions": {"token": fleet.made("--user", "ann")["token"]},
            "without its signature": {"user_jwt_cb": token.rpartition(".")[0].encode},
            "right": {"user_jwt_cb": token.encode, "signature_cb": unsigned},
        }
        found = {name: asyncio.run(refused(url, ca, **way)) for name, way in ways.items()}
        assert {name for name, why in found.items() if not why} == {"right"}, found
        assert b"PONG" not in asyncio.run(in_clear(fleet.up.port))


@pytest.mark.dear
def test_started_again_it_has_the_same_keys_and_sessions(tmp_path: Path) -> None:
    with secured(tmp_path) as fleet:
        made = fleet.made("--user", "ann")
        assert asyncio.run(chats(made, "before")) == ["before"]
        port, ca = str(fleet.up.port), (fleet.data / "ca.pem").read_bytes()
        assert fleet.up.end(signal.SIGTERM) == 0
    with secured(tmp_path, "--port", port) as fleet:
        assert (fleet.data / "ca.pem").read_bytes() == ca
        # The files of the start before hold, as they name all that is needed.
        assert asyncio.run(chats(made, "after")) == ["before", "after"]


@pytest.mark.dear
def test_the_deployment_is_conformant_with_credentials_of_the_command(tmp_path: Path) -> None:
    with secured(tmp_path) as fleet:
        kit = fleet.made("--role", "kit")
        mint = [sys.executable, "-m", "omnisession_conformance", "credentials"]
        hook = [*mint, "--data", str(fleet.data), "--user", "{user}", "-o", "-"]
        (tmp_path / "omnisession.toml").write_text(
            f"[target]\nrole = 'deployment'\n"
            f"[broker]\nurl = '{kit['url']}'\nca_file = '{kit['ca']}'\n"
            f"credentials = '{kit['credentials']}'\ninbox_prefix = '{kit['inbox_prefix']}'\n"
            f"[hooks]\ncredentials = {json.dumps(hook)}\n"
            f"[identities.server]\ncredentials = '{fleet.data}/secrets/server.creds'\n",
            "utf-8",
        )
        ran = omnisession("check", "--seed", "0", cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert "CONFORMANT: secure (14 of 14; 1 not claimed)" in ran.out
    assert "WARN" not in {one["status"] for one in ran.of("requirement")}


@pytest.mark.dear
def test_the_servers_do_what_they_have_to_with_their_permissions(tmp_path: Path) -> None:
    with secured(tmp_path) as fleet:
        kit = fleet.made("--role", "kit")
        secret = (fleet.data / "secret").read_text("utf-8").strip()
        (tmp_path / "omnisession.toml").write_text(
            "[target]\nprivate_subjects = ['omni.']\n"
            f"[broker]\nurl = '{kit['url']}'\nca_file = '{kit['ca']}'\n"
            f"credentials = '{kit['credentials']}'\n[fixture]\nsecret = '{secret}'\n",
            "utf-8",
        )
        areas = ("SUBJ", "CTRL-001", "CHAT-001", "DISC", "SECU")
        only = [word for area in areas for word in ("--only", area)]
        ran = omnisession("check", "--seed", "0", *only, cwd=tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert {one["status"] for one in ran.of("requirement")} <= {"PASS", "NOT_RUN", "NOT_CLAIMED"}
    passed = {one["id"] for one in ran.of("requirement") if one["status"] == "PASS"}
    assert {"SUBJ-006", "SUBJ-007", "CTRL-001", "CHAT-001", "DISC-001", "SECU-016"} <= passed

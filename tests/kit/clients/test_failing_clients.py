"""Clients that end, hang or break the contract in a case: what becomes of the case, and of the run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import wrong_client

from omnisession_conformance.roles.client.testee import client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside
    from tests.kit.command.tool import Ran

pytestmark = pytest.mark.dear
CASES = ("numbers-count-up", "duplicate-is-an-ack", "state-replaces-its-slice")
AT_AN_EVENT = """
import os, time
from omnisession_client.messages import Heard
class Wrong(shell.Shell):
    async def _handle(self, message):
        if isinstance(message, Heard) and b'"cause":{' in message.data:
            DO
        await super()._handle(message)
"""
AT_DISPATCH = """
import os
class Wrong(shell.Shell):
    async def dispatch(self, *what):
        DO
        return await super().dispatch(*what)
"""


def run(inside: Inside, folder: Path, text: str, do: str) -> Ran:
    """A run of some cases on a client that does something wrong."""
    command = shlex.join(wrong_client(folder, text.replace("DO", do)))
    chosen = [option for name in CASES for option in ("--case", name)]
    return inside.omnisession("check", "--client-cmd", command, *chosen)


def found(ran: Ran) -> dict[str, str]:
    """The status of each check."""
    return {one["check"]: one["status"] for one in ran.of("check")}


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("print('no such row', file=sys.stderr); os._exit(4)", "The client has ended with code 4"),
        ("raise RuntimeError('no such row')", "The client declines to"),
        ("time.sleep(60)", "The client hangs: "),
    ],
)
def test_one_that_fails_at_an_ordinary_event(
    do: str, said: str, inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "WITHIN_S", 3.0)
    monkeypatch.setattr(client, "STOP_WITHIN_S", 3.0)
    ran = run(inside, tmp_path, AT_AN_EVENT, do)
    assert ran.code == 1
    assert ran.footer["run_status"] == "complete"
    status = found(ran)
    assert status["CLI-029@sweep"] == "FAIL"
    assert status["HYB-001@numbers-count-up"] == "NOT_RUN"
    assert status["CLI-004@state-replaces-its-slice"] == "PASS"
    assert "FAIL" not in {v for k, v in status.items() if k != "CLI-029@sweep"}
    told = " ".join(ran.out.split())
    assert f"seen {said}" in told
    assert "twice in the case numbers-count-up, the second time with nothing beside it" in told
    assert "It said:" not in ran.out.partition("Not tested")[2], "what it said stands above"
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("print('sent', flush=True)", "It begins: sent"),
        ("[print('x' * 999) for _ in range(99999)]", "a line that is no JSON"),
        ("print('x' * 40_000_000)", "written a line of more than 33554432 bytes"),
    ],
)
def test_one_that_writes_what_is_no_answer(
    do: str, said: str, inside: Inside, tmp_path: Path
) -> None:
    ran = run(inside, tmp_path, AT_DISPATCH, do)
    assert ran.code == 3
    assert "PASS" not in ran.statuses()
    assert said in " ".join(ran.footer["reason"].split())
    assert "Traceback" not in ran.out + ran.err


def test_one_that_closes_its_output(inside: Inside, tmp_path: Path) -> None:
    ran = run(inside, tmp_path, AT_DISPATCH, "os.close(1); import time; time.sleep(60)")
    assert ran.code == 3
    assert "PASS" not in ran.statuses()
    assert "has closed its standard output, and runs on" in ran.footer["reason"]


CROWDED = """
import os
class Wrong(shell.Shell):
    live = set()
    def __init__(self, *what):
        super().__init__(*what)
        self.live.add(self)
    async def stop(self):
        self.live.discard(self)
        await super().stop()
    async def dispatch(self, *what):
        if len(self.live) > 2:
            os._exit(6)
        return await super().dispatch(*what)
"""


def test_one_that_ends_beside_others_alone(inside: Inside, tmp_path: Path) -> None:
    ran = run(inside, tmp_path, CROWDED, "")
    status = found(ran)
    assert ran.code == 1
    assert status["HYB-001@numbers-count-up"] == "PASS"
    assert status["CLI-029@sweep"] == "FAIL"
    told = " ".join(ran.out.split())
    assert "The client has ended with code 6" in told
    assert "in cases side by side, and in none of them alone" in told


FULL = """
import os
class Wrong(shell.Shell):
    live = set()
    def __init__(self, *what):
        super().__init__(*what)
        self.live.add(self)
        if len(self.live) > 2:
            os._exit(6)
    async def stop(self):
        self.live.discard(self)
        await super().stop()
"""


def test_a_case_whose_session_never_began_is_judged_alone(inside: Inside, tmp_path: Path) -> None:
    ran = run(inside, tmp_path, FULL, "")
    status = found(ran)
    assert status.pop("CLI-029@sweep") == "FAIL"
    assert "NOT_RUN" not in status.values(), ran.out
    assert "The client has ended with code 6" in " ".join(ran.out.split())


LIES = """
class Wrong(shell.Shell):
    async def report(self):
        found = await super().report()
        LIE
        return found
"""


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ("found['handled'] += 1", 3),
        ("found['handled'] = 'many'", 3),
        ("found['slices'] = {k: {**v, 'urls': []} for k, v in found['slices'].items()}", 1),
    ],
)
def test_one_that_lies_in_its_reports(lie: str, code: int, inside: Inside, tmp_path: Path) -> None:
    command = shlex.join((*wrong_client(tmp_path, LIES.replace("LIE", lie)), "--kinds", "url"))
    text = (tmp_path / "wrong.py").read_text("utf-8").replace("main([])", "main(sys.argv[1:])")
    (tmp_path / "wrong.py").write_text(text, "utf-8")
    chosen = ("--case", "state-replaces-its-slice")
    ran = inside.omnisession("check", "--client-cmd", command, *chosen)
    assert ran.code == code, ran.out
    assert "PASS" not in {v for k, v in found(ran).items() if k.startswith("CLI-004")}

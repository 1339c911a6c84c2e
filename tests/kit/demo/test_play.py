"""The demo without a browser: what is told where something of it cannot be had, or ends again and again."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.demo.asking import ask
from tests.kit.demo.demo import demo, gone

from omnisession_conformance.demo import files, play
from omnisession_conformance.demo.files import TYPES
from omnisession_conformance.environment import supervisor
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.errors import TargetError, cause

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

FILES = dict.fromkeys(TYPES, b"")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (" ", "--server-cmd is empty: give the command that starts the server."),
        ("/no/such/server x", "--server-cmd: there is no program '/no/such/server' to be called."),
        ("'", "--server-cmd: this is no command line: No closing quotation."),
    ],
)
def test_wrong_usage_is_told_before_anything_is_started(
    inside: Inside, command: str, told: str
) -> None:
    ran = inside.omnisession("demo", "--server-cmd", command)
    assert (ran.code, ran.out, ran.err) == (4, "", f"omnisession: {told}\n")


def test_without_the_page_nothing_is_started(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "_folders", lambda: (tmp_path,))
    ran = inside.omnisession("demo")
    assert (ran.code, ran.out) == (3, "")
    assert "run implementations/typescript/build.sh, which needs Node.js" in ran.err


def test_a_server_that_ends_again_and_again_ends_the_demo() -> None:
    said = list[str]()
    command = (sys.executable, "-c", "print('I cannot'); raise SystemExit(7)")
    wanted = play.Wanted(command, FILES)
    with pytest.raises(BaseExceptionGroup) as caught:
        asyncio.run(play.play(wanted, said.append, said.append, asyncio.Event()))
    error = cause(caught.value)
    assert isinstance(error, TargetError)
    assert str(error) == "The server ends again and again. It said:\nI cannot"
    again = "the server has ended (exit code 7), and is started again. Its last words: I cannot"
    assert said[0].startswith("http://127.0.0.1:")
    assert said[1:] == [again] * (supervisor.MOST_SHORT - 1)


@pytest.mark.parametrize(("own", "status"), [(True, "101"), (False, "403")])
def test_the_broker_takes_the_page_alone(own: bool, status: str) -> None:
    assert asyncio.run(shaken(own=own)) == status


async def shaken(*, own: bool) -> str:
    """How the broker answers a page that wants a WebSocket: the demo's own, or another one."""
    end, address = asyncio.Event(), asyncio.Future[str]()
    wanted = play.Wanted((sys.executable, "-c", "import time; time.sleep(300)"), FILES)
    playing = asyncio.create_task(play.play(wanted, address.set_result, print, end))
    await asyncio.wait((playing, address), return_when=asyncio.FIRST_COMPLETED)
    url = await address
    _, _, told = await asyncio.to_thread(
        ask, int(url.rstrip("/").rpartition(":")[2]), "/setting.json"
    )
    place = str(json.loads(told)["broker"]).removeprefix("ws://")
    reader, writer = await asyncio.open_connection(*place.split(":"))
    request = (
        "GET / HTTP/1.1",
        f"Host: {place}",
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
        f"Origin: {url.rstrip('/') if own else 'http://127.0.0.1:1'}",
        *("", ""),
    )
    writer.write("\r\n".join(request).encode())
    line = await reader.readline()
    writer.close()
    end.set()
    await playing
    return line.decode().split()[1]


@pytest.mark.dear
@pytest.mark.usefixtures("built_page")
@pytest.mark.needs("node")
def test_ended_by_a_signal_it_leaves_nothing(tmp_path: Path) -> None:
    with demo("--server-cmd", " ".join(REFERENCE_COMMAND), folder=tmp_path) as running:
        running.child("nats-server")
        running.child("omnisession_reference")
        children = running.children()
        assert running.end(signal.SIGTERM) == 0
        assert gone(children)
    assert list(tmp_path.iterdir()) == []

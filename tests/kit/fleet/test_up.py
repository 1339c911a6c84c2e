"""`omnisession up`: from nothing to sessions that outlive whoever serves them, and back to nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import socket
import stat
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest
from tests.durable.clients import Client, Listener, judge
from tests.kit.demo.demo import Running, gone, kill, running
from tests.reference.bench import SECRET

from omnisession_conformance.environment.access import at
from omnisession_conformance.errors import UsageError
from omnisession_conformance.fleet import fleet, looking, place, private

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


def test_a_folder_is_for_one_at_a_time(tmp_path: Path, inside: Inside) -> None:
    with place.place(tmp_path / "data") as folder:
        ran = inside.omnisession("up", "--data", str(folder))
    assert (ran.code, ran.out) == (4, "")
    assert (
        f"another `omnisession up` runs on '{folder}'. End it, or name another folder." in ran.err
    )


def test_a_folder_that_cannot_be_made_has_a_sentence(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "file").touch()
    ran = inside.omnisession("up", "--data", str(tmp_path / "file" / "data"))
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.endswith(
        "/file/data' cannot be used: Not a directory (" + ran.err.rpartition("(")[2]
    )


def test_the_secret_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    found = place.secret_of(tmp_path, None)
    assert place.secret_of(tmp_path, None) == found
    assert place.secret_of(tmp_path, "another") == "another"
    assert stat.S_IMODE((tmp_path / place.SECRET).stat().st_mode) == 0o600
    (tmp_path / place.SECRET).write_text("")
    with pytest.raises(UsageError, match="is empty: write the secret of the tokens"):
        place.secret_of(tmp_path, None)


@pytest.mark.parametrize("linked", [False, True])
def test_a_secret_that_others_may_read_is_not_taken(tmp_path: Path, linked: bool) -> None:
    file = tmp_path / place.SECRET
    found = tmp_path / "elsewhere" if linked else file
    found.write_text("known\n")
    found.chmod(0o640)
    if linked:
        file.symlink_to(found)
    with pytest.raises(UsageError, match=f"others may read or write .*`chmod 600 {file}`"):
        place.secret_of(tmp_path, None)
    found.chmod(0o600)
    assert place.secret_of(tmp_path, None) == "known"


def test_a_secret_of_another_user_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.secret_of(tmp_path, None)
    monkeypatch.setattr(private.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UsageError, match="another user"):
        place.secret_of(tmp_path, None)


def test_a_file_system_without_locks_has_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(place.fcntl, "flock", refuses)
    told = (
        f"--data: '{tmp_path}' cannot be locked: No locks available. Name a folder of a local disk."
    )
    with pytest.raises(UsageError, match=re.escape(told)), place.place(tmp_path):
        pass


def test_where_no_folder_was_named_the_one_that_was_tried_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(UsageError, match=f"--data: '{tmp_path}/none' cannot"), place.place(None):
        pass


def test_a_port_that_is_taken_has_a_sentence(inside: Inside) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = inside.omnisession("up", "--port", port)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        f"omnisession: --port: 127.0.0.1:{port} is taken. Name another one, or none for one that is free.\n"
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (7, "The instance ends again and again. It said:\n| I cannot"),
        (78, "The instance cannot go on (exit code 78). It said:\n| I cannot"),
    ],
)
def test_an_instance_that_does_not_start_ends_it_with_its_last_words(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    ending = (sys.executable, "-c", f"print('I cannot'); raise SystemExit({code})")
    monkeypatch.setattr(fleet, "COMMAND", ending)
    ran = inside.omnisession("up", "--instances", "1", "--data", "data")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith(f"omnisession: {told}\n")
    log = inside.folder / "data" / "instance-1.log"
    assert set(log.read_text().splitlines()) == {"I cannot"}
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize(("before", "wanted"), [(1, 3), (3, 1)])
def test_a_journal_has_as_many_nodes_as_it_began_with(
    inside: Inside, before: int, wanted: int
) -> None:
    for number in range(1, before + 1):
        (inside.folder / "data" / f"n{number}").mkdir(parents=True)
    ran = inside.omnisession("up", "--data", "data", "--nodes", str(wanted))
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        f"omnisession: --nodes: '{inside.folder}/data' was begun with {before}, and its journal would not "
        f"be found with {wanted}. Say --nodes {before}, or name another folder.\n"
    )


def test_three_nodes_are_not_secure(inside: Inside) -> None:
    ran = inside.omnisession("up", "--data", "data", "--nodes", "3", "--secure")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("omnisession: --nodes: the links between nodes let everybody in")


@pytest.mark.dear
def test_a_node_of_three_is_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    told = {"OMNISESSION_SECRET": SECRET}
    with running("up", "--data", "data", "--nodes", "3", folder=tmp_path, env=told) as up:
        assert len(up.url.split(",")) == 3
        asyncio.run(node_killed(up))
        children = up.children()
        assert up.end(signal.SIGINT) == 0
        assert gone(children)
    kept = {file.name for file in (tmp_path / "data").iterdir()}
    assert kept == {"lock", "n1", "n2", "n3", "instance-1.log", "instance-2.log"}


async def node_killed(up: Running) -> None:
    """Kill the node that keeps the first copy, while a client acts."""
    urls = up.url.split(",")
    peer = await Listener.connect(",".join(reversed(urls)))
    client = Client(peer, "u0")
    await client.open()
    chat = asyncio.create_task(client.chat())
    await client.goes_on(3)
    info = await peer.connection.jetstream().stream_info("OMNI_JOURNAL")  # pyright: ignore[reportUnknownMemberType]
    assert info.config.num_replicas == 3
    kill(up.called("n1/nats.conf")[0])
    said = await asyncio.to_thread(up.said)
    assert "node n1 has ended (exit code 137), and is started again. " in said
    await client.goes_on(3)
    client.is_over = True
    await chat
    await judge(peer, [client])
    await peer.connection.close()


@pytest.mark.dear
def test_killed_one_by_one_its_instances_lose_nothing_and_nothing_is_left(tmp_path: Path) -> None:
    told = {"OMNISESSION_SECRET": SECRET}
    with running("up", "--data", "data", folder=tmp_path, env=told) as up:
        assert asyncio.run(killed(up)) >= 2
        children = up.children()
        assert up.end(signal.SIGINT) == 0
        assert gone(children)
    logs = {f"instance-{number}.log" for number in (1, 2)}
    assert {file.name for file in (tmp_path / "data").iterdir()} == {"lock", "n1", *logs}


async def killed(up: Running) -> int:
    """Kill each instance, so the owner as well, while a client acts; how many epochs its session had."""
    peer = await Listener.connect(up.url)
    client = Client(peer, "u0")
    await client.open()
    chat = asyncio.create_task(client.chat())
    for pid in up.called("omnisession_reference"):
        await client.goes_on(3)
        kill(pid)
        said = await asyncio.to_thread(up.said)
        assert " has ended (exit code 137), and is started again. " in said
        await looking.is_served(at(up.url), 2)
    await client.goes_on(3)
    client.is_over = True
    await chat
    await judge(peer, [client])
    await peer.connection.close()
    return peer.terms()


@pytest.mark.dear
def test_started_again_on_its_folder_it_goes_on(tmp_path: Path) -> None:
    secrets = list[str]()
    acked = list[str]()
    for _ in range(2):
        with running("up", "--data", "data", "--instances", "1", folder=tmp_path) as up:
            secrets.append((tmp_path / "data" / "secret").read_text())
            acked += asyncio.run(counted(up, secrets[-1].strip(), len(acked)))
            assert up.end(signal.SIGTERM) == 0
    assert secrets[0] == secrets[1]
    assert len(set(acked)) == 2


async def counted(up: Running, secret: str, before: int) -> list[str]:
    """Act once in a session that lives on."""
    peer = await Listener.connect(up.url)
    client = Client(peer, "u0", secret)
    opened = await client.open()
    assert opened["data"]["position"]["last_action_seq"] == before
    acked = await client.say(before + 1)
    await peer.connection.close()
    return [acked]

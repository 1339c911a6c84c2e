"""The guide to three machines, run as it stands, but on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import urllib.request
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nats
import pytest
from nats.errors import Error as NatsError
from tests.docs.pages import blocks, section
from tests.durable.processes import PATIENCE_S, Broker, Server, free_port
from tests.kit.broker.making import Authority
from tests.kit.command.tool import clean_environment, command
from tests.reference.bench import SECRET, action, control, token
from tests.reference.broker import broker_program

from omnisession_durable.reader import Exit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from contextlib import AbstractAsyncContextManager

    from nats.aio.client import Client as Connected
    from nats.aio.msg import Msg
    from tests.reference.bench import Body

pytestmark = pytest.mark.dear
PAGE = "guides/machines.md"
CONFIG = next(blocks(section(PAGE, "On each machine"), "conf"))
STARTS = "export NATS_URL=", "export NATS_USER=", "omnisession serve"
AGAIN_S = 1
SECRETS = {"SERVER_PASSWORD": "p-server", "ANN_PASSWORD": "p-ann"}


class Machine:
    """One node with the files of the page, on loopback; an instance may stand beside it."""

    def __init__(
        self, name: str, folder: Path, routes: dict[str, int], authority: Authority
    ) -> None:
        self.name, self.folder, self.port = name, folder, free_port()
        self.monitoring = free_port()
        folder.mkdir()
        cert, key = authority.issue(name, "127.0.0.1")
        for file, source in (("node.pem", cert), ("node.key", key), ("ca.pem", authority.file)):
            shutil.copy(source, folder / file)
        for file, words in re.findall(
            "`(.*?)` .*`(omnisession .*?)`", section(PAGE, "On each machine")
        ):
            (folder / file).write_text(printed(*shlex.split(words)[1:]), "utf-8")
        (folder / "nats.conf").write_text(self.on_loopback(routes), "utf-8")
        self.start()

    def on_loopback(self, routes: dict[str, int]) -> str:
        """The configuration with the addresses of this test."""
        text = CONFIG.replace("0.0.0.0:4222", f"127.0.0.1:{self.port}")
        text = text.replace("0.0.0.0:6222", f"127.0.0.1:{routes[self.name]}")
        text = text.replace("127.0.0.1:8222", f"127.0.0.1:{self.monitoring}")
        text = text.replace("/var/lib/nats", str(self.folder / "data"))
        for name, port in routes.items():
            assert f"nats://{name}:6222" in text
            text = text.replace(f"{name}:6222", f"127.0.0.1:{port}")
        return text

    def start(self) -> None:
        """Start the node by the command of the page."""
        line = next(blocks(section(PAGE, "On each machine"), "sh"))
        *variables, _, option, file = shlex.split(line)
        assert [one.split("=")[0] for one in variables] == ["NODE", *SECRETS]
        self.process = subprocess.Popen(
            [broker_program(), option, file],
            cwd=self.folder,
            env={**os.environ, "NODE": self.name, **SECRETS},
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def has_caught_up(self) -> bool:
        """Whether its page says so."""
        try:
            page = f"http://127.0.0.1:{self.monitoring}/healthz"
            with urllib.request.urlopen(page, timeout=AGAIN_S) as answer:
                return answer.status == HTTPStatus.OK
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"tls://127.0.0.1:{self.port}"


def printed(*words: str) -> str:
    """What the command prints."""
    ran = subprocess.run(
        command(*words), env=clean_environment(), capture_output=True, text=True, check=True
    )
    return ran.stdout


@contextmanager
def machines(folder: Path) -> Generator[list[Machine]]:
    """Three of them, for the length of the block."""
    authority = Authority(folder, "ca")
    routes = {f"nats-{number}": free_port() for number in (1, 2, 3)}
    with ExitStack() as stack:
        made: list[Machine] = []
        for name in routes:
            made.append(Machine(name, folder / name, routes, authority))
            stack.callback(made[-1].kill)
        yield made


def instance(machine: Machine, others: list[Machine]) -> Server:
    """An instance beside a node, with what the page exports, on its command."""
    lines = next(blocks(section(PAGE, "Instances"), "sh")).splitlines()
    assert [line.startswith(begin) for line, begin in zip(lines, STARTS, strict=True)] == [True] * 3
    urls = [machine, *(one for one in others if one is not machine)]
    names = dict(word.split("=", 1) for line in lines[:2] for word in shlex.split(line)[1:])
    assert names.pop("NATS_URL").count(",") == len(urls) - 1
    given = {"NATS_USER": "server", "NATS_PASSWORD": SECRETS["SERVER_PASSWORD"]}
    given |= {"NATS_CA": str(machine.folder / "ca.pem"), "OMNISESSION_SECRET": SECRET}
    assert names.keys() == given.keys()
    more = shlex.split(lines[2])[4:]
    return Server(",".join(one.url for one in urls), *more, settings=given)


class User:
    """The user of the page: sends until there is an outcome, as every client does."""

    def __init__(self, connection: Connected) -> None:
        self.connection = connection
        self.said: list[str] = []
        self.states: asyncio.Queue[Msg] = asyncio.Queue()

    async def final(self, subject: str, body: Body) -> Body:
        """What is answered in the end."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(NatsError):
                    data = json.dumps(body).encode()
                    answer = await self.connection.request(subject, data, timeout=AGAIN_S)
                    told: Body = json.loads(answer.data)["data"]
                    error: Body = told.get("error") or told
                    if not error.get("retryable"):
                        return told
                await asyncio.sleep(AGAIN_S / 10)

    async def ask(self, type_: str, **data: Any) -> Body:
        return await self.final("session.ann.s.control", control(type_, "ann", "s", **data))

    async def open(self) -> None:
        """Open a session, and hear its states from then on."""
        await self.connection.subscribe("session.ann.s.state", cb=self.states.put)  # pyright: ignore[reportUnknownMemberType]
        await self.ask(
            "session.open",
            protocol=["1.0"],
            kinds=["chat"],
            features=[],
            auth={"scheme": "bearer", "token": token("ann")},
            client={"name": "machines", "version": "1"},
        )

    async def say(self, text: str) -> None:
        """Say something, until it is acked."""
        self.said.append(text)
        body = action("ann", "s", len(self.said), "chat.send", content=text)
        told = await self.final("user.actions.ann", body)
        assert told["status"] in {"applied", "duplicate"}, told

    async def shown(self) -> list[str]:
        """What the chat shows at the end of all that was said."""
        await self.ask("session.sync")
        while True:
            async with asyncio.timeout(PATIENCE_S):
                state: Body = json.loads((await self.states.get()).data)
            if state["reason"] == "sync":
                return sorted(message["content"] for message in state["data"]["messages"])


@contextlib.asynccontextmanager
async def user(*urls: str, **settings: Any) -> AsyncGenerator[User]:
    """The user, at these nodes."""
    one = await nats.connect(list(urls), **settings)  # pyright: ignore[reportUnknownMemberType]
    try:
        yield User(one)
    finally:
        await one.close()


def ann(at: Machine) -> AbstractAsyncContextManager[User]:
    """The user as the page has her, at a node."""
    return user(
        at.url,
        user="ann",
        password=SECRETS["ANN_PASSWORD"],
        tls=ssl.create_default_context(cafile=str(at.folder / "ca.pem")),
        inbox_prefix="_INBOX.ann",
    )


def test_one_of_each_is_lost_and_nothing_that_was_acked(tmp_path: Path) -> None:
    async def act(nodes: list[Machine], owner: Server, standby: Server) -> list[str]:
        async with ann(nodes[0]) as one:
            await one.open()
            await one.say("both are there")
            nodes[1].kill()
            await one.say("a machine is gone")
            assert not nodes[1].has_caught_up()
            nodes[1].start()
            async with asyncio.timeout(PATIENCE_S):
                while not await asyncio.to_thread(nodes[1].has_caught_up):
                    await asyncio.sleep(AGAIN_S / 10)
            max(owner, standby, key=lambda server: server.term).kill()
            await one.say("the owner, too")
            assert await one.shown() == sorted(one.said)
            return one.said

    with machines(tmp_path) as nodes, ExitStack() as stack:
        servers: list[Server] = []
        for node in nodes[::2]:
            servers.append(instance(node, nodes))
            stack.callback(servers[-1].kill)
            servers[-1].wait_for("ready")
        assert len(asyncio.run(act(nodes, *servers))) == 3


def test_an_instance_sees_that_its_journal_went_back_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    kept, copy = tmp_path / "kept", tmp_path / "copy"
    running = Broker(kept)
    try:
        server = Server(running.url)
        try:
            asyncio.run(_until_copied(running, copy))
            running.kill()
            shutil.rmtree(kept)
            copy.rename(kept)
            running.start()
            assert server.end() == Exit.AGAIN, server.log
        finally:
            server.kill()
        with_copy = Server(running.url)
        try:
            assert asyncio.run(_shown_again(running.url)) == ["before", "since then"]
        finally:
            with_copy.kill()
    finally:
        running.kill()


async def _until_copied(running: Broker, copy: Path) -> None:
    """Say something, have the folder copied while nobody writes, and say more."""
    async with user(running.url) as one:
        await one.open()
        await one.say("before")
        await asyncio.to_thread(running.kill)
        await asyncio.to_thread(shutil.copytree, Path(running.folder), copy)
        await asyncio.to_thread(running.start)
        for number in range(20):
            await one.say(f"lost {number}")


async def _shown_again(url: str) -> list[str]:
    async with user(url) as one:
        one.said.append("before")
        await one.connection.subscribe("session.ann.s.state", cb=one.states.put)  # pyright: ignore[reportUnknownMemberType]
        await one.say("since then")
        return await one.shown()

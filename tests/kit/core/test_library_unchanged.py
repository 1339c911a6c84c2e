"""nats-py is left as it is: in a process that has the kit in it, other connections are its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from nats.aio.client import Client
from nats.errors import ProtocolError
from tests.kit.core.raw_peer import publish_raw

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.traffic.connection import TapClient, connect_as

if TYPE_CHECKING:
    from nats.aio.msg import Msg

COMPARED = """
import importlib, pkgutil, sys
import nats, nats.aio.client, nats.aio.subscription, nats.aio.transport, nats.errors
import nats.protocol.command, nats.protocol.parser

def attributes():
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "nats":
            for attribute, value in vars(module).items():
                found[name, attribute] = value
                if isinstance(value, type) and value.__module__ == name:
                    found.update({(name, attribute, key): of for key, of in vars(value).items()})
    return found

before = attributes()
@IMPORTS@
after = attributes()
changed = [key for key, value in before.items() if after.get(key) is not value]
modules = {key[0] for key in before}
added = [key for key in after if key not in before and key[0] in modules]
print(len(before), [*changed, *added])
"""
EVERYTHING = """
import omnisession_conformance
for found in pkgutil.walk_packages(omnisession_conformance.__path__, "omnisession_conformance."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""


def changed_by(imports: str) -> str:
    """What is another thing in the library's modules after some imports."""
    done = subprocess.run(
        [sys.executable, "-c", COMPARED.replace("@IMPORTS@", imports)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    count, _, changed = done.stdout.strip().partition(" ")
    assert int(count) > 300
    return changed


@pytest.mark.parametrize(
    "imports",
    [
        pytest.param("import omnisession_conformance.pytest_plugin", id="plugin"),
        pytest.param(EVERYTHING, id="all", marks=pytest.mark.dear),
    ],
)
def test_importing_the_kit_changes_nothing_in_it(imports: str) -> None:
    assert changed_by(imports) == "[]"


def test_a_change_would_be_seen() -> None:
    told = changed_by("nats.protocol.parser.MSG_RE = nats.aio.client.Client.flush = None")
    assert "('nats.protocol.parser', 'MSG_RE')" in told
    assert "('nats.aio.client', 'Client', 'flush')" in told


def test_another_connection_in_the_process_reads_as_the_library_does() -> None:
    """What the tap hears costs a connection of the library, as it does where there is no kit."""
    heard: list[str] = []

    async def run() -> None:
        async with embedded_broker() as broker:
            tap = await connect_as(
                lambda: TapClient(lambda message: heard.append(message.subject)), at(broker.url)
            )
            await tap.listen(">")
            await tap.flush()

            listens = asyncio.Event()

            async def note(_: Msg) -> None:
                listens.set()

            other: Any = Client()
            await other.connect(broker.url, allow_reconnect=False)
            await other.subscribe("*", cb=note)
            # The library's flush may overtake the subscription; what it publishes does not.
            await other.publish("hello", b"")
            async with asyncio.timeout(10):
                await listens.wait()
                await publish_raw(broker.url)
                while not other.is_closed:
                    await asyncio.sleep(0)
            assert isinstance(other.last_error, ProtocolError)
            assert await tap.hears_itself("_INBOX.mark", within_s=10)
            await tap.close()

    asyncio.run(run())
    assert "odd\x0csubject" in heard

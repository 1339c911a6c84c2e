"""A connection that fails was refused only where the broker does not take the credentials."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.kit.broker.making import Authority
from tests.kit.broker.running import nats_server
from tests.kit.permissions.accounts import broker_of_tokens
from tests.kit.permissions.brokers import broker_with, of_client

from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.address import Login
from omnisession_conformance.environment.keys import forged
from omnisession_conformance.environment.tls import read_tls
from omnisession_conformance.roles.deployment.trying import Trier, UnclearError, way_of
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from omnisession_conformance.roles.deployment.watch import Line

INFO = {"server_id": "N", "version": "2.11.0", "max_payload": 1_000, "proto": 1, "headers": True}


def unnoted(*_: object) -> None:
    """Take no note of what is published."""


def trier(access: Access) -> Trier:
    """One that makes no attempt, and so needs no connection that hears."""
    return Trier(cast("Line", None), access, way_of(access), unnoted, lambda: None, 2)


@contextlib.asynccontextmanager
async def saying(answer: bytes) -> AsyncGenerator[Access]:
    """A broker that says something to whoever connects, and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"INFO {json.dumps(INFO)}\r\n".encode())
        await reader.readuntil(b"\r\n")
        writer.write(answer)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield at(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.mark.parametrize(
    "answer",
    [b"-ERR 'maximum connections exceeded'\r\n", b"-ERR 'Authentication Timeout'\r\n", b""],
)
def test_what_fails_otherwise_was_not_refused(answer: bytes) -> None:
    async def run() -> None:
        async with saying(answer) as access:
            with pytest.raises(UnclearError, match="not for its credentials"):
                await trier(access).takes(Access())

    asyncio.run(run())


def test_a_broker_that_is_gone_has_refused_nobody() -> None:
    with pytest.raises(UnclearError, match="not for its credentials"):
        asyncio.run(trier(at("nats://127.0.0.1:1")).takes(Access()))


def test_what_the_broker_does_not_take_was_refused() -> None:
    async def run(access: Access) -> list[bool]:
        wrong = (Access(), Access(login=Login("ann", "x")), Access(login=Login(token="x")))
        return [await trier(access).takes(one) for one in (*wrong, replace(access, addresses=()))]

    with broker_with({"ann": of_client("ann")}) as broker:
        assert asyncio.run(run(broker.access("ann"))) == [False, False, False, True]


def test_nobody_shows_the_certificate_of_the_kit(tmp_path: Path) -> None:
    ours = Authority(tmp_path, "ours")
    (cert, key), (own, its_key) = ours.issue("right", "127.0.0.1"), ours.issue("known")
    tls = f'cert_file: "{cert}", key_file: "{key}", ca_file: "{ours.file}", verify_and_map: true'
    users = 'authorization { users: [ { user: "CN=known" } ] }\n'

    async def run(place: str) -> bool:
        shown = read_tls("broker", ca_file=ours.file, cert_file=own, key_file=its_key)
        kit = replace(at(f"nats://{place}"), tls=shown)
        await (await connect(kit)).close()
        return await trier(kit).takes(Access())

    with nats_server(f"tls {{ {tls} }}\n{users}") as places:
        assert asyncio.run(run(places["nats"])) is False


def test_a_token_that_nobody_signed_is_refused() -> None:
    async def run(access: Access) -> list[bool]:
        assert access.signer is not None
        tried = trier(replace(access, signer=None))
        unsigned = Access(signer=forged(access.signer))
        keyless = Access(signer=forged(replace(access.signer, jwt=None)))
        return [await tried.takes(one) for one in (Access(signer=access.signer), unsigned, keyless)]

    with broker_of_tokens() as access:
        assert asyncio.run(run(access("ann"))) == [True, False, False]

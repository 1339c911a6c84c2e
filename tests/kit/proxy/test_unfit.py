"""A proxy keeps the credentials of an address, and says at once where it cannot stand before a broker."""

from __future__ import annotations

import asyncio

import pytest
from tests.kit.proxy.peers import INFO, stand_in
from tests.kit.proxy.wires import played

from omnisession_conformance.environment.node import free_ports
from omnisession_conformance.environment.proxy import greeting
from omnisession_conformance.environment.proxy.proxy import faulty_proxy
from omnisession_conformance.errors import BrokerError, UsageError


@pytest.mark.parametrize(
    ("login", "kept"),
    [("", ""), ("u:p%40ss@", "u:p%40ss@"), ("t%2Fk@", "t%2Fk@"), ("u:@", "u:@")],
)
def test_its_address_is_the_broker_s_with_another_port(login: str, kept: str) -> None:
    async def play() -> None:
        async with stand_in() as broker:
            async with faulty_proxy(broker.url.replace("//", f"//{login}")) as proxy:
                assert proxy.url == f"nats://{kept}127.0.0.1:{proxy.door.port}"
                assert proxy.url != broker.url
                assert proxy.place == f"127.0.0.1:{proxy.door.port}"
            await broker.clients.get()

    played(play)


async def proxied(url: str) -> None:
    async with faulty_proxy(url):
        pass


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("tls://127.0.0.1:4222", r"at tls://\..*without TLS on the loopback"),
        ("nats://127.0.0.1:1,nats://127.0.0.1:2", "leads to one broker"),
        ("http://127.0.0.1:1", "an address of a broker begins with"),
    ],
)
def test_an_address_that_no_proxy_can_lead_to(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        asyncio.run(proxied(url))


def test_an_address_for_web_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(_: str) -> object:
        return object()

    monkeypatch.setattr("omnisession_conformance.environment.address.find_spec", found)
    with pytest.raises(UsageError, match="speaks to its broker without WebSocket"):
        asyncio.run(proxied("ws://127.0.0.1:1"))


def test_nobody_is_there() -> None:
    (port,) = free_ports(1)
    with pytest.raises(BrokerError, match=rf"cannot reach the broker at 127\.0\.0\.1:{port}: "):
        asyncio.run(proxied(f"nats://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("info", "told"),
    [
        (INFO.replace(b"{", b'{"tls_required":true,'), "asks for TLS"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not begin as a nats-server"),
        (b"PING\r\n", "does not begin as a nats-server"),
        (b"INFO {\r\n", "no JSON object"),
        (b"", r"hears nothing.*with handshake_first it waits for TLS"),
    ],
)
def test_somebody_else_is_there(info: bytes, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not info:
        monkeypatch.setattr(greeting, "GREETED_WITHIN_S", 0.05)

    async def play() -> None:
        async with stand_in(info) as broker:
            with pytest.raises(BrokerError, match=told):
                await proxied(broker.url)
            await broker.clients.get()

    played(play)

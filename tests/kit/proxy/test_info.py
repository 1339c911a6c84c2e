"""A client is told of no way around a proxy, and a broker behind TLS is refused at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from omnisession_conformance.environment.proxy.info import Door, names_others, read_info, rewritten
from omnisession_conformance.environment.proxy.operations import Info
from omnisession_conformance.environment.proxy.parser import Parser
from omnisession_conformance.errors import BrokerError

TOLD: dict[str, Any] = {
    "server_id": "S",
    "host": "10.0.0.1",
    "port": 4222,
    "ip": "10.0.0.1",
    "cluster": "c",
    "connect_urls": ["10.0.0.1:4222", "10.0.0.2:4222"],
    "ws_connect_urls": ["10.0.0.1:80"],
    "tls_available": True,
    "tls_verify": True,
    "tls_required": False,
    "nonce": "n",
    "ldm": True,
}


def client_is_told(told: dict[str, Any], door: Door) -> dict[str, Any]:
    (info,) = Parser().feed(rewritten(told, door))
    assert isinstance(info, Info)
    return json.loads(info.text)


def test_it_names_the_proxy_and_nobody_else() -> None:
    assert client_is_told(TOLD, Door("127.0.0.1", 7)) == {
        "server_id": "S",
        "host": "127.0.0.1",
        "port": 7,
        "cluster": "c",
        "nonce": "n",
        "ldm": True,
    }


def test_clients_are_told_that_it_takes_less() -> None:
    told = {**TOLD, "max_payload": 1_048_576}
    assert client_is_told(told, Door("127.0.0.1", 7))["max_payload"] == 1_048_576
    assert client_is_told(told, Door("127.0.0.1", 7, most=9_000))["max_payload"] == 9_000


def test_others_are_named_by_their_proxies() -> None:
    door = Door("127.0.0.1", 7, {"10.0.0.2:4222": "127.0.0.1:8"})
    told = client_is_told(TOLD, door)
    assert told["connect_urls"] == ["127.0.0.1:8"]
    assert "ws_connect_urls" not in told


@pytest.mark.parametrize("member", ["connect_urls", "ws_connect_urls"])
def test_it_knows_who_names_others(member: str) -> None:
    assert names_others({member: ["a:1"]})
    assert not names_others({member: []})
    assert not names_others({})


@pytest.mark.parametrize("text", [b"{", b"[]", b"[" * 100_000])
def test_an_info_is_an_object(text: bytes) -> None:
    with pytest.raises(BrokerError, match="no JSON object"):
        read_info(Info(b"", text))


def test_a_broker_that_asks_for_tls_is_refused() -> None:
    with pytest.raises(BrokerError, match=r"asks for TLS.*without TLS on the loopback"):
        read_info(Info(b"", b'{"tls_required":true}'))

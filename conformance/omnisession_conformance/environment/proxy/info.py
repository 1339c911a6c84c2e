"""What the broker says of itself, so that no client goes around the proxy or speaks TLS to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.operations import LINE_END
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.json import is_object, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.proxy.operations import Info
    from omnisession_conformance.protocol.json import Object

WAYS = ("connect_urls", "ws_connect_urls")
"""Members that name other ways to the broker, or to others of its cluster."""
_OF_TLS = ("tls_required", "tls_verify", "tls_available")
NO_TLS = (
    "A proxy reads what client and broker say, so nothing between them may be encrypted: "
    "let the broker take connections without TLS on the loopback."
)


@dataclass(frozen=True, slots=True)
class Door:
    """Where clients find the proxy; `others` are HOST:PORT of brokers with those of their own proxies.

    `most` is the largest body that clients are told to be taken, where that is less than the broker takes.
    """

    host: str
    port: int
    others: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    most: int | None = None


def read_info(info: Info) -> Object:
    """The members of an INFO; BrokerError where it is none, or where the broker asks for TLS."""
    try:
        told = json.loads(info.text)
    except (ValueError, RecursionError):
        told = None
    if not is_object(told):
        raise BrokerError("The broker's INFO is no JSON object: is it a nats-server?")
    if told.get("tls_required"):
        raise BrokerError(f"The broker asks for TLS. {NO_TLS}")
    return told


def names_others(told: Object) -> bool:
    """Whether an INFO leads to somewhere else."""
    return any(told.get(name) for name in WAYS)


def rewritten(told: Object, door: Door) -> bytes:
    """The INFO that a client is told: it names the proxy, and others only where they have a proxy, too."""
    here: Object = {"host": door.host, "port": door.port}
    if door.most is not None:
        here["max_payload"] = door.most
    new = {name: here.get(name, value) for name, value in told.items() if name not in _OF_TLS}
    new.pop("ip", None)
    for name in WAYS:
        urls = [door.others[url] for url in texts(new.pop(name, None)) if url in door.others]
        if urls:
            new[name] = urls
    return b"INFO " + json.dumps(new, separators=(",", ":")).encode() + b" " + LINE_END

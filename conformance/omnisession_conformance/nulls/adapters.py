"""Adapters behind which there is no client, or none that goes on: they talk as the contract has it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.environment.access import at
from omnisession_conformance.protocol.json import as_list, as_object, as_text
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.connection import TapClient, connect_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.traffic.connection import Heard

PROFILES = ("states", "core", "events", *NAMES, "actions")
NOWHERE = "nats://127.0.0.1:9"


class Behind(Protocol):
    """What stands behind an adapter in place of a client."""

    async def start(self, asked: Object) -> None:
        """Begin a session."""
        ...

    def report(self) -> Object:
        """Say what it holds."""
        ...


class Hermit:
    """Does nothing, and says that all is well."""

    async def start(self, asked: Object) -> None:
        """Connect to nothing."""

    def report(self) -> Object:
        """Say that nothing has come."""
        return reported(None, "opening", None, 0, {})


class Stray(Hermit):
    """Connects, again and again, to where nobody told it to."""

    async def start(self, asked: Object) -> None:
        """Connect elsewhere."""
        del asked
        with contextlib.suppress(OSError):
            await asyncio.open_connection("127.0.0.1", int(NOWHERE.rpartition(":")[2]))


class Recording:
    """Connects, and reports what a client once held, whatever has come."""

    def __init__(self) -> None:
        self._kinds: list[str] = []
        self._number = 0

    async def start(self, asked: Object) -> None:
        """Connect where it is told to, and hear nothing there."""
        self._kinds = [as_text(one) for one in as_list(asked.get("kinds"))]
        await _connected(asked, lambda _: None)

    def report(self) -> Object:
        """The next report of the recording: one message more each time."""
        self._number += 1
        at_ = {"epoch": 1, "seq": self._number, "last_action_seq": 0}
        slices = {kind: empty_slice(kind) for kind in self._kinds}
        return reported("s-recorded-0123456789ab", "live", at_, self._number, slices)


@dataclass(slots=True)
class Frozen:
    """Opens a session, and holds for ever what its first states say; counts everything."""

    handled: int = 0
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    position: Object | None = None
    slices: dict[str, Object] = field(default_factory=dict[str, "Object"])
    kinds: tuple[str, ...] = ()

    async def start(self, asked: Object) -> None:
        """Subscribe, and open."""
        self.session, self.handled, self.position, self.slices = secrets.token_hex(16), 0, None, {}
        self.kinds = tuple(as_text(one) for one in as_list(asked.get("kinds")))
        client = await _connected(asked, self._hear)
        user, token = as_text(asked.get("user_id")), asked.get("token")
        below = f"session.{tok(user)}.{self.session}"
        await client.listen(f"{below}.*")
        data = {
            "protocol": ["1.0"],
            "kinds": list(self.kinds),
            "features": as_list(asked.get("features")),
            "auth": token and {"scheme": "bearer", "token": token},
            "client": {"name": "frozen", "version": "1"},
        }
        body = {
            "v": "1.0",
            "type": "session.open",
            "user_id": user,
            "session_id": self.session,
            "timestamp": 1_730_000_000_000,
            "data": data,
        }
        inbox = f"_INBOX.{secrets.token_hex(11)}"
        await client.publish(f"{below}.control", json.dumps(body).encode(), reply=inbox)

    def _hear(self, heard: Heard) -> None:
        self.handled += 1
        body = as_object(json.loads(heard.data))
        missing = set(self.kinds) - set(self.slices)
        if body.get("type") == "session.state" and missing:
            slice_ = as_object(body.get("data"))
            self.slices[as_text(slice_.get("type"))] = slice_
            names = ("epoch", "seq", "last_action_seq")
            self.position = {name: body[name] for name in names}

    def report(self) -> Object:
        """What the first states said."""
        phase = "opening" if self.position is None else "live"
        return reported(self.session, phase, self.position, self.handled, self.slices)


BEHIND: dict[str, Callable[[], Behind]] = {
    "hermit": Hermit,
    "stray": Stray,
    "recording": Recording,
    "frozen": Frozen,
}


def reported(
    session: str | None, phase: str, position: Object | None, handled: int, slices: Any
) -> Object:
    """A report."""
    return {
        "session_id": session,
        "phase": phase,
        "position": position,
        "handled": handled,
        "slices": slices,
        "view": None,
        "pending": None,
        "refused": [],
    }


async def talk(name: str) -> None:
    """Be a null target until standard input ends."""
    if name == "exits":
        return
    sessions: dict[str, Behind] = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        if name == "mute":
            continue
        if name == "parrot":
            _say(line)
            continue
        asked = as_object(json.loads(line))
        result = await _result(name, asked, sessions)
        _say(json.dumps({"id": asked["id"], "ok": result}).encode() + b"\n")


async def _result(name: str, asked: Object, sessions: dict[str, Behind]) -> Object:
    match asked["do"]:
        case "hello":
            return {
                "contract": 1,
                "client": {"name": name, "version": "1"},
                "profiles": list(PROFILES),
                "sessions": 100,
                "timers": True,
                "handled": True,
            }
        case "start":
            behind = sessions[asked["session"]] = BEHIND[name]()
            await behind.start(asked)
        case "dispatch":
            return {"action_id": secrets.token_hex(8)}
        case "report":
            return sessions[asked["session"]].report()
        case _:
            pass
    return {}


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def _connected(asked: Object, hear: Callable[[Heard], None]) -> TapClient:
    return await connect_as(
        lambda: TapClient(hear), at(as_text(asked.get("url"))), name="null", no_echo=True
    )

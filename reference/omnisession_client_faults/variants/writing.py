"""What a client writes, and how often."""

import json
import secrets
from typing import Any

from omnisession_client import asking
from omnisession_client.effects import Disconnect, SetTimer, Step
from omnisession_client.values import State
from omnisession_client_faults import shells, steps
from omnisession_client_faults.shells import Doing
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject

UNKNOWN = {"deep": [None, True, "x", {"v": "2.0"}]}


@variant("pings-often", of=("CLI-015", "CLI-010", "CLI-012"), replaces="asking.next_ping")
def pings_often(_original: Any, _state: State) -> SetTimer:
    """A ping is sent every 50 ms."""
    return SetTimer(asking.PING, 50, 50)


@variant("pings-rarely", of=("CLI-015",), warns=("CLI-036",), replaces="asking.next_ping")
def pings_rarely(original: Any, state: State) -> SetTimer:
    """A ping is sent every two heartbeats and a half, within the resume window."""
    rare = original(state).at_most_ms * 25 // 8
    return SetTimer(asking.PING, rare, rare)


@variant("writes-unknown-members", of=("CLI-034",), replaces="bodies._envelope")
def unknown_members(original: Any, state: State, type_: str) -> JsonObject:
    """Bodies have members that the protocol does not name."""
    return {"x_unknown": UNKNOWN, **original(state, type_), "client_time": "12:00"}


@variant("writes-unknown-members-in-data", of=("CLI-034",), replaces="bodies.open_data")
def unknown_in_data(original: Any, state: State) -> JsonObject:
    """The data of an open has members that the protocol does not name, at every level."""
    data = original(state)
    client = {**data["client"], "x_unknown": UNKNOWN}
    return {**data, "client": client, "x_unknown": UNKNOWN}


@variant("writes-at-large", of=("CLI-034", "HYB-012"), replaces="bodies.encode")
def at_large(_original: Any, body: Any) -> bytes:
    """Bodies have line breaks, spaces and escapes, and their members stand in another order."""
    return json.dumps(dict(reversed(list(body.items()))), indent=1, allow_nan=False).encode()


@variant("offers-more-versions", of=("CLI-034", "CLI-035"), replaces="bodies.open_data")
def more_versions(original: Any, state: State) -> JsonObject:
    """An open offers a later version before that which is spoken."""
    return {**original(state), "protocol": ["1.7", "1.0"]}


@variant("asks-for-more", of=("CLI-034",), replaces="bodies.open_data")
def asks_for_more(original: Any, state: State) -> JsonObject:
    """An open asks for a feature that nobody has, and for timers."""
    data = original(state)
    timers = {"heartbeat_ms": 5_000, "resume_window_ms": 60_000, "coalesce_ms": 10}
    return {**data, "features": [*data["features"], "x-acme"], "timers": timers}


@variant("opens-unknown-kinds", of=("CLI-034", "CLI-004"), replaces="bodies.open_data")
def unknown_kinds(original: Any, state: State) -> JsonObject:
    """An open names a kind that nobody has, behind its own."""
    data = original(state)
    return {**data, "kinds": [*data["kinds"], "x-weather"]}


@variant("has-long-ids", of=("CLI-032", "CLI-033"), replaces="shell.Shell._begin")
def long_ids(_original: Any, shell: Any) -> None:
    """Session ids have 64 bytes, as many as there may be."""
    shells.begin(shell, secrets.token_hex(32))


@variant("has-ids-with-signs", of=("CLI-032", "CLI-033"), replaces="shell.Shell._begin")
def ids_with_signs(_original: Any, shell: Any) -> None:
    """Session ids have signs that are encoded in a subject."""
    shells.begin(shell, f"s.{secrets.token_urlsafe(16)}:*")


@variant("has-long-action-ids", of=("HYB-013",), replaces="shell.Shell.dispatch")
async def long_action_ids(
    _original: Any, shell: Any, type_: str, data: Any, expect: Any
) -> tuple[str, str | None]:
    """Ids of actions have 128 characters, most of them beyond ASCII."""
    return await shells.dispatch(
        shell, Doing(type_, data, expect), f"{secrets.token_hex(16):é<128}"
    )


@variant("leaves-without-a-word", of=("CLI-031",), warns=("CLI-031",), replaces="ending.stop")
def leaves(original: Any, state: State) -> Step:
    """A client that is done leaves its session to its time."""
    after, effects = original(state)
    return after, (*(e for e in effects if not steps.sends((after, (e,)))), Disconnect())


@variant("closes-and-goes", of=("CLI-031",), replaces="ending.stop")
def closes_and_goes(original: Any, state: State) -> Step:
    """A client that is done says so, and does not wait for the answer."""
    after, effects = original(state)
    return after, (*effects, Disconnect())


@variant("closes-what-is-gone", of=("CLI-017", "CLI-019"), replaces="ending._renewed")
def closes_what_is_gone(original: Any, state: State) -> Step:
    """A session that the server does not know is closed before the next one is opened."""
    closing = steps.published(state, "session.close")
    after, effects = original(state)
    return after, (closing, *effects)

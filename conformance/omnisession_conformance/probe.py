"""The start probe: is there a session server at all, and what does it declare?

Asked before the tap is there, because a subscription on `>` would hide "no responders".
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from omnisession_conformance.actor import encode, now_ms
from omnisession_conformance.declared import KINDS, Declared, read_declared
from omnisession_conformance.errors import TargetError
from omnisession_conformance.link import connect
from omnisession_conformance.schemas.strict import decode
from omnisession_conformance.subjects import tok
from omnisession_conformance.timing import ANSWER_S, LEAST_MARGIN_S

if TYPE_CHECKING:
    from nats.aio.client import Client

    from omnisession_conformance.fixture import User
    from omnisession_conformance.run import Run
    from omnisession_conformance.world import World

START_TIMEOUT_S = 20.0
"""How long a spawned command may take until it answers; `go run` compiles first."""
RETRY_S = 0.01


@dataclass(frozen=True, slots=True)
class Found:
    """What the probe learned: the declaration, the broker's version, the round trip in seconds."""

    declared: Declared
    broker_version: str
    round_trip_s: float


def probe_body(user: User, session_id: str, type_: str, data: dict[str, Any]) -> bytes:
    """A control request of the probe's own session."""
    return encode(
        {
            "v": "1.0",
            "type": type_,
            "user_id": user.id,
            "session_id": session_id,
            "timestamp": now_ms(),
            "data": data,
        }
    )


async def probe(run: Run, user: User) -> Found:
    """Open a session as a probe, read what the target declares, and close it.

    Retries while a spawned target is starting. Raises TargetError when nothing listens, nothing
    answers, what answers is no session server, or the command has ended; BrokerError when the broker
    is not there.
    """
    client = await connect(run.url, run.options, name="omnisession probe", no_echo=True)
    try:
        return await _probe(run, user, client)
    finally:
        await client.close()


async def _probe(run: Run, user: User, client: Client) -> Found:
    session_id = f"{run.tag}{secrets.token_hex(16)}"
    subject = f"session.{tok(user.id)}.{tok(session_id)}.control"
    data = {
        "protocol": ["1.0"],
        "kinds": list(KINDS),
        "features": ["events", "digests"],
        "auth": {"scheme": "bearer", "token": user.token},
        "client": {"name": "omnisession-probe", "version": run.kit_version},
    }
    reply = await _ask(run, client, subject, probe_body(user, session_id, "session.open", data))
    body = decode(reply).body
    if body is None or body.get("type") not in ("session.opened", "error"):
        raise TargetError(
            "something answers on the control subject, and it is no session server: "
            f"it was asked session.open and sent {_short(reply)}"
        )
    payload: Any = body.get("data")
    if body.get("type") == "error":
        error: Any = payload.get("error") if isinstance(payload, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        raise TargetError(
            f"the target refused the probe's session.open with {_short(encode({'error': error}))}. "
            "Check the users, tokens or the secret in the fixture (omnisession.toml, [fixture])."
        )
    started = time.monotonic()
    await client.flush(timeout=2)
    round_trip = time.monotonic() - started
    with contextlib.suppress(NatsTimeoutError):
        close = probe_body(user, session_id, "session.close", {})
        await client.request(subject, close, ANSWER_S)
    broker = client.connected_server_version
    version = f"{broker.major}.{broker.minor}.{broker.patch}"
    return Found(read_declared(payload if isinstance(payload, dict) else {}), version, round_trip)  # pyright: ignore[reportUnknownArgumentType]


async def revive(run: Run, world: World) -> None:
    """Start the target again in the middle of a run and wait until it serves.

    The tap hides "no responders" now, so the broker is asked who receives control requests. Raises
    TargetError when the target does not come up.
    """
    await run.target.start(run.url)
    session = world.session(world.user())
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_TIMEOUT_S
    while not await world.receivers(session.control_subject):
        if not run.target.running:
            raise TargetError(_ended(run))
        if loop.time() >= deadline:
            raise TargetError(_absent(run))
        await asyncio.sleep(RETRY_S)
    answer = await session.open()
    if answer.type != "session.opened":
        raise TargetError(f"started again, the target answered session.open with {answer}")
    run.target_is_back()
    await session.close()


async def _ask(run: Run, client: Client, subject: str, body: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    spawned = run.target.mode == "spawn"
    deadline = loop.time() + (START_TIMEOUT_S if spawned else 0.0)
    while True:
        try:
            answer = await client.request(subject, body, ANSWER_S + LEAST_MARGIN_S)
        except NoRespondersError:
            if spawned and not run.target.running:
                raise TargetError(_ended(run)) from None
            if loop.time() >= deadline:
                raise TargetError(_absent(run)) from None
            await asyncio.sleep(RETRY_S)
        except NatsTimeoutError:
            raise TargetError(
                f"something listens on {subject}, and session.open got no answer within "
                f"{ANSWER_S:.0f} s. The target must answer every control request (CTRL-001)."
            ) from None
        else:
            return answer.data


def _absent(run: Run) -> str:
    if run.target.mode == "spawn":
        return (
            f"`{run.target.label}` did not subscribe to session.*.*.control within "
            f"{START_TIMEOUT_S:.0f} s. It is told the broker by NATS_URL. It said:\n{run.target.tail()}"
        )
    return (
        f"nobody listens on session.*.*.control at {run.url}. Start the server there, "
        "or let the kit start it: --server-cmd 'COMMAND'."
    )


def _ended(run: Run) -> str:
    told = run.target.tail() or "(nothing)"
    return f"`{run.target.label}` ended before it answered session.open. It said:\n{told}"


def _short(raw: bytes) -> str:
    text = raw[:200].decode("utf-8", "replace")
    return text if len(raw) <= len(text) else f"{text}…"

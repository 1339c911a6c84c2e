"""The start probe: is there a session server at all, and what does it declare?

Asked before the tap is there, because a subscription on `>` would hide "no responders".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from omnisession_conformance.engine.clock import LEAST_MARGIN_S
from omnisession_conformance.engine.role import Found
from omnisession_conformance.errors import TargetError
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.protocol.declared import read_declared
from omnisession_conformance.protocol.json import as_object, member
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.schemas.strict import decode
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.roles.server.restart import ASK_S, RETRY_S, absent, ended
from omnisession_conformance.roles.server.session import now_ms
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nats.aio.client import Client

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.draws import App, Chance
    from omnisession_conformance.environment.marks import Marks
    from omnisession_conformance.environment.users import User

MOST_ASKED = 3
"""Requests between the probe's open and its close."""
OPENED = frozenset({"protocol", "position", "kinds", "features", "profiles", "actions", "timers"})
"""Members of `session.opened`; what has none of them is no answer to an open."""


@dataclass(frozen=True, slots=True)
class _Prober:
    """The probe's own session, which looks like one of any client."""

    run: Run
    user: User
    app: App
    chance: Chance
    id: str

    @classmethod
    def of(cls, run: Run, user: User) -> _Prober:
        chance = run.draws.rng("probe")
        app = run.draws.app(chance)
        return cls(run, user, app, chance, run.draws.session_id(app))

    @property
    def prefix(self) -> str:
        """How subjects of the session begin."""
        return f"session.{tok(self.user.id)}.{tok(self.id)}."

    @property
    def subject(self) -> str:
        return f"{self.prefix}control"

    def body(self, type_: str, data: dict[str, Any]) -> bytes:
        """A control request."""
        whole = {
            "v": PROTOCOL,
            "type": type_,
            "user_id": self.user.id,
            "session_id": self.id,
            "timestamp": now_ms(),
            "data": data,
        }
        return self.app.style.encode(whole)

    def opening(self) -> bytes:
        """An open that asks for all that there may be, in no order of the kit's own."""
        kinds, features = list(NAMES), ["events", "digests"]
        self.chance.shuffle(kinds)
        self.chance.shuffle(features)
        data = {
            "protocol": [PROTOCOL],
            "kinds": kinds,
            "features": features,
            "auth": {"scheme": "bearer", "token": self.user.token},
            "client": self.app.client,
        }
        return self.body("session.open", data)

    def following(self) -> list[bytes]:
        """What it asks before it closes the session, or nothing."""
        count = self.chance.randint(0, MOST_ASKED)
        types = self.chance.choices(("session.ping", "session.sync"), k=count)
        return [self.body(type_, {}) for type_ in types]


async def probe(run: Run, user: User) -> Found:
    """Open a session as a probe, read what the target declares, and close it.

    Retries while a spawned target is starting. Raises TargetError when nothing listens, nothing
    answers, what answers is no session server, or the command has ended; BrokerError when the broker
    is not there.
    """
    inboxes = run.draws.inbox(run.draws.app(run.draws.rng("probe")), tok(user.id))
    run.ledger.set_aside(f"{inboxes}.")
    client = await connect(
        run.access,
        name=run.draws.connection_name("probe"),
        no_echo=True,
        inbox_prefix=inboxes.encode(),
    )
    try:
        return await _probe(run, user, client)
    finally:
        await client.close()


async def _probe(run: Run, user: User, client: Client) -> Found:
    prober = _Prober.of(run, user)
    session_id = prober.id
    run.ledger.set_aside(prober.prefix)
    reply = await _ask(run, client, prober.subject, prober.opening())
    body = decode(reply).body or {}
    if not is_answer(body):
        raise TargetError(
            "something answers on the control subject, and it is no session server: "
            f"it was asked session.open and sent {_short(reply)}"
        )
    if is_of_elsewhere(body, user.id, session_id, run.draws.marks):
        raise TargetError(
            "something plays back what was said elsewhere: it was asked session.open for session "
            f"{session_id}, and answered for {body['session_id']}, which nobody in this run asked for"
        )
    payload: Any = body.get("data")
    if body.get("type") == "error":
        raise TargetError(
            f"the target refused the probe's session.open: {_refusal(member(payload, 'error'))}. "
            "Check the users, tokens or the secret in the fixture (omnisession.toml, [fixture])."
        )
    started = time.monotonic()
    await client.flush(timeout=2)
    round_trip = time.monotonic() - started
    with contextlib.suppress(NatsTimeoutError):
        for asked in (*prober.following(), prober.body("session.close", {})):
            await client.request(prober.subject, asked, BOUND_S)
    broker = client.connected_server_version
    version = f"{broker.major}.{broker.minor}.{broker.patch}"
    return Found(read_declared(as_object(payload)), version, round_trip)


def is_answer(body: Mapping[str, Any]) -> bool:
    """Whether a body may be what a session server says to an open, whatever else is wrong with it."""
    if body.get("type") == "error":
        return True
    return body.get("type") == "session.opened" and bool(
        OPENED & as_object(body.get("data")).keys()
    )


def is_of_elsewhere(body: Mapping[str, Any], user_id: str, session_id: str, marks: Marks) -> bool:
    """Whether an answer is for a user and a session of which this run has told nobody.

    A server that only writes ids in a wrong way has them from what it was asked, or leaves them out.
    """
    told = (body.get("user_id"), body.get("session_id"))
    known = (user_id, tok(user_id), session_id, tok(session_id))
    return all(
        isinstance(id_, str) and id_ and id_ not in known and not marks.among(id_) for id_ in told
    )


async def _ask(run: Run, client: Client, subject: str, body: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    spawned = run.target.mode == "spawn"
    deadline = loop.time() + (run.start_timeout_s if spawned else 0.0)
    # Where somebody else listens as well, nobody is told that the target does not yet.
    told_when_absent = not run.ledger.repeats
    while True:
        try:
            answer = await client.request(subject, body, BOUND_S + LEAST_MARGIN_S)
        except NoRespondersError:
            told_when_absent = True
            if spawned and not run.target.running:
                raise TargetError(ended(run)) from None
            if loop.time() >= deadline:
                raise TargetError(absent(run)) from None
            await asyncio.sleep(RETRY_S)
        except NatsTimeoutError:
            if spawned and not told_when_absent and loop.time() < deadline:
                if not run.target.running:
                    raise TargetError(ended(run)) from None
                continue
            raise TargetError(
                f"something listens on {subject}, and session.open got no answer within "
                f"{BOUND_S:g} s. The target must answer every control request (CTRL-001)."
            ) from None
        else:
            # One that has just started may say that it cannot serve yet.
            if not (spawned and _is_for_now(answer.data) and loop.time() < deadline):
                return answer.data
            await asyncio.sleep(ASK_S)


def _is_for_now(reply: bytes) -> bool:
    body = as_object(decode(reply).body)
    return as_object(as_object(body.get("data")).get("error")).get("retryable") is True


def _refusal(error: Any) -> str:
    """An error in the words that people use of it: its code, its name and what the server says."""
    said = as_object(error)
    code, name, message = (said.get(key) for key in ("code", "name", "message"))
    told = " ".join(str(part) for part in (code, name) if isinstance(part, int | str))
    words = message if isinstance(message, str) else ""
    if not told and not words:
        return f"it sent {_short(json.dumps({'error': error}, ensure_ascii=False).encode())}"
    # A sentence of its own would end the one that it stands in.
    return _short(
        " ".join(f"{told}, {words}".strip(", ").split()).rstrip(".").encode("utf-8", "replace")
    )


def _short(raw: bytes) -> str:
    text = raw[:200].decode("utf-8", "replace")
    return text if len(raw) <= len(text) else f"{text}…"

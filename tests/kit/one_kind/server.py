"""A small session server of one kind: `python -m tests.kit.one_kind url` (or `chat`, or `user`).

It was written from the pages, shares nothing with the reference, and is odd where it may be: it begins
epochs at a time of the clock, holds no action that is ahead, and forgets an expired session at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nats
from tests.kit.one_kind.actions import Actions
from tests.kit.one_kind.wire import (
    Json,
    Refused,
    canonical,
    check,
    claims_of,
    decode,
    definitions,
    envelope,
    speaks,
    tok,
    untok,
)

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from tests.kit.one_kind.kinds import Kind

QUEUE = "omnisession"
TICK_S = 0.04
OWN = frozenset(
    {
        *("session.opened", "session.syncing", "session.resumed", "session.pong", "session.closed"),
        *("error", "session.heartbeat", "session.closing", "action.ack", "action.nack"),
    }
)
FLOORS = {
    "action": 8_192,
    "event": 20_480,
    "state": 49_152,
    "article_content": 2_048,
    "article_rest": 1_024,
    "chat_content": 512,
    "target_url": 512,
    "articles": 20,
    "revisions": 10,
    "editors": 20,
    "urls": 20,
    "chat_messages": 20,
    "participants": 20,
    "sessions": 8,
}


def now_ms() -> int:
    """The wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(eq=False)
class Session:
    """A live session; `used` holds by number the action that took it, with its outcome."""

    user: str
    id: str
    claims: Json
    features: list[str]
    heartbeat_ms: int
    window_ms: int
    coalesce_ms: int
    held: float = 0.0
    opened_at: int = field(default_factory=now_ms)
    epoch: int = 0
    seq: int = 0
    last: int = 0
    told: Json | None = None
    used: dict[int, tuple[str, bytes, Json]] = field(
        default_factory=dict[int, tuple[str, bytes, Json]]
    )
    kept: list[Json] = field(default_factory=list[Json])
    alive: float = field(default_factory=time.monotonic)
    beat: float = field(default_factory=time.monotonic)

    @property
    def position(self) -> Json:
        """The head."""
        return {"epoch": self.epoch, "seq": self.seq, "last_action_seq": self.last}


class Server:
    """Takes one message at a time, and publishes all that it brings before the next."""

    def __init__(
        self, client: Client, kind: Kind, secret: str, actions: type[Actions] = Actions
    ) -> None:
        self.client, self.kind, self.secret = client, kind, secret
        self.live: dict[tuple[str, str], Session] = {}
        self.closed: set[tuple[str, str]] = set()
        self.actions = actions(self)
        self.acting: Session | None = None
        self.lock = asyncio.Lock()
        self.out: list[tuple[str, Json, str | None]] = []
        self.trace: str | None = None
        kind.join(self)

    # -- what goes out ---------------------------------------------------------------------------------

    def body(self, session: Session, type_: str, data: Json) -> Json:
        """A control body of a session."""
        return self.named(session.user, session.id, type_, data)

    def named(self, user: str | None, id_: str | None, type_: str, data: Json) -> Json:
        """A control body with ids."""
        ids = {"user_id": user, "session_id": id_}
        return {"v": "1.0", "type": type_, **ids, "timestamp": now_ms(), "data": data}

    def put(self, subject: str, body: Json) -> None:
        """Publish a body when the message that brought it has been handled."""
        if subject:
            self.out.append((subject, body, self.trace))

    def push(self, session: Session, type_: str, data: Json) -> Json:
        """Publish a body on `.control`."""
        body = self.body(session, type_, data)
        self.put(f"session.{tok(session.user)}.{tok(session.id)}.control", body)
        return body

    def _stream(self, session: Session, family: str, more: Json) -> None:
        session.seq += 1
        place = {"epoch": session.epoch, "seq": session.seq, "last_action_seq": session.last}
        ids = {"user_id": session.user, "session_id": session.id, "timestamp": now_ms()}
        body = {"v": "1.0", **ids, **place, **more}
        session.kept = [*session.kept[-20:], body]
        self.put(f"session.{tok(session.user)}.{tok(session.id)}.{family}", body)

    def state(self, session: Session, reason: str) -> None:
        """Publish the slice of a session."""
        session.told, session.held = self.kind.slice(session), 0.0
        more: Json = {"type": "session.state", "reason": reason, "data": session.told}
        if "digests" in session.features:
            more["digest"] = self.kind.digest(session.told)
        self._stream(session, "state", more)

    def changed(self, session: Session) -> None:
        """Publish a state if a session without events shows something new, or hold it back a little."""
        if "events" in session.features:
            return
        session.held = session.held or time.monotonic()
        if session is self.acting or session.coalesce_ms == 0:
            self.release(session)

    def release(self, session: Session) -> None:
        """Publish what was held back in a session."""
        if session.held and self.kind.slice(session) != session.told:
            self.state(session, "change")
        session.held = 0.0

    def event(
        self, session: Session, type_: str, id_: str, data: Json, by: str | None, cause: Json | None
    ) -> None:
        """Publish an event in a session that has them."""
        if "events" in session.features:
            told = {"type": type_, "event_id": id_, "actor": by, "cause": cause, "data": data}
            self._stream(session, "events", told)

    # -- what comes in ---------------------------------------------------------------------------------

    async def receive(self, message: Msg) -> None:
        """Handle a message, then publish what it brought."""
        if message.reply and not message.reply.startswith(("_INBOX.", "_R_.")):
            return
        async with self.lock:
            self.trace = (message.headers or {}).get("traceparent")
            parts = message.subject.split(".")
            shared = parts[0] not in ("session", "user")
            user = None if shared else untok(parts[-1] if parts[0] == "user" else parts[1], 96)
            id_ = untok(parts[2], 64) if parts[0] == "session" else None
            try:
                self._take(message, parts[0], user, id_)
            except Refused as refused:
                self.put(message.reply, self.named(user, id_, "error", {"error": refused.error}))
            self.trace = None
            await self.flush()

    def _take(self, message: Msg, root: str, user: str | None, id_: str | None) -> None:
        if (root in ("session", "user") and user is None) or (root == "session" and id_ is None):
            raise Refused(4004, "A token of the subject is not canonical or too long.")
        if root == "session" and user is not None and id_ is not None:
            self._control(message, user, id_)
        else:
            self.actions.receive(message, user)

    async def flush(self) -> None:
        """Publish what waits, in its order."""
        out, self.out = self.out, []
        for subject, body, trace in out:
            headers = {"traceparent": trace} if trace else None
            await self.client.publish(subject, canonical(body), headers=headers)

    def session_of(self, user: str, id_: str) -> Session:
        """A live session, else Refused."""
        session = self.live.get((user, id_))
        if session is not None:
            session.alive = time.monotonic()
            return session
        over = (user, id_) in self.closed
        raise Refused(4101 if over else 4041, "There is no such session; open a new one.")

    def _control(self, message: Msg, user: str, id_: str) -> None:
        body = decode(message.data)
        if str(body.get("type")) in OWN:
            return
        speaks(body.get("v"), "/v")
        envelope(body)
        if (body["user_id"], body["session_id"]) != (user, id_):
            raise Refused(4031, "The ids of the body are not those of the subject.")
        if (known := self.live.get((user, id_))) is not None:
            known.alive = time.monotonic()
        ref = definitions("session.control.requests").get(body["type"])
        if ref is None:
            raise Refused(4002, "There is no such request.")
        check(ref, body)
        data, reply = body["data"], message.reply
        if body["type"] == "session.open":
            self._open(user, id_, data, reply)
            return
        session = self.session_of(user, id_)
        getattr(self, f"_{body['type'].partition('.')[2]}")(session, data, reply)

    def _open(self, user: str, id_: str, data: Json, reply: str) -> None:
        offered = [str(one).partition(".") for one in data["protocol"]]
        if not any(major == "1" and minor.isdecimal() for major, _, minor in offered):
            raise Refused(4003, "Version 1.0 is spoken here.", supported=["1.0"])
        claims = claims_of(data["auth"], self.secret, user)
        if (user, id_) in self.closed:
            raise Refused(4101, "The session was closed; open a new one.")
        session, name = self.live.get((user, id_)), self.kind.name
        if session is None:
            if name not in data["kinds"]:
                raise Refused(4220, f"The kind {name} is the only one here.")
            if sum(owner == user for owner, _ in self.live) >= FLOORS["sessions"]:
                raise Refused(4291, "There are too many sessions; close one.")
            asked: dict[str, int] = data.get("timers") or {}
            beat = min(max(asked.get("heartbeat_ms", 15_000), 200), 15_000)
            window = min(max(asked.get("resume_window_ms", 120_000), 1_000), 120_000)
            features = [f for f in data["features"] if f in self.kind.features]
            holds = min(max(asked.get("coalesce_ms", self.kind.holds_ms), 0), self.kind.holds_ms)
            session = Session(user, id_, claims, features, beat, max(window, 2 * beat), holds)
            session.epoch = now_ms()
            self.live[user, id_] = session
            self._answer(session, reply, "session.opened", self._opened(session))
            self.kind.begins(session)
        else:
            self._answer(session, reply, "session.opened", self._opened(session))
        self.state(session, "open")

    def _opened(self, session: Session) -> Json:
        timers = {"heartbeat_ms": session.heartbeat_ms, "resume_window_ms": session.window_ms}
        return {
            "protocol": "1.0",
            "position": session.position,
            "kinds": [self.kind.name],
            "features": session.features,
            "profiles": [self.kind.name, *self.kind.features, "core"],
            "actions": [*self.kind.actions, "session.noop"],
            "server": {"name": f"one kind: {self.kind.name}", "version": "0"},
            "limits": FLOORS,
            "timers": {**timers, "coalesce_ms": session.coalesce_ms, "gap_ms": 0},
            "expires_at": None,
        }

    def _answer(self, session: Session, reply: str, type_: str, data: Json) -> None:
        self.put(reply, self.body(session, type_, data))

    def _sync(self, session: Session, data: Json, reply: str) -> None:
        if any(kind != self.kind.name for kind in data.get("kinds") or ()):
            raise Refused(4220, f"Only the kind {self.kind.name} is open.")
        told = {"position": session.position, "kinds": [self.kind.name]}
        self._answer(session, reply, "session.syncing", told)
        self.state(session, "sync")

    def _resume(self, session: Session, data: Json, reply: str) -> None:
        at, messages = (data["epoch"], data["seq"]), list[Json]()
        if at == (session.epoch, session.seq):
            mode = "current"
        else:
            found = [body for body in session.kept if body["seq"] > data["seq"]]
            whole = data["epoch"] == session.epoch and len(found) == session.seq - data["seq"]
            short = len(canonical(found)) < FLOORS["state"] - 1_000
            replays = self.kind.replays and whole and bool(found) and short
            mode, messages = ("replay", found) if replays else ("snapshot", messages)
        told = {"mode": mode, "position": session.position, "messages": messages}
        self._answer(session, reply, "session.resumed", told)
        if mode == "snapshot":
            self.state(session, "sync")

    def _ping(self, session: Session, data: Json, reply: str) -> None:
        del data
        self.release(session)
        self._answer(session, reply, "session.pong", {"position": session.position})

    def _close(self, session: Session, data: Json, reply: str) -> None:
        del data
        self.closed.add((session.user, session.id))
        self._answer(session, reply, "session.closed", {})
        self._end(session)

    def _end(self, session: Session) -> None:
        del self.live[session.user, session.id]
        self.kind.ends(session)

    # -- time ------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Beat, let silent sessions expire, and let the kind do what is due."""
        async with self.lock:
            now = time.monotonic()
            for session in [*self.live.values()]:
                if now - session.alive > session.window_ms / 1_000:
                    self._end(session)
                    continue
                if session.held and now - session.held > session.coalesce_ms / 2_000:
                    self.release(session)
                if now - session.beat > session.heartbeat_ms / 3_000:
                    session.beat = now
                    data: Json = {"position": session.position}
                    if "digests" in session.features:
                        data["digests"] = {self.kind.name: self.kind.digest(session.told or {})}
                    self.push(session, "session.heartbeat", data)
            self.kind.due(now)
            await self.flush()

    async def run(self) -> None:
        """Serve until the process is asked to end."""
        over = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, over.set)
        for subject in (
            "session.*.*.control",
            "user.actions.*",
            "chat.messages",
            "article.edit.start",
        ):
            await self.client.subscribe(  # pyright: ignore[reportUnknownMemberType]
                subject, QUEUE, cb=self.receive
            )
        while not over.is_set():
            await self.tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), TICK_S)
        async with self.lock:
            for session in self.live.values():
                self.release(session)
                data: dict[str, Any] = {"code": 5030, "reconnect": True, "after_ms": 100}
                self.push(session, "session.closing", data)
            await self.flush()
        await self.client.drain()


async def serve(
    kind: Kind, url: str, secret: str, server: type[Server], actions: type[Actions]
) -> None:
    """Connect and serve, with these classes as server and for its actions."""
    client: Client = await nats.connect(  # pyright: ignore[reportUnknownMemberType]
        url, no_echo=True, name=kind.name
    )
    await server(client, kind, secret, actions).run()

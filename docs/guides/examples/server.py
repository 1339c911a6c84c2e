"""A small session server that keeps every requirement of the profile core.

It serves the kind `articles` for reading, keeps everything in memory, and sends no
events. It needs Python 3.11, nats-py, pyjwt and bodies.py beside it, and is told
NATS_URL and OMNISESSION_SECRET by its environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bodies import (
    LIMITS,
    NOT_CANONICAL,
    VERSION_1,
    Json,
    Refusal,
    check_open,
    check_token,
    check_version,
    granted,
    integer,
    meaning,
    names,
    need,
    read,
    text,
    tok,
    untok,
)
from nats.aio.client import Client
from nats.protocol.parser import Parser

log = logging.getLogger("small-server")
SUBJECTS = (
    "session.*.*.control",
    "user.actions.*",
    "chat.messages",
    "article.edit.start",
)
QUEUE_GROUP = "omnisession"
KINDS = ("articles",)
ACTIONS = ("session.noop",)
# A higher one with every start, so that no position is ever used twice.
EPOCH = int(time.time())
SERVER = {"name": "small-server", "version": "0.1.0"}
INSTANCE = uuid.uuid4().hex
SERVICE = (
    "$SRV.*", f"$SRV.*.{QUEUE_GROUP}", f"$SRV.*.{QUEUE_GROUP}.{INSTANCE}",
)  # fmt: skip
REQUESTS = (
    "session.open", "session.sync", "session.resume", "session.ping", "session.close",
)  # fmt: skip
OWN_TYPES = (
    "session.opened", "session.syncing", "session.resumed", "session.pong",
    "session.closed", "error", "session.heartbeat", "session.closing",
    "auth.expiring", "action.ack", "action.nack",
)  # fmt: skip


@dataclass
class Session:
    """One session: `seq` is that of its last state, `used` tells of its numbers."""

    user_id: str
    session_id: str
    timers: dict[str, int]
    kinds: tuple[str, ...] = KINDS
    seq: int = 0
    last_action_seq: int = 0
    seen: float = 0.0  # the last sign of life
    beat: float = 0.0  # the last heartbeat
    used: dict[int, tuple[str, str, Json]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What the subjects of the session begin with."""
        return f"session.{tok(self.user_id)}.{tok(self.session_id)}"

    @property
    def position(self) -> Json:
        """The head of its stream."""
        return {
            "epoch": EPOCH,
            "seq": self.seq,
            "last_action_seq": self.last_action_seq,
        }


Ids = Session | tuple[str | None, str | None]
# Takes the subject, the reply subject, the payload and the headers.
Deliver = Callable[[bytes, bytes, bytes, bytes], None]


class Server:
    """Handles one message after the other; `outbox` keeps the order of its own."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.outbox: asyncio.Queue[tuple[str, Json, str]] = asyncio.Queue()
        self.trace = ""  # the traceparent of the action at hand
        self.live: dict[tuple[str, str], Session] = {}
        self.closed: dict[tuple[str, str], float] = {}  # until when it is remembered
        self.known: defaultdict[str, dict[str, tuple[str, Json]]] = defaultdict(dict)
        self.started = datetime.now(UTC).isoformat()

    def send(
        self, to: str | tuple[str, ...], type_: str, ids: Ids, **members: Any
    ) -> None:
        """Publish a body with its envelope; on an empty subject nobody is told."""
        user_id, session_id = (
            (ids.user_id, ids.session_id) if isinstance(ids, Session) else ids
        )
        body = {
            "v": "1.0", "type": type_, "user_id": user_id, "session_id": session_id,
            "timestamp": time.time_ns() // 1_000_000, **members,
        }  # fmt: skip
        for subject in filter(None, (to,) if isinstance(to, str) else to):
            self.outbox.put_nowait((subject, body, self.trace))

    def refuse(self, reply: str, ids: Ids, refusal: Refusal) -> None:
        """Answer a message that had no effect; ids that it did not tell are None."""
        self.send(reply, "error", ids, data={"error": refusal.error})

    # [states]
    def publish_states(
        self, session: Session, kinds: tuple[str, ...], reason: str
    ) -> None:
        """Publish whole states, each with the next seq."""
        for kind in kinds:
            session.seq += 1
            self.send(
                f"{session.subject}.state",
                "session.state",
                session,
                **session.position,
                reason=reason,
                data=self.slice_of(kind),
            )

    def slice_of(self, kind: str) -> Json:
        """What every session shows of a kind: here the same for everybody."""
        article = {
            "id": "welcome", "slug": "welcome", "revision": 1, "author_id": "editors",
            "author": "The editors", "title": "Welcome", "subtitle": "", "leading": "",
            "content": None, "tags": [], "published_at": 1_730_000_000_000,
            "struct_version": 1,
        }  # fmt: skip
        return {
            "type": kind, "articles": [article], "current_article": None,
            "revisions": [], "editors": [],
        }  # fmt: skip

    # [end]

    # [receive]
    def receive(self, subject: str, reply: str, data: bytes, trace: str = "") -> None:
        """Handle one message to its end; whatever it is, the next one is served."""
        if reply and not reply.startswith(("_INBOX.", "_R_.")):
            return  # an answer would go where the sender may not publish itself
        if subject.startswith("$SRV."):
            self.on_service(subject.split(".")[1], reply)
            return
        user_id = session_id = None
        try:
            family, *tokens = subject.split(".")
            if family == "session":
                user_id, session_id = untok(tokens[0], 96), untok(tokens[1], 64)
                self.on_control(user_id, session_id, reply, data)
            else:
                user_id = untok(tokens[1], 96) if family == "user" else None
                if family == "user" and user_id is None:
                    raise Refusal(4004, NOT_CANONICAL)  # noqa: TRY301 - told below
                self.trace = trace
                self.on_action(subject, user_id, reply, data)
        except Refusal as refusal:
            self.refuse(reply, (user_id, session_id), refusal)
        except Exception as error:  # noqa: BLE001 - nothing that arrives may stop the server
            log.error("failed: %s", type(error).__name__)  # noqa: TRY400 - a trace may hold tokens
            failure = Refusal(5000, "The server failed; try again.")
            self.refuse(reply, (user_id, session_id), failure)
        finally:
            self.trace = ""

    # [end]

    # [discovery]
    def on_service(self, verb: str, reply: str) -> None:
        """Answer as a micro-service of NATS does; nobody is named in it."""
        members: dict[str, Json] = {
            "PING": {},
            "INFO": {"description": "A small session server", "endpoints": []},
            "STATS": {"started": self.started, "endpoints": []},
        }
        if verb not in members or not reply:
            return
        told = {"protocol": "1.0", "profiles": "core", "limits": json.dumps(LIMITS)}
        body = {
            "type": f"io.nats.micro.v1.{verb.lower()}_response",
            "name": "omnisession", "id": INSTANCE, "version": SERVER["version"],
            "metadata": told, **members[verb],
        }  # fmt: skip
        self.outbox.put_nowait((reply, body, ""))

    # [end]

    def on_control(
        self, user_id: str | None, session_id: str | None, reply: str, data: bytes
    ) -> None:
        """Check a request as every request is checked, then as its type is."""
        if user_id is None or session_id is None:
            raise Refusal(4004, NOT_CANONICAL)
        body = read(data)
        type_ = body.get("type")
        if type_ in OWN_TYPES:
            return
        check_version(body.get("v"))
        need(text(body.get("v"), VERSION_1), "/v")
        for name in ("type", "user_id", "session_id"):
            need(text(body.get(name)), f"/{name}")
        need(integer(body.get("timestamp")), "/timestamp")
        need(isinstance(body.get("data"), dict), "/data")
        if (body["user_id"], body["session_id"]) != (user_id, session_id):
            raise Refusal(4031, "Body and subject name different sessions.")
        session = self.live.get((user_id, session_id))
        if session is not None:
            session.seen = time.monotonic()
        if type_ not in REQUESTS:
            raise Refusal(4002, "There is no request of this type.")
        if type_ == "session.open":
            self.on_open(session, user_id, session_id, reply, body["data"])
            return
        check = getattr(self, f"check_{type_.partition('.')[2]}", None)
        if check:
            check(body["data"])
        if session is None:
            raise self.gone(user_id, session_id)
        getattr(self, f"on_{type_.partition('.')[2]}")(session, reply, body["data"])

    def gone(self, user_id: str, session_id: str) -> Refusal:
        """Why there is no such live session."""
        if time.monotonic() < self.closed.get((user_id, session_id), 0.0):
            return Refusal(4101, "The session is over; open a new one.")
        return Refusal(4041, "There is no such session; open a new one.")

    def on_open(
        self,
        session: Session | None,
        user_id: str,
        session_id: str,
        reply: str,
        data: Json,
    ) -> None:
        """Make the session, or tell a live one its states again."""
        check_open(data)
        if not any(offer.startswith("1.") for offer in data["protocol"]):
            raise Refusal(4003, "Offer version 1.0.", supported=["1.0"])
        check_token(data["auth"], self.secret, user_id)
        if session is None:
            if time.monotonic() < self.closed.get((user_id, session_id), 0.0):
                raise self.gone(user_id, session_id)
            kinds = tuple(kind for kind in data["kinds"] if kind in KINDS)
            if not kinds:
                raise Refusal(4220, "Ask for the kind articles.")
            if sum(user == user_id for user, _ in self.live) >= LIMITS["sessions"]:
                raise Refusal(4291, "Close another session first.")
            timers = granted(data.get("timers", {}))
            session = Session(user_id, session_id, timers, kinds)
            session.seen = session.beat = time.monotonic()
            self.live[user_id, session_id] = session
        opened = {
            "protocol": "1.0", "position": session.position, "kinds": session.kinds,
            "features": [], "profiles": ["core"], "actions": ACTIONS, "server": SERVER,
            "limits": LIMITS, "timers": session.timers, "expires_at": None,
        }  # fmt: skip
        self.send(reply, "session.opened", session, data=opened)
        self.publish_states(session, session.kinds, "open")

    # [requests]
    def check_sync(self, data: Json) -> None:
        """Refuse kinds that are no list of names."""
        need(names(data.get("kinds", [])), "/data/kinds")

    def on_sync(self, session: Session, reply: str, data: Json) -> None:
        """Publish the states asked for, or all."""
        kinds = tuple(data.get("kinds", ())) or session.kinds
        if not set(kinds) <= set(session.kinds):
            raise Refusal(4220, "Ask for kinds that the session has open.")
        position = session.position
        self.send(
            reply,
            "session.syncing",
            session,
            data={"position": position, "kinds": kinds},
        )
        self.publish_states(session, kinds, "sync")

    def check_resume(self, data: Json) -> None:
        """Refuse what is no position."""
        need(integer(data.get("epoch")), "/data/epoch")
        need(integer(data.get("seq"), 0), "/data/seq")

    def on_resume(self, session: Session, reply: str, data: Json) -> None:
        """Say that nothing is missing, or publish all states: nothing is kept."""
        current = (data["epoch"], data["seq"]) == (EPOCH, session.seq)
        answer = {
            "mode": "current" if current else "snapshot",
            "position": session.position,
            "messages": [],
        }
        self.send(reply, "session.resumed", session, data=answer)
        if not current:
            self.publish_states(session, session.kinds, "sync")

    def on_ping(self, session: Session, reply: str, _data: Json) -> None:
        """Tell the head."""
        self.send(reply, "session.pong", session, data={"position": session.position})

    def on_close(self, session: Session, reply: str, _data: Json) -> None:
        """End the session, and remember that for as long as its client might ask."""
        key = (session.user_id, session.session_id)
        del self.live[key]
        self.closed[key] = time.monotonic() + session.timers["resume_window_ms"] / 1_000
        self.send(reply, "session.closed", session, data={})

    # [end]

    # [clock]
    def tick(self) -> None:
        """Do what time asks for: heartbeats, the end of silent sessions."""
        now = time.monotonic()
        for key, session in list(self.live.items()):
            if now - session.seen > session.timers["resume_window_ms"] / 1_000:
                del self.live[key]
            elif now - session.beat > 0.75 * session.timers["heartbeat_ms"] / 1_000:
                session.beat = now
                position = session.position
                control = f"{session.subject}.control"
                self.send(
                    control, "session.heartbeat", session, data={"position": position}
                )
        self.closed = {key: until for key, until in self.closed.items() if until > now}

    # [end]

    def announce_stop(self) -> None:
        """Tell every live session that the server is about to stop."""
        closing = {"code": 5030, "reconnect": True, "after_ms": 500}
        for session in self.live.values():
            self.send(
                f"{session.subject}.control", "session.closing", session, data=closing
            )

    def on_action(
        self, subject: str, subject_user: str | None, reply: str, data: bytes
    ) -> None:
        """Find out which action of which session this is: then it gets an outcome."""
        if len(data) > LIMITS["action"]:
            raise Refusal(4130, f"Send at most {LIMITS['action']} bytes.")
        body = read(data)
        for name in ("user_id", "session_id", "action_id"):
            need(text(body.get(name)), f"/{name}")
        need(len(body["action_id"]) <= 128, "/action_id")
        need(integer(body.get("client_seq")), "/client_seq")
        user_id, session_id = body["user_id"], body["session_id"]
        if subject_user not in (None, user_id):
            raise Refusal(4031, "Body and subject name different users.")
        session = self.live.get((user_id, session_id))
        if session is None:
            raise self.gone(user_id, session_id)
        session.seen = time.monotonic()
        type_, outcome = self.outcome(session, subject, body)
        self.send((f"{session.subject}.control", reply), type_, session, data=outcome)

    # [outcome]
    def outcome(self, session: Session, subject: str, body: Json) -> tuple[str, Json]:
        """The type and the data of the outcome of one copy of an action."""
        number, action_id = body["client_seq"], body["action_id"]
        known = self.known[session.user_id]
        what = meaning(subject, body)
        forget(known, 1_000)
        forget(session.used, 1_000)
        if number > session.last_action_seq + 1:
            expected = session.last_action_seq + 1
            gap = Refusal(4091, f"Send client_seq {expected} first.", expected=expected)
            return told(session, body, {"error": gap.error})
        if number <= session.last_action_seq:
            if (used := session.used.get(number)) and used[:2] == (action_id, what):
                return told(session, body, again(used[2]))
            reused = {
                "error": Refusal(4092, "The number is used; take a new one.").error
            }
            known.setdefault(action_id, (what, reused))
            return told(session, body, reused)
        # The next number: taken now, whatever comes of it.
        session.last_action_seq = number
        if action_id not in known:
            known[action_id] = (what, self.judge(subject, body))
            result = known[action_id][1]
        elif known[action_id][0] == what:
            result = again(known[action_id][1])
        else:
            result = {
                "error": Refusal(4092, "The action_id is used; take a new one.").error
            }
        session.used[number] = (
            action_id,
            what,
            {**result, "position": session.position},
        )
        return told(session, body, result)

    # [end]

    def judge(self, subject: str, body: Json) -> Json:
        """Do a new action; the result is final."""
        try:
            check_version(body.get("v"))
            type_ = body.get("type")
            if isinstance(type_, str) and type_ not in ACTIONS:
                raise Refusal(4002, "The type is not taken.")  # noqa: TRY301
            # The shared subjects have types of their own, none of which is taken.
            need(
                isinstance(type_, str) and subject.startswith("user.actions."), "/type"
            )
            need(text(body.get("v"), VERSION_1), "/v")
            need(integer(body.get("timestamp")), "/timestamp")
            need(isinstance(body.get("data"), dict), "/data")
            if "expect" in body:
                expect = body["expect"]
                need(
                    isinstance(expect, dict) and integer(expect.get("revision")),
                    "/expect",
                )
        except Refusal as refusal:
            return {"error": refusal.error}
        return {"status": "applied"}


def again(result: Json) -> Json:
    """The result of an action, told once more."""
    return {**result, "status": "duplicate"} if "status" in result else result


def told(session: Session, body: Json, result: Json) -> tuple[str, Json]:
    """An outcome as it is sent; a result that has no position gets the head."""
    named = {"action_id": body["action_id"], "client_seq": body["client_seq"]}
    type_ = "action.nack" if "error" in result else "action.ack"
    return type_, {**named, "position": session.position, **result}


def forget(memory: dict[Any, Any], most: int) -> None:
    """Drop the oldest entry of a memory that holds more than `most`."""
    if len(memory) > most:
        del memory[next(iter(memory))]


class MessageParser(Parser):
    """Reads messages as the broker writes them: a word ends at a space or a tab alone.

    A subject may hold any other byte, such as a form feed, which nats-py takes for the
    end of a word. Lines that are no message are left to it.
    """

    def __init__(self, client: Client, deliver: Deliver) -> None:
        super().__init__(client)
        self.deliver = deliver

    def reset(self) -> None:
        """Begin anew, as a new connection does."""
        super().reset()
        self.unread = b""

    async def parse(self, data: bytes = b"") -> None:
        """Take in bytes, and hand over what is whole with them."""
        self.unread += data
        while b"\n" in self.unread:
            line, _, rest = self.unread.partition(b"\n")
            name, *words = re.split(rb"[ \t]+", line.removesuffix(b"\r"))
            if name not in {b"MSG", b"HMSG"}:
                self.unread = rest
                await super().parse(line + b"\n")
                continue
            # subject, subscription, reply if any, size of headers if any, size in all
            size = int(words[-1])
            if len(rest) < size + len("\r\n"):
                break  # the payload is still to come
            self.unread = rest[size + len("\r\n") :]
            headers = int(words[-2]) if name == b"HMSG" else 0
            has_reply = len(words) == (5 if name == b"HMSG" else 4)
            reply = words[2] if has_reply else b""
            self.deliver(words[0], reply, rest[headers:size], rest[:headers])


class Connection(Client):
    """A connection that hands messages over in the order of arrival, over all subjects.

    nats-py gives each subscription a queue of its own, so that actions which were sent
    one after the other on different subjects would overtake each other.
    """

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self._ps = MessageParser(self, self.deliver)

    def deliver(
        self, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        """Have the server receive a message."""
        found = re.search(rb"(?im)^traceparent:\s*([\w-]+)", headers)
        self.server.receive(
            subject.decode("utf-8", "surrogateescape"),
            reply.decode("utf-8", "surrogateescape"),
            data,
            found[1].decode() if found else "",
        )


async def main() -> None:
    """Serve until SIGTERM."""
    server = Server(os.environ["OMNISESSION_SECRET"])
    connection = Connection(server)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await connection.connect(
        os.environ["NATS_URL"], no_echo=True, max_reconnect_attempts=-1
    )
    subscriptions = [await connection.subscribe(s, queue=QUEUE_GROUP) for s in SUBJECTS]
    # Every instance answers for itself, so these are in no queue group.
    subscriptions += [await connection.subscribe(s) for s in SERVICE]
    tasks = [
        asyncio.create_task(write(server, connection)),
        asyncio.create_task(watch(server)),
    ]
    await stop.wait()
    for subscription in subscriptions:
        await subscription.unsubscribe()
    await connection.flush()  # what the broker had sent by now has been handled
    server.announce_stop()
    await server.outbox.join()
    await connection.flush()
    for task in tasks:
        task.cancel()
    await connection.close()


async def write(server: Server, connection: Client) -> None:
    """Publish what the server sends, in its order, on this one connection."""
    while True:
        subject, body, trace = await server.outbox.get()
        headers = {"traceparent": trace} if trace else None
        with contextlib.suppress(
            Exception
        ):  # a reply subject may be whatever a client made up
            await connection.publish(
                subject, json.dumps(body).encode(), headers=headers
            )
        server.outbox.task_done()


async def watch(server: Server) -> None:
    """Let time pass."""
    while True:
        await asyncio.sleep(0.02)
        server.tick()


if __name__ == "__main__":
    asyncio.run(main())

"""A small session server that keeps every requirement of the profile core, in one file.

It serves the kind `articles` for reading, keeps everything in memory, and sends no events. It needs
Python 3.11, nats-py and pyjwt, and is told NATS_URL and OMNISESSION_SECRET by its environment.
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
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import jwt
from nats.aio.client import Client
from nats.protocol import parser

Json = dict[str, Any]
log = logging.getLogger("small-server")
SUBJECTS = ("session.*.*.control", "user.actions.*", "chat.messages", "article.edit.start")
QUEUE_GROUP = "omnisession"
KINDS = ("articles",)
ACTIONS = ("session.noop",)
EPOCH = int(time.time())  # a new one with every start, so that no position is ever used twice
SERVER = {"name": "small-server", "version": "0.1.0"}
LIMITS = {
    "action": 196_608, "event": 262_144, "state": 786_432, "article_content": 131_072,
    "article_rest": 2_048, "chat_content": 4_096, "target_url": 2_048, "articles": 200,
    "revisions": 50, "editors": 200, "urls": 200, "chat_messages": 100, "participants": 500,
    "sessions": 32,
}  # fmt: skip


# [tokens]
def tok(id_: str) -> str:
    """Encode an id as a token of a subject."""
    plain = re.compile(rb"[A-Za-z0-9_-]")
    return "".join(chr(b) if plain.match(bytes([b])) else f"={b:02x}" for b in id_.encode())


def untok(token: str, most: int) -> str | None:
    """Decode a token; None if `tok` would not write it like this, or it is too long."""
    try:
        raw = re.sub("=([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), token).encode("latin-1")
        id_ = raw.decode()
    except UnicodeError:
        return None
    return id_ if id_ and len(token) <= most and tok(id_) == token else None


# [end]


@dataclass
class Session:
    """One session: `seq` is that of the last state, `used` what its action numbers were used for."""

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
        return {"epoch": EPOCH, "seq": self.seq, "last_action_seq": self.last_action_seq}


Ids = Session | tuple[str | None, str | None]
ERRORS = {
    4000: "BAD_JSON", 4001: "SCHEMA_INVALID", 4002: "UNKNOWN_TYPE", 4003: "UNSUPPORTED_VERSION",
    4004: "BAD_TOKEN", 4010: "UNAUTHENTICATED", 4011: "CREDENTIAL_EXPIRED",
    4031: "IDENTITY_MISMATCH", 4041: "SESSION_UNKNOWN", 4091: "CLIENT_SEQ_GAP",
    4092: "ACTION_ID_REUSED", 4101: "SESSION_CLOSED", 4130: "TOO_LARGE", 4220: "RULE_VIOLATION",
    4291: "TOO_MANY_SESSIONS", 5000: "INTERNAL",
}  # fmt: skip
VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)"
VERSION_1 = r"1\.(0|[1-9]\d*)"
RETRYABLE = (4091, 5000)
NOT_CANONICAL = "Write the ids of the subject as tok(id)."


class Refusal(Exception):  # noqa: N818 - it is no error of this program
    """Why a message is refused; `error` is the object that tells it."""

    def __init__(self, code: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.error: Json = {
            "code": code,
            "name": ERRORS[code],
            "message": message,
            "retryable": code in RETRYABLE,
        }
        if details:
            self.error["details"] = details


def need(good: bool, pointer: str) -> None:
    """Refuse a body whose member at `pointer` is not what its schema says."""
    if not good:
        raise Refusal(4001, f"{pointer} is missing or wrong.", pointer=pointer)


def text(value: Any, pattern: str = "(?s).+") -> bool:
    """Whether a value is a text of a form; without one: a text that is not empty."""
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def integer(value: Any, least: int = 1) -> bool:
    """Whether a value is an integer that every JSON reader keeps exactly; true is none."""
    return type(value) is int and least <= value < 2**53


def texts(value: Any, pattern: str) -> bool:
    """Whether a value is a list of texts of a form."""
    return isinstance(value, list) and all(text(entry, pattern) for entry in value)


def names(value: Any) -> bool:
    """Whether a value is a list of names, each once."""
    return texts(value, "[a-z][a-z0-9_-]*") and len(set(value)) == len(value)


def read(data: bytes) -> Json:
    """Read a body that has to be one JSON object."""
    try:
        body = json.loads(data.decode())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(4000, "Send one JSON object in UTF-8.")
    return body


def check_version(v: Any) -> None:
    """Refuse a MAJOR that this server does not speak."""
    if text(v, VERSION) and not v.startswith("1."):
        raise Refusal(4003, "Speak version 1.0.", supported=["1.0"])


class Server:
    """Handles one message after the other; what it publishes leaves in the order of `outbox`."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.outbox: asyncio.Queue[tuple[str, Json, str]] = asyncio.Queue()
        self.trace = ""  # the traceparent of the action at hand
        self.live: dict[tuple[str, str], Session] = {}
        self.closed: dict[tuple[str, str], float] = {}  # until when it is remembered
        self.known: defaultdict[str, dict[str, tuple[str, Json]]] = defaultdict(dict)

    def send(self, to: str | tuple[str, ...], type_: str, ids: Ids, **members: Any) -> None:
        """Publish a body with its envelope; an empty subject means that there is nobody to tell."""
        user_id, session_id = (ids.user_id, ids.session_id) if isinstance(ids, Session) else ids
        body = {
            "v": "1.0", "type": type_, "user_id": user_id, "session_id": session_id,
            "timestamp": time.time_ns() // 1_000_000, **members,
        }  # fmt: skip
        for subject in filter(None, (to,) if isinstance(to, str) else to):
            self.outbox.put_nowait((subject, body, self.trace))

    # [states]
    def publish_states(self, session: Session, kinds: tuple[str, ...], reason: str) -> None:
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
            "content": None, "tags": [], "published_at": 1_730_000_000_000, "struct_version": 1,
        }  # fmt: skip
        return {
            "type": kind, "articles": [article], "current_article": None, "revisions": [],
            "editors": [],
        }  # fmt: skip

    # [end]

    # [receive]
    def receive(self, subject: str, reply: str, data: bytes, trace: str = "") -> None:
        """Handle one message to its end; whatever it is, the next one is served as well."""
        if reply and not reply.startswith(("_INBOX.", "_R_.")):
            return  # an answer would go where the sender may not publish itself
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
            self.send(reply, "error", (user_id, session_id), data={"error": refusal.error})
        except Exception as error:  # noqa: BLE001 - nothing that arrives may stop the server
            log.error("failed: %s", type(error).__name__)  # noqa: TRY400 - a trace may hold tokens
            failure = Refusal(5000, "The server failed; try again.")
            self.send(reply, "error", (user_id, session_id), data={"error": failure.error})
        finally:
            self.trace = ""

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
        self, session: Session | None, user_id: str, session_id: str, reply: str, data: Json
    ) -> None:
        """Make the session, or tell a live one its states again."""
        check_open(data)
        if not any(offer.startswith("1.") for offer in data["protocol"]):
            raise Refusal(4003, "Offer version 1.0.", supported=["1.0"])
        self.check_token(data["auth"], user_id)
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

    def check_token(self, auth: Json | None, user_id: str) -> None:
        """Refuse whoever has no valid token of this user."""
        try:
            claims = jwt.decode(
                auth["token"] if auth else "",
                self.secret,
                algorithms=["HS256"],
                options={"require": ["sub", "exp"]},
            )
        except jwt.ExpiredSignatureError:
            raise Refusal(4011, "The token has expired; get a new one.") from None
        except (jwt.PyJWTError, ValueError):
            raise Refusal(4010, "A valid token is needed.") from None
        if claims["sub"] != user_id:
            raise Refusal(4031, "The token is of another user.")

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
        self.send(reply, "session.syncing", session, data={"position": position, "kinds": kinds})
        self.publish_states(session, kinds, "sync")

    def check_resume(self, data: Json) -> None:
        """Refuse what is no position."""
        need(integer(data.get("epoch")), "/data/epoch")
        need(integer(data.get("seq"), 0), "/data/seq")

    def on_resume(self, session: Session, reply: str, data: Json) -> None:
        """Say that nothing is missing, or publish all states: nothing has to be kept for that."""
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
                self.send(control, "session.heartbeat", session, data={"position": position})
        self.closed = {key: until for key, until in self.closed.items() if until > now}

    # [end]

    def announce_stop(self) -> None:
        """Tell every live session that the server is about to stop."""
        closing = {"code": 5030, "reconnect": True, "after_ms": 500}
        for session in self.live.values():
            self.send(f"{session.subject}.control", "session.closing", session, data=closing)

    def on_action(self, subject: str, subject_user: str | None, reply: str, data: bytes) -> None:
        """Find out which action of which session this is; from then on it gets an outcome."""
        if len(data) > LIMITS["action"]:
            raise Refusal(4130, f"Send at most {LIMITS['action']} bytes.")
        body = read(data)
        for name in ("user_id", "session_id", "action_id"):
            need(text(body.get(name)), f"/{name}")
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
            reused = {"error": Refusal(4092, "The number is used; take a new one.").error}
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
            result = {"error": Refusal(4092, "The action_id is used; take a new one.").error}
        session.used[number] = (action_id, what, {**result, "position": session.position})
        return told(session, body, result)

    # [end]

    def judge(self, subject: str, body: Json) -> Json:
        """Do a new action; the result is final."""
        try:
            check_version(body.get("v"))
            type_ = body.get("type")
            if isinstance(type_, str) and type_ not in ACTIONS:
                raise Refusal(4002, "This server does not take the type.")  # noqa: TRY301
            # Both shared subjects have types of their own, none of which is served here.
            need(isinstance(type_, str) and subject.startswith("user.actions."), "/type")
            need(text(body.get("v"), VERSION_1), "/v")
            need(integer(body.get("timestamp")), "/timestamp")
            need(isinstance(body.get("data"), dict), "/data")
            if "expect" in body:
                expect = body["expect"]
                need(isinstance(expect, dict) and integer(expect.get("revision")), "/expect")
        except Refusal as refusal:
            return {"error": refusal.error}
        return {"status": "applied"}


def meaning(subject: str, body: Json) -> str:
    """What makes two bodies the same action, as a text that compares."""
    member = {"chat.messages": "content", "article.edit.start": "article_id"}.get(subject)
    data = body.get("data")
    if member:
        data = {member: body[member]} if member in body else {}
    parts = [body.get("type"), "data" in body or bool(member), data]
    return json.dumps([*parts, "expect" in body, body.get("expect")], sort_keys=True)


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


REQUESTS = {"session.open", "session.sync", "session.resume", "session.ping", "session.close"}
OWN_TYPES = (
    "session.opened", "session.syncing", "session.resumed", "session.pong", "session.closed",
    "error", "session.heartbeat", "session.closing", "action.ack", "action.nack",
)  # fmt: skip
TIMERS = {"heartbeat_ms": (200, 15_000), "resume_window_ms": (1_000, 120_000)}


def check_open(data: Json) -> None:
    """Refuse the data of an open that its schema does not allow."""
    need(texts(data.get("protocol"), VERSION), "/data/protocol")
    need(names(data.get("kinds")), "/data/kinds")
    need(names(data.get("features")), "/data/features")
    auth: Any = data.get("auth", "")
    if auth is not None:
        need(isinstance(auth, dict) and auth.get("scheme") == "bearer", "/data/auth")
        need(isinstance(auth.get("token"), str), "/data/auth/token")
    client: Any = data.get("client")
    need(isinstance(client, dict), "/data/client")
    for member in ("name", "version"):
        need(isinstance(client.get(member), str), f"/data/client/{member}")
    timers: Any = data.get("timers", {})
    need(isinstance(timers, dict), "/data/timers")
    for member in (*TIMERS, "coalesce_ms", "gap_ms"):
        need(integer(timers.get(member, 0), -(2**53) + 1), f"/data/timers/{member}")


def granted(asked: Json) -> dict[str, int]:
    """The timers in force: what was asked, clamped; nothing is ever held back."""
    timers = {
        name: min(max(asked.get(name, most), least), most) for name, (least, most) in TIMERS.items()
    }
    timers["resume_window_ms"] = max(timers["resume_window_ms"], 2 * timers["heartbeat_ms"])
    return {**timers, "coalesce_ms": 0, "gap_ms": 0}


class Connection(Client):
    """A connection that hands messages over in the order of arrival, over all subjects.

    nats-py gives each subscription a queue of its own, in which actions that were sent one after the
    other on different subjects overtake each other.
    """

    server: Server

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        del sid
        found = re.search(rb"(?im)^traceparent:\s*([\w-]+)", headers or b"")
        self.server.receive(
            subject.decode("utf-8", "surrogateescape"),
            reply.decode("utf-8", "surrogateescape"),
            data,
            found[1].decode() if found else "",
        )


async def main() -> None:
    """Serve until SIGTERM."""
    server = Server(os.environ["OMNISESSION_SECRET"])
    connection = Connection()
    connection.server = server
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await connection.connect(os.environ["NATS_URL"], no_echo=True, max_reconnect_attempts=-1)
    subscriptions = [await connection.subscribe(s, queue=QUEUE_GROUP) for s in SUBJECTS]
    tasks = [asyncio.create_task(write(server, connection)), asyncio.create_task(watch(server))]
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
        with contextlib.suppress(Exception):  # a reply subject may be whatever a client made up
            await connection.publish(subject, json.dumps(body).encode(), headers=headers)
        server.outbox.task_done()


async def watch(server: Server) -> None:
    """Let time pass."""
    while True:
        await asyncio.sleep(0.02)
        server.tick()


# A subject may hold any byte but white space, which the library's own patterns do not allow for.
parser.MSG_RE = re.compile(
    rb"\AMSG[ \t]+([^ \t\n]+)[ \t]+([^ \t\n]+)[ \t]+(([^ \t\n]+)[ \t]+)?(\d+)\r\n"
)
parser.HMSG_RE = re.compile(
    rb"\AHMSG[ \t]+([^ \t\n]+)[ \t]+([^ \t\n]+)[ \t]+(([^ \t\n]+)[ \t]+)?(\d+)[ \t]+(\d+)\r\n"
)

if __name__ == "__main__":
    asyncio.run(main())

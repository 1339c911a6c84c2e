"""A chat widget of another make than the reference client, which knows nothing of any kit.

It is written with callbacks around what it shows, has a connection of its own for what its user does,
recovers by `session.sync` alone, and counts nothing. `shown` is all that it shows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import time
from typing import TYPE_CHECKING, Any, cast

from nats.aio.client import Client
from nats.errors import Error as NatsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

ANSWER_S, OUTCOME_S, BACK_S, LEAVE_S = 4.0, 2.0, 0.25, 1.0
GONE = (4041, 4101)
LEAVES = ("state", "events", "control")
USELESS = (KeyError, TypeError, AttributeError, ValueError)
"""What a body of another form than it should have comes to."""
Json = dict[str, Any]


def token_of(text: str) -> str:
    """An id as it stands in a subject."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    return "".join(chr(b) if b in plain else f"={b:02x}" for b in text.encode())


class Widget:
    """A chat in which one can read and write; `changed` is called when it shows something else."""

    def __init__(
        self, url: str, user: str, token: str | None, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.url, self.user, self.token, self.changed = url, user, token, changed
        self.shown: Json = {
            "type": "chat",
            "messages": [],
            "participants": [],
            "typing_indicators": [],
        }
        self.session: str | None = None
        self.state = "opening"
        self.at: tuple[int, int] | None = None
        self.done = 0
        self.failed: list[Json] = []
        self.limits: Json = {}
        self.actions: list[str] = []
        self.waiting: list[tuple[str, bytes]] = []
        self.applied = 0
        self.sending: Json | None = None
        self.number = 1
        self.told: tuple[int, int] | None = None
        self.not_before = 0.0
        self.subscription: Subscription | None = None
        self.outcome = asyncio.Event()
        self.wanted = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.pinging: asyncio.Future[None] = asyncio.Future()
        self.ears, self.mouth = Client(), Client()

    async def begin(self) -> None:
        """Connect, and have a session from then on."""

        async def there() -> None:
            self.lost("recovering")

        again: dict[str, Any] = {"max_reconnect_attempts": -1, "reconnect_time_wait": BACK_S}
        await self.ears.connect(self.url, no_echo=True, reconnected_cb=there, **again)
        await self.mouth.connect(self.url, no_echo=True, **again)
        self.wanted.set()
        self.tasks = [asyncio.create_task(job()) for job in (self.keep, self.send)]

    async def end(self) -> None:
        """Say goodbye, and leave; whoever does not let go in time is left behind."""
        tasks = (*self.tasks, self.pinging)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=LEAVE_S)
        if self.state != "closed" and self.at is not None:
            with contextlib.suppress(NatsError):
                await self.ears.publish(self.subject("control"), self.body("session.close", {}))
        closing = [asyncio.ensure_future(one.close()) for one in (self.ears, self.mouth)]
        await asyncio.wait(closing, timeout=LEAVE_S)

    def lost(self, why: str) -> None:
        """Something is missing: get it as soon as that may be."""
        if self.state != "closed":
            self.state = "opening" if self.at is None else why
            self.wanted.set()

    # -- opening and recovering

    async def keep(self) -> None:
        """Open or recover whenever that is wanted, and wait longer each time that it fails."""
        failures, answered_at = 0, -1
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            if answered_at not in (-1, self.applied):
                failures = 0
            if self.applied == answered_at:
                # The last one was answered, and nothing came that could be applied: it has failed as well.
                await asyncio.sleep(random.uniform(0.2, 0.5))  # noqa: S311
            await asyncio.sleep(max(0.0, self.not_before - time.monotonic()))
            if self.state == "closed":
                continue
            before = self.applied
            try:
                again = await (self.open() if self.at is None else self.sync())
            except (TimeoutError, NatsError, OSError, *USELESS):
                again = True
            answered_at = -1 if again else before
            failures += again
            if again and self.state != "closed":
                await asyncio.sleep(random.uniform(0, min(10.0, 0.2 * 2**failures)))  # noqa: S311
                self.wanted.set()

    async def open(self) -> bool:
        """Ask for a new session; whether to try again."""
        if self.session is None:
            await self.have_id()
        wanted: Json = {"protocol": ["1.0"], "kinds": ["chat"], "features": ["events"]}
        wanted |= {"client": {"name": "chat widget", "version": "2.1"}}
        wanted["auth"] = None if self.token is None else {"scheme": "bearer", "token": self.token}
        told = await self.ask("session.open", wanted)
        if told.get("type") != "session.opened":
            self.session = None
            return self.refused(told, final="closed")
        data = told["data"]
        self.limits, self.actions = data["limits"], data["actions"]
        self.pinging.cancel()
        self.pinging = asyncio.create_task(self.ping(data["timers"]["heartbeat_ms"] / 2_000))
        self.number = data["position"]["last_action_seq"] + 1
        self.arrive(data["position"])
        return False

    async def have_id(self) -> None:
        """Take an id for the next session, and hear of that one alone."""
        if self.subscription is not None:
            with contextlib.suppress(NatsError):
                await self.subscription.unsubscribe()
        self.session = secrets.token_urlsafe(24)
        self.waiting.clear()
        ears: Any = self.ears  # the library leaves some of its types open
        self.subscription = await ears.subscribe(self.subject("*"), cb=self.hear)

    async def sync(self) -> bool:
        """Ask for the whole state of a session; whether to try again."""
        self.state = "recovering"
        told = await self.ask("session.sync", {})
        if told.get("type") != "session.syncing":
            return self.refused(told, final="opening")
        self.arrive(told["data"]["position"])
        return False

    def arrive(self, position: Json) -> None:
        """Go on from a position, with what came before the answer."""
        if self.state == "closed":
            return
        self.at, self.done = (position["epoch"], position["seq"]), position["last_action_seq"]
        self.state, self.told = "live", None
        waiting, self.waiting = self.waiting, []
        for subject, data in waiting:
            self.take(subject, data)
        self.changed()

    def refused(self, told: Json, final: str) -> bool:
        """Go by an error: later, in a new session, or never."""
        error = told.get("data", {}).get("error", {})
        if error.get("code") in GONE:
            self.renew()
        elif error.get("retryable", True):
            self.not_before = time.monotonic() + error.get("retry_after_ms", 0) / 1_000
        elif final == "closed":
            self.state = "closed"
            return False
        else:
            self.renew()
        return True

    def renew(self) -> None:
        """The session is over: what is under way is given up, and another one begins."""
        if self.sending is not None:
            self.failed.append({"action_id": self.sending["id"], "reason": "given_up"})
            self.sending = None
        self.session, self.at, self.state = None, None, "opening"
        self.wanted.set()
        self.outcome.set()

    async def ask(self, type_: str, data: Json) -> Json:
        """Request something of the session."""
        subject, body = self.subject("control"), self.body(type_, data)
        answer = await self.ears.request(subject, body, ANSWER_S)
        told = read(answer.data)
        if told is None or (told["type"] != "error" and not self.is_mine(told)):
            raise NatsError
        return told

    # -- hearing

    async def hear(self, message: Msg) -> None:
        """Take a message of the session, now or once the answer is there."""
        if message.subject not in [self.subject(leaf) for leaf in LEAVES]:
            return
        body = read(message.data)
        if body is not None and body.get("type") == "session.closing" and self.is_mine(body):
            self.closing(body["data"])
        elif self.state == "live":
            self.take(message.subject, message.data)
        elif self.state != "closed":
            self.waiting.append((message.subject, message.data))
        self.changed()

    def take(self, subject: str, data: bytes) -> None:
        """Take a message in its turn."""
        if self.state != "live":
            return
        body, control = read(data), subject.endswith(".control")
        if body is None:
            if not control:
                self.lost("recovering")
        elif self.is_mine(body):
            try:
                self.push(body) if control else self.next(body)
            except USELESS:
                if not control:
                    self.lost("recovering")

    def next(self, body: Json) -> None:
        """Apply a state or an event, if it is the next one."""
        place = (int(body["epoch"]), int(body["seq"]))
        if self.at is None or place <= self.at:
            return
        first = place[0] > self.at[0] and place[1] == 1 and body["type"] == "session.state"
        if place != (self.at[0], self.at[1] + 1) and not first:
            self.lost("recovering")
            return
        self.shown = self.state_of(body) if body["type"] == "session.state" else self.event_of(body)
        self.applied += 1
        self.at, self.done = place, max(self.done, int(body["last_action_seq"]))

    def state_of(self, body: Json) -> Json:
        """What is shown after a state."""
        data = body["data"]
        if not isinstance(data["type"], str):
            raise TypeError
        if data["type"] != "chat":
            return self.shown
        parts = (data["messages"], data["participants"], data["typing_indicators"])
        if not all(isinstance(part, list) for part in parts):
            raise TypeError
        [str(entry["id"]) for part in parts[:2] for entry in part]
        return data

    def event_of(self, body: Json) -> Json:
        """What is shown after an event."""
        data, shown = an_object(body["data"]), dict(self.shown)
        if not isinstance(body["type"], str):
            raise TypeError
        match body["type"]:
            case "chat.message_added" | "chat.message_edited":
                message, messages = data["message"], shown["messages"]
                known = [m["id"] for m in messages]
                if message["id"] in known:
                    messages = [message if m["id"] == message["id"] else m for m in messages]
                elif body["type"] == "chat.message_added":
                    messages = [message, *messages][: self.limits["chat_messages"]]
                shown["messages"] = messages
            case "chat.message_deleted":
                gone = data["message_id"]
                shown["messages"] = [m for m in shown["messages"] if m["id"] != gone]
            case "chat.participant_joined":
                user = data["user"]
                rest = [p for p in shown["participants"] if p["id"] != user["id"]]
                everybody = sorted([*rest, user], key=lambda p: p["id"])
                shown["participants"] = everybody[: self.limits["participants"]]
            case "chat.participant_left":
                gone = data["user_id"]
                shown["participants"] = [p for p in shown["participants"] if p["id"] != gone]
            case "chat.typing_changed":
                who = {*shown["typing_indicators"]} - {data["user_id"]}
                shown["typing_indicators"] = sorted(
                    who | {data["user_id"]} if data["active"] else who
                )
            case _:
                pass
        return shown

    def push(self, body: Json) -> None:
        """Take a heartbeat or an outcome."""
        type_, data = body["type"], body["data"]
        if type_ in ("action.ack", "action.nack"):
            self.came_out(type_, data)
            self.tell_of(data["position"])
        elif type_ == "session.heartbeat":
            if self.at is not None and self.told is not None and self.told > self.at:
                self.lost("recovering")
            else:
                self.tell_of(data["position"])

    def tell_of(self, position: Json) -> None:
        """Note a head: what is missing up to there by the next heartbeat is lost."""
        head = (int(position["epoch"]), int(position["seq"]))
        self.told = head if self.told is None else max(head, self.told)

    def closing(self, data: Json) -> None:
        """The server is about to stop."""
        if data.get("reconnect"):
            self.not_before = time.monotonic() + data.get("after_ms", 0) / 1_000
            self.lost("recovering")
        else:
            self.state = "closed"
            self.pinging.cancel()

    # -- speaking

    def say(self, type_: str, data: Json) -> Json:
        """Do something in the chat: the action, or why it is not taken."""
        if self.state != "live":
            return {"refused": "closed" if self.state == "closed" else "not_live"}
        if self.sending is not None:
            return {"refused": "busy"}
        if type_ not in self.actions:
            return {"refused": "unknown_type"}
        if not self.fits(data):
            return {"refused": "invalid"}
        id_ = secrets.token_hex(12)
        body = self.body(type_, data, action_id=id_, client_seq=self.number)
        if len(body) > min(self.limits["action"], self.mouth.max_payload):
            return {"refused": "too_large"}
        self.sending = {"id": id_, "body": body, "nacks": 0, "not_before": 0.0}
        self.outcome.set()
        return {"action_id": id_}

    def fits(self, data: Json) -> bool:
        """Whether all members of a chat's actions are of their types."""
        types: dict[str, type] = {"content": str, "message_id": str, "active": bool, "ttl_ms": int}
        return all(type(value) is types[name] for name, value in data.items() if name in types)

    async def send(self) -> None:
        """Send what is under way again and again, until it has come out."""
        copies = 0
        while True:
            self.outcome.clear()
            sending = self.sending
            if sending is not None and self.state == "live":
                rest_s = sending["not_before"] - time.monotonic()
                if rest_s > 0:
                    await asyncio.sleep(rest_s)
                    continue
                if len(sending["body"]) > self.mouth.max_payload:
                    # The broker takes less than it did, and nothing fills the number.
                    self.renew()
                    continue
                copies += 1
                with contextlib.suppress(NatsError):
                    await self.mouth.publish(f"user.actions.{token_of(self.user)}", sending["body"])
            else:
                copies = 0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OUTCOME_S + random.uniform(0, 0.2 * copies)):  # noqa: S311
                    await self.outcome.wait()

    def came_out(self, type_: str, data: Json) -> None:
        """An outcome: final, or to be tried again."""
        sending = self.sending
        if sending is None or data["action_id"] != sending["id"]:
            return
        error = data.get("error", {})
        if type_ == "action.nack" and error.get("retryable"):
            sending["nacks"] += 1
            wait_s = min(10.0, 0.2 * 2 ** sending["nacks"]) * random.uniform(0.3, 1)  # noqa: S311
            after_s = error.get("retry_after_ms", 0) / 1_000
            sending["not_before"] = time.monotonic() + after_s + wait_s
        else:
            if type_ == "action.nack":
                self.failed.append({"action_id": sending["id"], "code": error["code"]})
            self.sending, self.number = None, self.number + 1
        self.outcome.set()

    async def ping(self, every_s: float) -> None:
        """Give a sign of life."""
        while True:
            await asyncio.sleep(every_s)
            if self.state != "live":
                continue
            with contextlib.suppress(NatsError, asyncio.TimeoutError, *USELESS):
                told = await self.ask("session.ping", {})
                if told.get("data", {}).get("error", {}).get("code") in GONE:
                    self.renew()
                elif "position" in told["data"]:
                    self.tell_of(told["data"]["position"])

    # -- bodies

    def subject(self, leaf: str) -> str:
        """A subject of the session."""
        return f"session.{token_of(self.user)}.{token_of(self.session or '-')}.{leaf}"

    def body(self, type_: str, data: Json, **more: Any) -> bytes:
        """A body of the session."""
        told = {"v": "1.0", "type": type_, "user_id": self.user, "session_id": self.session}
        return json.dumps(
            {**told, "timestamp": int(time.time() * 1_000), **more, "data": data}
        ).encode()

    def is_mine(self, body: Json) -> bool:
        """Whether a body names this user and session."""
        return body.get("user_id") == self.user and body.get("session_id") == self.session


def an_object(value: Any) -> Json:
    """An object, TypeError for anything else."""
    if not isinstance(value, dict):
        raise TypeError
    return cast("Json", value)


def read(data: bytes) -> Json | None:
    """A body of the version that is spoken, None for anything else."""
    try:
        body = an_object(json.loads(data))
    except (TypeError, ValueError, RecursionError):
        return None
    return body if str(body.get("v", "")).startswith("1.") and "type" in body else None

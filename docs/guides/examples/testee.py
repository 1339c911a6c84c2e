"""The small client over NATS, and its adapter: `python testee.py` answers the kit.

Everything that comes waits in one mailbox, and is handled one after the other: so a
report is of one moment, and a message counts once its effects are done.
It needs Python 3.11, nats-py, and client.py beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from nats.aio.client import Client as Connection
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

import client as core
from client import Client, Effects, Json, Publish, Renew, Timer

HELLO: Json = {
    "contract": 1,
    "client": {"name": "small-client", "version": "0.1.0"},
    "profiles": ["states", "core", "chat", "actions"],
    "actions": list(core.ACTIONS),
    "sessions": 100,
    "timers": True,
    "handled": True,
}


class Session:
    """One session over one connection: does what the core wants, decides nothing."""

    def __init__(self, asked: Json) -> None:
        timers = {**core.TIMERS, **asked.get("timers", {})}
        self.client = Client(asked["user_id"], asked["token"], timers=timers)
        self.url, self.handled, self.listens = asked["url"], 0, 0
        self.mailbox: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self.due: dict[str, asyncio.TimerHandle] = {}
        self.inbox = f"_INBOX.{secrets.token_hex(16)}"
        self.nc = Connection()
        self.subscription: Any = None
        jobs = (self.connect(), self.pump())
        self.tasks = [asyncio.create_task(job) for job in jobs]

    async def pump(self) -> None:
        """Handle what waits in the mailbox."""
        while True:
            await (await self.mailbox.get())()

    def put(self, step: Callable[[Client], core.Step]) -> None:
        """Have the core handle something in its turn."""

        async def handle() -> None:
            await self.do(step)

        self.mailbox.put_nowait(handle)

    async def do(self, step: Callable[[Client], core.Step]) -> None:
        """Handle something now, and do what is wanted in its order."""
        self.client, effects = step(self.client_now())
        await self.perform(effects)

    def client_now(self) -> Client:
        """What the client knows, and what time it is."""
        return replace(self.client, now=time.time_ns() // 1_000_000)

    async def perform(self, effects: Effects) -> None:
        """Do what the core wants."""
        for effect in effects:
            match effect:
                case Publish():
                    await self.publish(effect)
                case Timer():
                    self.set(effect)
                case Renew():
                    await self.begin()

    def set(self, timer: Timer) -> None:
        """Tell the core after a random time."""
        wait_ms = random.uniform(timer.at_least_ms, timer.at_most_ms)  # noqa: S311 - no secret
        self.after(timer.name, wait_ms, lambda: self.rang(timer.name))

    def after(self, name: str, wait_ms: float, then: Callable[[], None]) -> None:
        """Do something later; it replaces what has the same name."""
        if name in self.due:
            self.due[name].cancel()
        self.due[name] = asyncio.get_running_loop().call_later(wait_ms / 1_000, then)

    def rang(self, name: str) -> None:
        """Tell the core that a timer's time has come, unless it was set anew."""
        handle = self.due.get(name)

        def step(c: Client) -> core.Step:
            if self.due.get(name) is not handle:
                return c, ()
            del self.due[name]
            return core.rang(c, name)

        self.put(step)

    # [connection]
    async def connect(self) -> None:
        """Be connected, for as long as it takes; the library comes back after a cut."""

        async def cut() -> None:
            self.put(core.lost)

        async def back() -> None:
            self.put(lambda c: core.connected(c, self.nc.max_payload))

        wait_s: Any = self.client.timers["reconnect_ms"] / 1_000
        while not self.nc.is_connected:
            with contextlib.suppress(NatsError, OSError, asyncio.TimeoutError):
                await self.nc.connect(
                    self.url, no_echo=True, pending_size=0,
                    max_reconnect_attempts=-1, reconnect_time_wait=wait_s,
                    disconnected_cb=cut, reconnected_cb=back,
                )  # fmt: skip
                await self.nc.subscribe(f"{self.inbox}.*", cb=self.on_answer)
                self.mailbox.put_nowait(self.begin)
                return
            await asyncio.sleep(wait_s)

    async def begin(self) -> None:
        """Subscribe to a new session, then open it: the broker reads in this order."""
        if self.subscription is not None:
            with contextlib.suppress(NatsError):
                await self.subscription.unsubscribe()
        await self.do(lambda c: core.began(c, secrets.token_hex(16)))
        self.handled, self.listens = 0, self.listens + 1
        number = self.listens

        async def hear(message: Msg) -> None:
            leaf = message.subject.rpartition(".")[2]

            async def handle() -> None:
                if number == self.listens:  # no message of the session before
                    await self.do(lambda c: core.heard(c, leaf, message.data))
                    self.handled += 1

            self.mailbox.put_nowait(handle)

        stream = core.subject(self.client, "*")
        self.subscription = await self.nc.subscribe(stream, cb=hear)
        if self.nc.is_connected:
            await self.do(lambda c: core.connected(c, self.nc.max_payload))

    async def publish(self, wanted: Publish) -> None:
        """Send a message; where an answer is wanted, tell when none has come."""
        reply = "" if wanted.number is None else f"{self.inbox}.{wanted.number}"
        if wanted.number is not None:
            number = wanted.number
            wait_ms = self.client.timers["answer_ms"]
            self.after(f"answer {number}", wait_ms, lambda: self.answer(number, None))
        # What cannot be sent is lost, as what is sent may be.
        with contextlib.suppress(NatsError, OSError):
            await self.nc.publish(wanted.subject, wanted.body, reply=reply)

    async def on_answer(self, message: Msg) -> None:
        """Hand an answer over; the broker says by a header that nobody was there."""
        nobody = (message.headers or {}).get("Status") == "503"
        number = message.subject.rpartition(".")[2]
        if number.isascii() and number.isdigit():
            self.answer(int(number), None if nobody else message.data)

    def answer(self, number: int, data: bytes | None) -> None:
        """Tell the core of an answer, or that none came."""
        if (handle := self.due.pop(f"answer {number}", None)) is not None:
            handle.cancel()
        self.put(lambda c: core.answered(c, number, data))

    # [end]

    async def dispatch(self, type_: str, data: Json) -> Json:
        """Let the user do something."""
        id_, told = secrets.token_hex(16), asyncio.get_running_loop().create_future()

        async def handle() -> None:
            (self.client, effects), why = core.act(self.client_now(), type_, data, id_)
            told.set_result({"action_id": id_} if why is None else {"refused": why})
            await self.perform(effects)

        self.mailbox.put_nowait(handle)
        return await told

    async def report(self) -> Json:
        """What it holds after all that came before."""
        told: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        async def handle() -> None:
            c = self.client
            at = c.place and {"epoch": c.place[0], "seq": c.place[1]}
            found = {
                "session_id": c.session_id or None,
                "phase": c.phase,
                "position": at and {**at, "last_action_seq": c.counted},
                "handled": self.handled,
                "slices": {"chat": c.chat},
                "refused": list(c.refused),
            }
            told.set_result(found)

        self.mailbox.put_nowait(handle)
        return await told

    async def stop(self) -> None:
        """Say goodbye, and leave."""
        c = self.client
        if c.phase in ("live", "recovering"):
            bye = core.body(c, "session.close", {})
            await self.publish(Publish(core.subject(c, "control"), bye))
        for handle in self.due.values():
            handle.cancel()
        for task in self.tasks:
            task.cancel()
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self.nc.close()


# [adapter]
async def answer(sessions: dict[str, Session], asked: Json) -> Json:
    """Do what the kit asks."""
    match asked["do"]:
        case "hello":
            return HELLO
        case "start":
            sessions[asked["session"]] = Session(asked)
        case "dispatch":
            session = sessions[asked["session"]]
            return await session.dispatch(asked["type"], asked["data"])
        case "report":
            return await sessions[asked["session"]].report()
        case _:
            await sessions.pop(asked["session"]).stop()
    return {}


async def main() -> None:
    """Answer line by line, until there are no more."""
    sessions: dict[str, Session] = {}
    running = set[asyncio.Task[None]]()

    async def tell(asked: Json) -> None:
        try:
            told = {"ok": await answer(sessions, asked)}
        except KeyError as error:
            told = {"error": f"there is no {error}"}
        sys.stdout.write(json.dumps({"id": asked["id"], **told}) + "\n")
        sys.stdout.flush()

    while line := await asyncio.to_thread(sys.stdin.readline):
        task = asyncio.create_task(tell(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


# [end]


if __name__ == "__main__":
    asyncio.run(main())

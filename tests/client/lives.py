"""A life of clients as they are: on a broker, with the reference server, over a cut."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from typing import TYPE_CHECKING, Any

from tests.client.gate import gate_to
from tests.client.kit import TIMERS
from tests.reference.bench import token
from tests.reference.broker import PATIENCE_S

from omnisession_client.kinds import KINDS
from omnisession_client.testee import FEATURES, Declared, Testee
from omnisession_client_faults.places import Replacement
from omnisession_reference.wire import tok

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from nats.aio.client import Client

Json = dict[str, Any]
LIVE = ("live", "connected")
POLL_S = 0.02


class Spies:
    """Notes which of some replacements were used."""

    def __init__(self, replacements: Sequence[Replacement]) -> None:
        self.waiting = {replacement.place for replacement in replacements}
        self.all = [self._spy(replacement) for replacement in replacements]

    def _spy(self, replacement: Replacement) -> Replacement:
        def spy(*arguments: Any, **named: Any) -> Any:
            self.waiting.discard(replacement.place)
            return replacement.made(*arguments, **named)

        return Replacement(replacement.place, spy)


class Life:
    """The adapter of a client in this process, asked as a kit would ask it."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._testee = Testee(Declared(tuple(KINDS), FEATURES, actions=True))
        self._numbers = itertools.count(1)
        self._patience_s = patience_s

    async def ask(self, do: str, **members: Any) -> Json:
        request = {"id": next(self._numbers), "do": do, **members}
        async with asyncio.timeout(self._patience_s):
            return await self._testee.answer(request)

    async def start(self, session: str, url: str) -> Json:
        hello = (await self.ask("hello", contract=1))["ok"]
        profiles: list[str] = hello["profiles"]
        wanted = {
            "kinds": [kind for kind in KINDS if kind in profiles]
            if "core" in profiles
            else ["chat"],
            "features": [feature for feature in FEATURES if feature in profiles],
        }
        named = {"url": url, "user_id": "ann", "token": token("ann")}
        answer = await self.ask("start", session=session, **named, **wanted, timers=TIMERS)
        assert answer.get("ok") == {}, answer
        return hello

    async def report(self, session: str) -> Json:
        return (await self.ask("report", session=session))["ok"]

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(self._patience_s):
            while not await holds():
                await asyncio.sleep(POLL_S)

    async def is_live(self, session: str) -> bool:
        return (await self.report(session))["phase"] in LIVE

    async def says(self, session: str, content: str) -> None:
        """Say something in the chat, as soon as an action is taken."""

        async def taken() -> bool:
            doing = {"type": "chat.send", "data": {"content": content}}
            return "refused" not in (await self.ask("dispatch", session=session, **doing))["ok"]

        await self.until(taken)

    async def asks_too_much(self, session: str) -> None:
        """Do what no server has named: a client refuses it by itself, or has it refused."""
        await self.ask("dispatch", session=session, type="chat.shout", data={})

    async def hears(self, session: str, *contents: str) -> None:
        """Wait until the session shows these messages last."""

        async def heard() -> bool:
            chat = (await self.report(session))["slices"]["chat"]
            shown = [one["content"] for one in reversed(chat["messages"])]
            return shown[-len(contents) :] == list(contents)

        await self.until(heard)

    async def end(self) -> None:
        async with asyncio.timeout(self._patience_s):
            await self._testee.end()


async def over_a_cut(url: str, other: Client, patience_s: float = PATIENCE_S) -> None:
    """A session comes back with what was said meanwhile, whatever else it hears; nothing is doubled."""
    life = Life(patience_s)
    one, two, three = (f"{secrets.token_hex(4)} {number}" for number in range(3))
    async with gate_to(url) as gate:
        try:
            hello = await life.start("a", gate.url)
            await life.until(lambda: life.is_live("a"))
            await life.says("a", one)
            await life.hears("a", one)
            await life.asks_too_much("a")
            session_id = (await life.report("a"))["session_id"]
            await other.publish(f"session.ann.{tok(session_id)}.control", b"garbage")
            alone = hello["sessions"] == 1
            if not alone:
                await life.start("b", url)
                await life.hears("b", one)
            gate.cut()
            await life.says("a" if alone else "b", two)
            await life.hears("a", one, two)
            await life.says("a", three)
            for session in "a" if alone else "ab":
                await life.hears(session, one, two, three)
        finally:
            await life.end()

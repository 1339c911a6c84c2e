"""The kit's side of the contract: starts an adapter, asks it, and waits for its answers."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, Self

from tests.reference.bench import token
from tests.reference.broker import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

Json = dict[str, Any]
TIMERS = {
    "retry_base_ms": 20,
    "retry_max_ms": 200,
    "outcome_ms": 5_000,
    "answer_ms": 4_000,
    "reconnect_ms": 20,
}
POLL_S = 0.01
"""An adapter says nothing unasked: it is asked so often, within a deadline."""
ALL = ("articles", "chat", "url", "user")


class Adapter:
    """A process of the adapter, and the sessions that it runs."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "omnisession_client.testee", *arguments]
        self._number = 0
        self._waiting: dict[int | None, asyncio.Future[Json]] = {}

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            assert await self.process.wait() == 0
            await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            answer: Json = json.loads(line)
            self._waiting.pop(answer["id"]).set_result(answer)

    async def raw(self, line: bytes, number: int | None = None) -> Json:
        """Write a line, and wait for the answer with this id."""
        assert self.process.stdin is not None
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        self.process.stdin.write(line + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    async def ask(self, do: str, **members: Any) -> Json:
        """Make a request, and return the whole answer."""
        self._number += 1
        request = {"id": self._number, "do": do, **members}
        return await self.raw(json.dumps(request).encode(), self._number)

    async def done(self, do: str, **members: Any) -> Json:
        """Make a request that has to be done, and return its result."""
        answer = await self.ask(do, **members)
        assert "ok" in answer, answer
        return answer["ok"]

    async def start(self, session: str, url: str, user: str, **more: Any) -> None:
        wanted = {"kinds": ALL, "features": ["events", "digests"], "timers": TIMERS, **more}
        named = {"url": url, "user_id": user, "token": token(user)}
        await self.done("start", session=session, **named, **wanted)

    async def act(self, session: str, type_: str, **data: Any) -> str:
        """Dispatch, as soon as the session takes it; the id of the action."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = await self.done("dispatch", session=session, type=type_, data=data)
                if told.get("refused") not in ("busy", "not_live"):
                    return told["action_id"]
                await asyncio.sleep(POLL_S)

    async def until(self, session: str, holds: Callable[[Json], bool]) -> Json:
        """Ask for reports until one is as it should be."""
        found: Json = {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds(found := await self.done("report", session=session)):
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"{session} never became what it should: {found}") from None
        return found

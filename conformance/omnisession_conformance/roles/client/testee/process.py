"""An adapter that runs: what it is asked, each request with its bound, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.environment.processes import KILLED
from omnisession_conformance.roles.client.errors import AdapterError, ContractError, GoneError
from omnisession_conformance.roles.client.testee.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any

    from omnisession_conformance.environment.processes import Child
    from omnisession_conformance.roles.client.testee.carrier import Carrier
    from omnisession_conformance.roles.client.testee.messages import Answer

LAST_LINES = 20


class Process:
    """A running adapter: what it breaks, or its end, is raised to whoever waits, and later on.

    Without a `child` it is somebody else's to run, and to end.
    """

    def __init__(self, child: Child | None, carrier: Carrier) -> None:
        self.child = child
        self.error: AdapterError | None = None
        """Why nothing more can be asked, if so."""
        self.leaving = False
        self._carrier = carrier
        self._talk = Talk(carrier.words)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._to_tell: list[Callable[[AdapterError], None]] = []
        self._ended = None if child is None else asyncio.create_task(self._watch(child))

    @property
    def output(self) -> Sequence[str]:
        """What it wrote beside its answers at last, as far as the kit has it."""
        return [] if self.child is None else list(self.child.output)

    async def ask(self, do: str, members: Mapping[str, Any], *, within_s: float) -> Answer:
        """Ask, and return the answer.

        Raises ContractError, or GoneError where it has ended or hangs.
        """
        if self.leaving and self.error is None:
            raise GoneError("The client is being ended.")
        if self.error is not None:
            raise self.error
        asked = self._talk.ask(do, members)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = answer
        try:
            async with asyncio.timeout(within_s):
                await self._carrier.send(asked)
                return await answer
        except TimeoutError:
            hangs = GoneError(
                f"The client hangs: {do} had no answer within {within_s:g} s."
                f"{self._carrier.unanswered(do)}"
            )
            self.fail(hangs)
            raise hangs from None
        finally:
            self._waiting.pop(asked.id, None)

    def heard(self, line: bytes) -> None:
        """Take what it has answered in."""
        try:
            answer = self._talk.heard(line)
        except ContractError as error:
            self.fail(error)
            return
        waiting = self._waiting.get(answer.id or 0)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def fail(self, error: AdapterError) -> None:
        """From now on it cannot be asked; the first reason stays."""
        self.error = self.error or error
        for tell in self._to_tell:
            tell(self.error)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self.error)
                # Who has stopped waiting does not want it.
                waiting.exception()

    @contextlib.contextmanager
    def telling(self, tell: Callable[[AdapterError], None]) -> Generator[None]:
        """Tell somebody of its end, or of what it breaks, for the length of the block."""
        self._to_tell.append(tell)
        try:
            yield
        finally:
            self._to_tell.remove(tell)

    def kill(self) -> None:
        """End it at once, where it is the kit's to end."""
        if self.child is not None:
            self.child.kill()

    async def ended(self, *, within_s: float) -> None:
        """Wait for its end, or for some time."""
        if self._ended is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await asyncio.shield(self._ended)

    async def leave(self) -> None:
        """End it, as its carrier tells it to, else as any child."""
        self.leaving = True
        self._carrier.finish()
        if self.child is not None and self._ended is not None:
            await self.ended(within_s=0 if self.error else self._carrier.leaves_within_s)
            await self.child.stop()
            await self._ended
        await self._carrier.close()

    async def _watch(self, child: Child) -> None:
        code = await child.wait()
        if not self.leaving:
            asked = ", ".join(self._talk.open)
            before = f" before it had answered {asked}" if asked else ""
            said = "\n".join(list(child.output)[-LAST_LINES:])
            told = f" It said:\n{said}" if said else ""
            way_out = self._carrier.ends_early if "hello" in self._talk.open else ""
            ended = f"The client has ended with code {code}{before}.{way_out}{told}"
            self.fail(GoneError(ended, by_itself=code not in KILLED))

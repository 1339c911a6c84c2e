"""The process of a run, for all its sessions: started again where it ends or hangs, and not for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.errors import ContractError, GoneError
from omnisession_conformance.roles.client.testee.client import HELLO_WITHIN_S, Client, greeted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.errors import AdapterError
    from omnisession_conformance.roles.client.testee.carrier import Way

MOST_AGAIN = 3
"""How often a process is started again."""
MOST_MORE = 12
"""How often it is beyond that, for what has to be seen with nothing beside it."""
BACK_WITHIN_S = 5.0
"""How long one that the kit does not start, and that was there before, may take to be back."""


class Keeper:
    """Who asks for the client gets the process that runs, or the next one.

    Sessions of a process that is gone are gone with it: their cases are not run.
    """

    def __init__(self, way: Way, *, hello_within_s: float = HELLO_WITHIN_S) -> None:
        self.way = way
        self.started = 0
        self.ends = 0
        """How often it has ended, or hung, unasked; an end that nobody has made counts for two."""
        self._most = 1 + MOST_AGAIN
        self.last: AdapterError | None = None
        self._hello_within_s = hello_within_s
        self._client: Client | None = None
        self._starting = asyncio.Lock()

    async def client(self) -> Client:
        """The client, started where it does not run.

        Raises ContractError once it has broken the contract, and GoneError where it will not stay.
        """
        async with self._starting:
            client = self._client
            if client is not None and (error := client.process.error) is not None:
                if isinstance(error, ContractError):
                    raise error
                await client.leave()
                client = self._client = None
                self._note(error)
            if client is None and self.started >= self._most:
                raise GoneError(
                    f"The client was started {self.started} times, and has not stayed. At last: "
                    f"{self.last}"
                )
            if client is None:
                client = self._client = await self._begin()
            return client

    async def _begin(self) -> Client:
        self.started += 1
        known = self.started > 1 and not self.way.starts
        within_s = BACK_WITHIN_S if known else self._hello_within_s
        try:
            return await greeted(self.way, hello_within_s=within_s)
        except GoneError as error:
            self.last = error
            raise

    def once_more(self) -> None:
        """Let it be started once more, where it has not stayed: for what runs with nothing beside it."""
        self._most = max(self._most, min(self.started + 1, 1 + MOST_AGAIN + MOST_MORE))

    async def renew(self) -> None:
        """End the process that runs; who asks for the client next gets another one."""
        async with self._starting:
            client, self._client = self._client, None
            if client is None:
                return
            if (error := client.process.error) is None:
                self.started -= 1
            elif isinstance(error, ContractError):
                self._client = client
                return
            else:
                self._note(error)
            await client.leave()

    def _note(self, error: AdapterError) -> None:
        self.ends += 2 if isinstance(error, GoneError) and error.by_itself else 1
        self.last = error

    async def leave(self) -> None:
        """End the process that runs; there will be no other."""
        if self._client is not None:
            await self._client.leave()
        await self.way.close()

    def kill(self) -> None:
        """End it at once."""
        if self._client is not None:
            self._client.process.kill()

    @property
    def output(self) -> Sequence[str]:
        """What the process that runs wrote on its standard error at last."""
        return [] if self._client is None else self._client.process.output

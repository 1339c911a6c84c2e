"""The process of a run, for all its sessions: started again where it ends or hangs, and not for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.errors import ContractError, GoneError
from omnisession_conformance.roles.client.testee.client import HELLO_WITHIN_S, Client, greeted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omnisession_conformance.roles.client.errors import AdapterError

MOST_AGAIN = 3
"""How often a process is started again."""
MOST_MORE = 12
"""How often it is beyond that, for what has to be seen with nothing beside it."""


class Keeper:
    """Who asks for the client gets the process that runs, or the next one.

    Sessions of a process that is gone are gone with it: their cases are not run.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        hello_within_s: float = HELLO_WITHIN_S,
    ) -> None:
        self.started = 0
        self.ends = 0
        """How often it has ended, or hung, unasked; an end that nobody has made counts for two."""
        self._most = 1 + MOST_AGAIN
        self.last: AdapterError | None = None
        self._command, self._cwd, self._hello_within_s = command, cwd, hello_within_s
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
        try:
            return await greeted(self._command, cwd=self._cwd, hello_within_s=self._hello_within_s)
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
        """End the process that runs."""
        if self._client is not None:
            await self._client.leave()

    def kill(self) -> None:
        """End it at once."""
        if self._client is not None:
            self._client.process.child.kill()

    @property
    def output(self) -> Sequence[str]:
        """What the process that runs wrote on its standard error at last."""
        return [] if self._client is None else list(self._client.process.child.output)

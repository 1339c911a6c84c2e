"""What stands between the requests of the kit and an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.testee.process import Process
    from omnisession_conformance.roles.client.testee.talk import Asked
    from omnisession_conformance.roles.client.testee.words import Words


class Carrier(Protocol):
    """Takes requests to an adapter; its answers are handed to `Process.heard`."""

    @property
    def words(self) -> Words:
        """What it calls what it carries."""
        ...

    @property
    def leaves_within_s(self) -> float:
        """How long an adapter that is told by `finish` may take to end by itself."""
        ...

    @property
    def ends_early(self) -> str:
        """The way out for a command that ends before it has answered hello."""
        ...

    def unanswered(self, do: str) -> str:
        """The way out where a request has no answer in time, empty where there is none to tell."""
        ...

    async def send(self, asked: Asked) -> None:
        """Take a request to the adapter."""
        ...

    def finish(self) -> None:
        """Say that no more will be asked."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class Way(Protocol):
    """How a client is had, each time that it is needed."""

    @property
    def starts(self) -> bool:
        """Whether it is the kit that starts it, and may start it again."""
        ...

    async def begin(self) -> Process:
        """Have an adapter that can be asked."""
        ...

    async def close(self) -> None:
        """No more will be begun."""
        ...

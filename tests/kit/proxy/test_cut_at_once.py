"""A connection that is cut as soon as it is there is over: who closes the proxy waits for all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.kit.proxy.peers import PATIENCE_S, stand_in

from omnisession_conformance.environment.proxy.link import Link
from omnisession_conformance.environment.proxy.proxy import faulty_proxy

if TYPE_CHECKING:
    import pytest

    from omnisession_conformance.environment.proxy.end import End


def test_a_link_that_is_cut_before_it_has_begun_to_dial_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = Link.opened

    def opened_and_cut(self: Link, end: End) -> None:
        opened(self, end)
        # The task that dials has not had its first step.
        self.cut()

    monkeypatch.setattr(Link, "opened", opened_and_cut)

    async def comes_and_goes() -> bytes:
        async with stand_in() as broker, faulty_proxy(broker.url) as proxy:
            host, _, port = proxy.place.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                return await reader.read()
            finally:
                writer.close()

    async def play() -> None:
        # One that hangs as it closes would not mind a time limit around it.
        going = asyncio.create_task(comes_and_goes())
        await asyncio.wait((going,), timeout=PATIENCE_S)
        assert going.done()
        assert going.result() == b""

    asyncio.run(play())

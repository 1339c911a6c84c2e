"""A client that ends or hangs is started again, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import adapter, played

from omnisession_conformance.roles.client.errors import AdapterError, ContractError, GoneError
from omnisession_conformance.roles.client.testee.keeping import MOST_AGAIN, Keeper
from omnisession_conformance.roles.client.testee.messages import Start
from omnisession_conformance.roles.client.testee.pipes import ByLines

if TYPE_CHECKING:
    from pathlib import Path

START = Start("s", "nats://127.0.0.1:9", "ann", ("chat",))
pytestmark = pytest.mark.dear


async def lives(keeper: Keeper) -> str:
    """What becomes of a session, on the process that there is."""
    try:
        session = await (await keeper.client()).start(START)
        await session.report()
    except AdapterError as error:
        return str(error)
    return "reported"


def test_a_process_serves_all_until_it_ends_and_then_another_does(tmp_path: Path) -> None:
    text = """
asked = []
def take(ask):
    asked.append(ask)
    sys.exit(0) if len(asked) > 5 else ok(ask)
"""

    async def play() -> None:
        keeper = Keeper(ByLines(adapter(tmp_path, text)))
        told = [await lives(keeper) for _ in range(5)]
        assert told[:2] == told[3:] == ["reported"] * 2
        assert told[2] == "The client has ended with code 0 before it had answered start."
        assert keeper.started == 2
        await keeper.leave()

    played(play)


def test_one_that_never_stays_is_given_up(tmp_path: Path) -> None:
    text = "def take(ask):\n    ok(ask) if ask['do'] == 'hello' else sys.exit(3)"

    async def play() -> None:
        keeper = Keeper(ByLines(adapter(tmp_path, text)))
        for _ in range(MOST_AGAIN + 1):
            assert "has ended with code 3" in await lives(keeper)
        with pytest.raises(
            GoneError, match=r"started 4 times, and has not stayed. At last: The client"
        ):
            await keeper.client()
        keeper.once_more()
        assert "has ended with code 3" in await lives(keeper)
        with pytest.raises(GoneError, match="started 5 times"):
            await keeper.client()
        await keeper.leave()

    played(play)


def test_one_that_breaks_the_contract_is_not_started_again(tmp_path: Path) -> None:
    text = "def take(ask):\n    ok(ask) if ask['do'] == 'hello' else write('oh')"

    async def play() -> None:
        keeper = Keeper(ByLines(adapter(tmp_path, text)))
        assert "no JSON" in await lives(keeper)
        with pytest.raises(ContractError, match="no JSON"):
            await keeper.client()
        assert keeper.started == 1
        await keeper.leave()

    played(play)

"""The fence under test: a bare client at a real broker, which does what libraries do, right and wrong."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.clients.adapters import played
from tests.kit.clients.rawclient import RawClient, raw_client

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.proxy.faults import Delay
from omnisession_conformance.environment.proxy.operations import Side
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.fence import Fence
from omnisession_conformance.roles.client.gate.gate import Gate, gate_to
from omnisession_conformance.roles.client.puppet.puppet import Puppet, puppet_at
from omnisession_conformance.roles.client.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SUBJECT = "session.ann.{}.events"


@contextlib.asynccontextmanager
async def fenced(
    more: str = "", progress_s: float = 5, **how: Any
) -> AsyncGenerator[tuple[RawClient, Gate, Puppet, Fence]]:
    bell = Bell()
    async with (
        embedded_broker(more) as broker,
        puppet_at(broker.url, "ann", bell) as puppet,
        gate_to(broker.url, bell) as gate,
        raw_client(gate.url, **how) as client,
    ):
        yield client, gate, puppet, Fence(client, gate, puppet, "ann", progress_s=progress_s)


def publish(puppet: Puppet, number: int, session: str = "s-1") -> None:
    for _ in range(number):
        puppet.raw(SUBJECT.format(session), b"{}")


def test_everything_is_handled_and_what_it_brought_about_has_passed() -> None:
    async def play() -> None:
        async with fenced(reacts=True) as (_, gate, puppet, fence):
            handled = 0
            for number in (1, 300, *(1 for _ in range(30))):
                publish(puppet, number)
                handled += number
                found = await fence.pass_()
                assert (found.report.handled, found.exact) == (handled, True)
                reactions = [one for one in gate.seen if one.subject == "reaction"]
                assert len(reactions) == handled

    played(play)


@pytest.mark.dear
def test_pong_ahead_of_what_is_queued_is_seen_through() -> None:
    async def play() -> None:
        async with fenced(reacts=True) as (client, gate, puppet, fence):
            for number in range(1, 11):
                # Message and question come in one piece, so that the answer is written first.
                with gate.stalling(to_broker=False):
                    publish(puppet, 1)
                    await gate.bell.until(
                        lambda n=number: gate.counted("ann", "s-1").live >= n, within_s=10
                    )
                    asking = asyncio.create_task(gate.links[0].ping(Side.CLIENT))
                    await asyncio.sleep(0)
                    client.written.clear()
                await asking
                await fence.pass_()
                written = b"".join(client.written)
                assert written.index(b"PONG") < written.index(b"PUB reaction")
                assert len([one for one in gate.seen if one.subject == "reaction"]) == number

    played(play)


@pytest.mark.dear
def test_what_leaves_behind_the_first_pong_is_ahead_of_the_second() -> None:
    async def play() -> None:
        async with fenced(reacts=True, lazy=True) as (client, gate, puppet, fence):
            await fence.pass_()
            for number in range(1, 11):
                client.written.clear()
                publish(puppet, 1)
                await fence.pass_()
                written = b"".join(client.written)
                assert written.index(b"PONG") < written.index(b"PUB reaction")
                assert len([one for one in gate.seen if one.subject == "reaction"]) == number

    played(play)


@pytest.mark.dear
def test_what_is_with_the_broker_is_waited_for_also_where_the_gate_has_not_read_it() -> None:
    async def play() -> None:
        async with fenced() as (client, gate, puppet, fence):
            await fence.pass_()
            for number in range(1, 6):
                end = gate.links[0].broker
                end.read_on(False)
                publish(puppet, 1)
                await puppet.flush()
                assert gate.counted("ann", "s-1").live < number
                asyncio.get_running_loop().call_later(0.02, end.read_on, True)
                assert (await fence.pass_()).report.handled == client.handled == number

    played(play)


@pytest.mark.dear
def test_what_has_passed_the_gate_is_heard_by_the_kit_when_the_fence_is() -> None:
    async def play() -> None:
        # It reacts when the broker was asked what has passed.
        async with fenced(reacts=True, slow_s=0.05) as (client, gate, puppet, fence):
            client.reaction = b"PUB session.ann.s-1.control 2\r\n{}\r\n"
            with gate.proxy.wrong(Delay(to_broker_ms=30)):
                for number in range(1, 4):
                    publish(puppet, 1)
                    await fence.pass_()
                    assert len(puppet.asked) == number

    played(play)


@pytest.mark.dear
def test_pings_of_broker_and_client_are_outstanding_at_a_fence() -> None:
    async def play() -> None:
        # Often enough to meet fences, and not within a handshake.
        pinging = 'ping_interval: "50ms"\nping_max: 1000'
        async with fenced(more=pinging, reacts=True) as (client, gate, puppet, fence):
            for number in range(1, 101):
                client.write(b"PING\r\nPING\r\n")
                publish(puppet, 5)
                found = await fence.pass_()
                assert (found.report.handled, found.exact) == (5 * number, True)
                assert len([one for one in gate.seen if one.subject == "reaction"]) == 5 * number

    played(play)


@pytest.mark.dear
def test_a_slow_client_is_not_stuck() -> None:
    async def play() -> None:
        async with fenced(slow_s=0.02, progress_s=0.5) as (_, _, puppet, fence):
            publish(puppet, 30)
            found = await fence.pass_()
            assert (found.report.handled, found.exact) == (30, True)

    played(play)


@pytest.mark.dear
@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (-1, "has handled nothing for 0.2 s and says 4, where 5 messages have come"),
        (1, "says that it has handled 6 messages of this session, and 5 have come"),
    ],
)
def test_counts_that_are_wrong(counts: int, sentence: str) -> None:
    async def play() -> None:
        async with fenced(progress_s=0.2) as (client, _, puppet, fence):
            client.handled = counts
            publish(puppet, 5)
            with pytest.raises(ContractError, match=sentence):
                await fence.pass_()

    played(play)


@pytest.mark.dear
def test_a_client_that_tells_no_count_is_done_when_it_stands_still() -> None:
    async def play() -> None:
        async with fenced() as (client, _, puppet, fence):
            client.tells = False
            publish(puppet, 50)
            found = await fence.pass_()
            assert (found.exact, client.handled) == (False, 50)

    played(play)


@pytest.mark.dear
@pytest.mark.parametrize("anew", [False, True])
def test_a_quiet_cut_leaves_the_count_exact(anew: bool) -> None:
    async def play() -> None:
        async with fenced(anew=anew, slow_s=0.001) as (client, gate, puppet, fence):
            for number in range(1, 6):
                publish(puppet, 20)
                assert (await fence.pass_()).exact
                gate.cut()
                await gate.bell.until(
                    lambda n=number: gate.connections > n and gate.connected, within_s=10
                )
                publish(puppet, 7)
                found = await fence.pass_()
                assert (found.exact, found.connected) == (True, True)
                assert client.handled == (7 if anew else 27 * number)

    played(play)


@pytest.mark.dear
@pytest.mark.parametrize("anew", [False, True])
def test_cuts_under_load_are_no_fault_of_the_adapter(anew: bool) -> None:
    async def play() -> None:
        async with fenced(anew=anew, slow_s=0.0005) as (client, gate, puppet, fence):
            for number in range(1, 11):
                publish(puppet, 200)
                fencing = asyncio.create_task(fence.pass_())
                await gate.bell.until(lambda: gate.counted("ann", "s-1").live > 50, within_s=10)
                gate.cut()
                await fencing
                await gate.bell.until(
                    lambda n=number: gate.connections > n and gate.connected, within_s=10
                )
                publish(puppet, 5)
                assert (await fence.pass_()).connected
                assert not client.waiting

    played(play)


@pytest.mark.dear
def test_a_new_session_under_load_is_no_fault_of_the_adapter() -> None:
    async def play() -> None:
        async with fenced(slow_s=0.0005) as (client, gate, puppet, fence):
            for number in range(2, 12):
                before, session = f"s-{number - 1}", f"s-{number}"
                publish(puppet, 200, before)
                fencing = asyncio.create_task(fence.pass_())
                await gate.bell.until(
                    lambda b=before: gate.counted("ann", b).live > 50, within_s=10
                )
                client.subscribe(session)
                publish(puppet, 3, session)
                found = await fencing
                assert found.report.session_id == session
                await fence.pass_()
                publish(puppet, 3, session)
                found = await fence.pass_()
                assert found.exact
                assert found.report.handled == gate.counted("ann", session).live

    played(play)


@pytest.mark.dear
def test_a_fence_waits_for_a_handshake() -> None:
    async def play() -> None:
        async with fenced() as (client, gate, puppet, fence):
            await fence.pass_()
            with gate.stalling(to_client=False):
                gate.cut()
                await gate.bell.until(lambda: gate.connections > 1, within_s=10)
                fencing = asyncio.create_task(fence.pass_())
                await asyncio.sleep(0)
            found = await fencing
            assert found.connected
            publish(puppet, 3)
            assert (await fence.pass_()).report.handled == client.handled == 3

    played(play)


@pytest.mark.dear
def test_a_subscription_that_begins_anew_in_its_session_is_no_fault_of_the_adapter() -> None:
    async def play() -> None:
        async with fenced(slow_s=0.0005) as (client, gate, puppet, fence):
            for number in range(1, 11):
                publish(puppet, 100)
                fencing = asyncio.create_task(fence.pass_())
                await gate.bell.until(lambda: gate.counted("ann", "s-1").live > 30, within_s=10)
                client.subscribe("s-1")
                await fencing
                publish(puppet, 4)
                await fence.pass_()
                assert not client.waiting
                assert gate.counted("ann", "s-1").ends == number

    played(play)

"""The reference client as a process, at a real broker, with all that the kit puts around it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import REFERENCE, played, wrong_client

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.roles.client.calibrate import calibrate
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import Stage, Wanted, staged
from omnisession_conformance.roles.client.testee.client import started
from omnisession_conformance.roles.client.testee.pipes import ByLines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from omnisession_conformance.roles.client.puppet.served import Served

EVENTS = 300


@contextlib.asynccontextmanager
async def whole(
    *wanted: Wanted, command: tuple[str, ...] = REFERENCE
) -> AsyncGenerator[list[tuple[Stage, Served]]]:
    """A broker, one process, and a stage for each session that is wanted; all are open."""
    async with contextlib.AsyncExitStack() as stack:
        broker = await stack.enter_async_context(embedded_broker())
        client = await stack.enter_async_context(started(ByLines(command)))
        stages: list[tuple[Stage, Served]] = []
        for one in wanted:
            stage = await stack.enter_async_context(staged(client, broker.url, one))
            served = await stage.live()
            assert served is not None
            stages.append((stage, served))
        yield stages


def asked(stage: Stage, *types: str) -> list[str]:
    """What the client has asked for: requests of these types, or all."""
    return [one.type for one in stage.gate.seen if one.type.startswith(types or ("session.",))]


async def in_step(stage: Stage, served: Served, number: int = EVENTS) -> None:
    """Many changes and then single ones: the fence says each time that all is there, and it is."""
    for size in (number, *(1 for _ in range(10))):
        for _ in range(size):
            stage.puppet.step(served)
        fenced = await stage.fenced()
        assert (fenced.exact, fenced.connected) == (True, True)
        assert fenced.report.head == served.position.head
    assert await stage.unlike(served) == ()


def test_everything_is_handled_and_equal_at_each_fence_and_after_a_cut() -> None:
    async def play() -> None:
        async with whole(Wanted(("chat", "articles"))) as [(stage, served)]:
            assert stage.gate.said(0)["echo"] is False
            await in_step(stage, served)
            stage.gate.cut()
            stage.puppet.step(served)
            assert await stage.caught_up(served) is not None
            assert await stage.unlike(served) == ()
            assert asked(stage) == ["session.open", "session.resume"]
            assert [one.link for one in stage.gate.published("session.resume")] == [1]
            await in_step(stage, served, 20)

    played(play)


@pytest.mark.dear
@pytest.mark.parametrize("features", [(), ("events",), ("events", "digests")])
def test_each_kind_alone_and_all_together(features: tuple[str, ...]) -> None:
    async def play() -> None:
        kinds = *((name,) for name in NAMES), NAMES
        async with whole(*(Wanted(one, features) for one in kinds)) as stages:
            for stage, served in stages:
                await calibrate(stage, served)
                assert await stage.unlike(served) == ()

    played(play)


@pytest.mark.dear
def test_a_message_that_is_lost_and_one_reply_that_waits() -> None:
    async def play() -> None:
        async with whole(Wanted(("url",))) as [(stage, served)]:
            held = stage.puppet.hold("session.resume")
            stage.puppet.step(served)
            at = served.position
            stage.puppet.step(served, deliver=False)
            stage.puppet.step(served)
            fenced = await stage.fenced()
            assert fenced.report.position == at
            assert await held.came(within_s=10)
            (resume,) = stage.gate.published("session.resume")
            assert resume.body is not None
            assert resume.body["data"] == {"epoch": 1, "seq": at.seq}
            stage.puppet.step(served)
            held.release()
            assert await stage.caught_up(served) is not None
            assert await stage.unlike(served) == ()
            assert asked(stage) == ["session.open", "session.resume"]

    played(play)


@pytest.mark.dear
def test_nobody_there_and_then_somebody() -> None:
    recoveries = ("session.resume", "session.sync")

    async def play() -> None:
        async with whole(Wanted(("chat",))) as [(stage, served)]:
            with stage.gate.nobody_there(lambda seen: seen.type in recoveries):
                stage.gate.cut()
                stage.puppet.step(served)
                assert await stage.bell.until(
                    lambda: len(asked(stage, *recoveries)) >= 3, within_s=10
                )
            assert await stage.caught_up(served) is not None
            assert await stage.unlike(served) == ()
            refused = [one.refused for one in stage.gate.seen if one.type in recoveries]
            assert refused == [True] * (len(refused) - 1) + [False]
            assert asked(stage, "session.open") == ["session.open"]

    played(play)


@pytest.mark.dear
def test_a_session_that_is_lost_under_load_is_followed_by_another() -> None:
    async def play() -> None:
        async with whole(Wanted(("chat",))) as stages:
            stage, before = stages[0]
            for number in range(2, 6):
                for _ in range(100):
                    stage.puppet.step(before)
                stage.puppet.lose(before)
                stage.gate.cut()
                served = await stage.live(number)
                assert served is not None
                fenced = await stage.fenced()
                assert fenced.report.session_id == served.session_id
                await in_step(stage, served, 20)
                assert len(asked(stage, "session.open")) == number
                before = served

    played(play)


@pytest.mark.dear
def test_two_sessions_of_one_user_see_each_other_and_what_either_does() -> None:
    async def play() -> None:
        kinds, other_kinds = ("user", "chat"), ("chat", "articles", "user")
        async with (
            embedded_broker() as broker,
            started(ByLines(REFERENCE)) as client,
            staged(client, broker.url, Wanted(kinds)) as one,
        ):
            first = await one.live()
            assert first is not None
            async with staged(client, broker.url, Wanted(other_kinds, ()), beside=one) as other:
                second = await other.live()
                assert second is not None
                await one.session.dispatch("article.create", {"title": "T", "content": "x"})
                await other.session.dispatch("chat.send", {"content": "hello"})
                assert await one.bell.until(
                    lambda: first.counted + second.counted == 2, within_s=10
                )
                for stage, served in ((one, first), (other, second)):
                    assert await stage.caught_up(served) is not None
                    assert await stage.unlike(served) == ()
                    assert len(served.slices["user"]["sessions"]) == 2
                assert first.slices["chat"] == second.slices["chat"]
                assert len(second.slices["articles"]["articles"]) == 1
            assert await one.caught_up(first) is not None
            assert await one.unlike(first) == ()
            assert len(first.slices["user"]["sessions"]) == 1

    played(play)


@pytest.mark.dear
def test_actions_have_their_effects_and_heartbeats_come_by_themselves() -> None:
    async def play() -> None:
        terms = Terms(heartbeat_ms=200)
        async with whole(Wanted(("chat",), terms=terms)) as [(stage, served)]:
            told = await stage.session.dispatch("chat.send", {"content": "hello"})
            assert told.refused is None
            assert await stage.bell.until(lambda: served.counted, within_s=10) == 1
            await stage.caught_up(served)
            assert await stage.unlike(served) == ()
            assert served.slices["chat"]["messages"][0]["content"] == "hello"
            (action,) = stage.gate.published("chat.send")
            assert action.body is not None
            assert action.body["action_id"] == told.action_id
            # The client is alive, since it hears that the server is.
            pings = await stage.bell.until(
                lambda: len(stage.gate.published("session.ping")) >= 2, within_s=10
            )
            assert pings

    played(play)


DEAF = """
class Wrong(shell.Shell):
    async def _subscribe(self, subject):
        self._subscriptions += 1
        number, self.handled = self._subscriptions, 0
        async def take(message):
            self.handled += 1
            async def hear():
                await self._handle(shell.Heard(at_ms=0, subject=message.subject, data=message.data))
            loop = asyncio.get_running_loop()
            loop.call_later(0.03, self._mailbox.put_nowait, hear)
        await self._link.subscribe(subject, take)
"""
LIAR = """
class Wrong(shell.Shell):
    async def report(self):
        found = await super().report()
        return {**found, "handled": found["handled"] + 1}
"""
DROPPED = """
class Wrong(shell.Shell):
    async def report(self):
        found = await super().report()
        return {**found, "handled": found["handled"] // 2}
"""
NEVER_ANEW = """
class Wrong(shell.Shell):
    before = 0
    async def _subscribe(self, subject):
        self.before += self.handled
        await super()._subscribe(subject)
    async def report(self):
        found = await super().report()
        return {**found, "handled": found["handled"] + self.before}
"""
ELSEWHERE = """
class Wrong(shell.Shell):
    def __init__(self, config, url, *more):
        super().__init__(config, "nats://127.0.0.1:9", *more)
"""


@pytest.mark.dear
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (DEAF, "The adapter answers before the client has handled what it counts"),
        (LIAR, "says that it has handled 102 messages of this session, and 101 have come"),
        (DROPPED, "has handled nothing for 5 s and says 50, where 101 messages have come"),
    ],
)
def test_adapters_that_count_wrong_are_found_before_anything_is_judged(
    tmp_path: Path, text: str, sentence: str
) -> None:
    async def play() -> None:
        command = wrong_client(tmp_path, text)
        async with whole(Wanted(("chat",)), command=command) as [(stage, served)]:
            await stage.bell.until(
                lambda: stage.gate.counted(served.user_id, served.session_id).live, within_s=10
            )
            with pytest.raises(ContractError, match=sentence):
                await calibrate(stage, served)

    played(play)


@pytest.mark.dear
def test_an_adapter_that_counts_on_in_a_new_session_is_told(tmp_path: Path) -> None:
    async def play() -> None:
        command = wrong_client(tmp_path, NEVER_ANEW)
        async with whole(Wanted(("chat",)), command=command) as [(stage, served)]:
            stage.puppet.step(served)
            assert (await stage.fenced()).exact
            stage.puppet.lose(served)
            stage.gate.cut()
            assert await stage.live(2) is not None
            with pytest.raises(ContractError, match="does a new session begin a new count"):
                await stage.fenced()

    played(play)


@pytest.mark.dear
def test_a_client_that_connects_elsewhere_is_told(tmp_path: Path) -> None:
    async def play() -> None:
        command = wrong_client(tmp_path, ELSEWHERE)
        async with (
            embedded_broker() as broker,
            started(ByLines(command)) as client,
            staged(client, broker.url, Wanted(("chat",))) as stage,
        ):
            with pytest.raises(ContractError, match="the client does not use the url that start"):
                await stage.gate.came(within_s=0.5)

    played(play)

"""What cases of the profile `durable` make of streams, of full lists and of sessions that are gone."""

from __future__ import annotations

import asyncio
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.environment.nodes import HookedNodes
from omnisession_conformance.environment.target import AttachedTarget, SpawnedTarget
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.roles.server.reply import Answer
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS
from omnisession_conformance.suite.server.durable.again import patiently
from omnisession_conformance.suite.server.durable.alive import may_have_expired
from omnisession_conformance.suite.server.durable.crowd import Done
from omnisession_conformance.suite.server.durable.room import SPARE, size_for
from omnisession_conformance.suite.server.durable.streams import Acked, deposed, is_full, outdated
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

MS = 1_000_000
CONTROL = "session.u.s.control"
CHAT = ADAPTERS["chat"]
URL = ADAPTERS["url"]


def told(n: int, body: dict[str, Any], *, at_ms: int = 0, **how: Any) -> Record:
    """A message of the server, or of the kit where `how` says so."""
    subject, party = how.get("subject", CONTROL), how.get("party", Party.TARGET)
    return Record(
        n=n,
        t_ns=at_ms * MS,
        at_ms=at_ms,
        subject=subject,
        reply=how.get("reply", ""),
        headers={},
        data=b"",
        body=body,
        flaws=(),
        party=party,
        side=side_of(party),
        case=None,
        address=classify(subject),
    )


def place(epoch: int) -> dict[str, int]:
    return {"epoch": epoch, "seq": 1, "last_action_seq": 0}


def state(n: int, epoch: int) -> Record:
    return told(n, {"type": "state", **place(epoch), "data": {}}, subject="session.u.s.state.chat")


def nack(n: int, epoch: int, code: int) -> Record:
    error = {"code": code, "retryable": True}
    return told(n, {"type": "action.nack", "data": {"position": place(epoch), "error": error}})


def ack(n: int, epoch: int) -> Record:
    return told(n, {"type": "action.ack", "data": {"position": place(epoch)}})


def test_an_outcome_that_claims_nothing_may_be_of_an_epoch_that_is_over() -> None:
    assert list(deposed([state(0, 1), state(1, 2), nack(2, 1, 5040)])) == []


@pytest.mark.parametrize("late", [state(2, 1), ack(2, 1), nack(2, 1, 5030)])
def test_whatever_else_is_below_an_epoch_that_was_seen_is_of_somebody_deposed(late: Record) -> None:
    shown_by = state(1, 2)
    assert list(deposed([late, state(0, 1), shown_by])) == [(late, shown_by)]


PING: dict[str, Any] = {"type": "session.ping", "data": {}}


def asked(n: int) -> Record:
    return told(n, PING, party=Party.KIT, reply="_INBOX.a")


def pong(n: int, epoch: int) -> Record:
    body = {"type": "session.pong", "data": {"position": place(epoch)}}
    return told(n, body, subject="_INBOX.a")


def test_who_is_asked_when_another_one_has_spoken_tells_no_older_epoch() -> None:
    shown_by, late = state(1, 2), pong(3, 1)
    stream = [state(0, 1), shown_by, state(4, 3)]
    assert list(outdated(stream, [(asked(2), [late])])) == [(late, shown_by)]
    assert list(outdated(stream, [(asked(2), [pong(3, 2)])])) == []


def test_who_was_asked_before_may_be_overtaken_by_what_another_one_says() -> None:
    assert list(outdated([state(0, 1), state(2, 2)], [(asked(1), [pong(3, 1)])])) == []


def test_a_full_list_may_have_lost_what_was_acked() -> None:
    limits = {"chat_messages": 20}
    assert is_full(CHAT, {"messages": [{}] * 20}, limits)
    assert not is_full(CHAT, {"messages": [{}] * 19}, limits)
    assert not is_full(CHAT, {}, limits)
    assert not is_full(ADAPTERS["user"], {}, limits)


def test_an_ack_of_another_session_is_due_where_it_came_before_the_disturbance() -> None:
    def done(n: int) -> Done:
        return Done(cast("Any", None), {}, Answer(ack(n, 1)))

    own, early, late = done(12), done(3), done(13)
    acked = Acked([own, done(20)], [early, late], rounds=[0, 10])
    assert acked.before(15) == [own, early]
    assert acked.before(9) == []


@pytest.mark.parametrize(
    ("kind", "limits", "rounds", "entries"),
    [
        (CHAT, {"chat_messages": 100}, 2, 100 - SPARE),
        (CHAT, {"chat_messages": 20}, 2, 20 - SPARE),
        (CHAT, {"chat_messages": 20}, 4, 20 - SPARE),
        (URL, {"urls": 20}, 2, 20),
        (URL, {"urls": 20}, 6, 20),
    ],
)
def test_no_more_act_than_a_list_has_room_for(
    kind: Any, limits: dict[str, int], rounds: int, entries: int
) -> None:
    size = size_for(kind, limits, 8, 3, rounds)
    assert 0 < size.entries(rounds, shared=kind.everybody) <= entries
    assert size.at_a_time >= 2


def test_where_there_is_room_all_act() -> None:
    assert size_for(URL, {"urls": 200}, 8, 3, 4) == size_for(ADAPTERS["user"], {}, 8, 3, 4)


@pytest.mark.parametrize(("gone_ms", "rightly"), [(9_000, False), (11_000, True)])
def test_a_session_that_nobody_served_for_its_window_may_be_gone(
    gone_ms: int, rightly: bool
) -> None:
    log = Log()
    ping = {"type": "session.ping"}
    refused = {"type": "error", "data": {"error": {"code": 5030, "retryable": True}}}
    over = {"type": "error", "data": {"error": {"code": 4041}}}
    log.append(told(0, ping, reply="_INBOX.u.1", party=Party.KIT))
    log.append(told(1, {"type": "session.pong"}, subject="_INBOX.u.1"))
    log.append(told(2, ping, at_ms=8_000, reply="_INBOX.u.2", party=Party.KIT))
    log.append(told(3, refused, at_ms=8_001, subject="_INBOX.u.2"))
    log.append(told(4, over, at_ms=gone_ms, subject="_INBOX.u.3"))
    session = SimpleNamespace(log=log, control_subject=CONTROL, timers={"resume_window_ms": 10_000})
    answer = Answer(log.on("_INBOX.u.3")[0])
    assert may_have_expired(cast("Session", session), answer) is rightly


def test_a_hook_starts_only_what_a_hook_has_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    names = ("kill", "start", "stop", "freeze", "thaw")
    say = f"echo {{}} {{{{n}}}} >> {shlex.quote(str(told))}"
    commands = {f"{name}_instance": ("sh", "-c", say.format(name)) for name in names}

    async def story() -> None:
        target = AttachedTarget(commands, instances=2)
        await target.start_instance(1)
        await target.kill_instance(1)
        assert (target.has_ended(1), target.has_ended(2)) == (True, False)
        await target.start_instance(1)
        await target.start_instance(1)
        await target.freeze_instance(2)
        await target.thaw_instance(2)
        await target.start_instance(2)
        await target.stop_instance(2)
        await target.start_instance(2)

    asyncio.run(story())
    assert told.read_text("utf-8").splitlines() == [
        "kill 1",
        "start 1",
        "freeze 2",
        "thaw 2",
        "stop 2",
        "start 2",
    ]


def test_a_hook_starts_only_the_node_that_a_hook_has_ended(tmp_path: Path) -> None:
    told = tmp_path / "told"
    say = f"echo {{}} {{{{node}}}} >> {shlex.quote(str(told))}"
    commands = {f"{name}_node": ("sh", "-c", say.format(name)) for name in ("kill", "start")}

    async def story() -> None:
        nodes = HookedNodes(commands, 3)
        assert nodes.hooks() == {"hook:kill_node", "hook:start_node"}
        await nodes.start(1)
        await nodes.kill(2)
        assert await nodes.are_current()
        await nodes.start(2)
        await nodes.start(2)

    asyncio.run(story())
    assert told.read_text("utf-8").splitlines() == ["kill 2", "start 2"]


def test_each_instance_is_told_another_node_first() -> None:
    target = SpawnedTarget(("true",), {"NATS_URL": "a,b,c"}, instances=2, spreads=True)
    assert target.broker_of(1) == {"NATS_URL": "a,b,c"}
    assert target.broker_of(2) == {"NATS_URL": "b,c,a"}
    assert target.broker_of(4) == {"NATS_URL": "a,b,c"}
    assert SpawnedTarget(("true",), {"NATS_URL": "a,b"}).broker_of(2) == {}


def test_a_step_is_made_until_it_is_done_but_for_a_list_that_is_full() -> None:
    tries = list[int]()

    async def step() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise Prerequisite("for now")
        return "done"

    async def full() -> str:
        tries.append(1)
        raise NoRoom("it is full")

    ctx = cast("Context", SimpleNamespace(log=Quick()))
    assert asyncio.run(patiently(ctx, step)) == "done"
    assert len(tries) == 3
    with pytest.raises(NoRoom):
        asyncio.run(patiently(ctx, full))
    assert len(tries) == 4


class Quick:
    """A log in which nothing is waited for."""

    async def wait(self, *_: object, **__: object) -> None:
        return None

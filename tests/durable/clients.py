"""Clients that send until they are acked, while something happens, and what they were told meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from typing import TYPE_CHECKING

from tests.durable.reading import read_journal
from tests.reference.bench import SECRET, action, token
from tests.reference.broker import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from nats.aio.client import Client as Connected
    from nats.aio.msg import Msg
    from tests.reference.bench import Body

AGAIN_S = 0.4
"""An action without an outcome is sent again after so long."""
PATIENCE_S = 60
"""Servers start anew meanwhile, on a machine that may be busy; waits end the moment that they can."""
BETWEEN = 3
"""So many messages of each user are acked between two disturbances."""
ROUNDS = 3
HEARD = ("_INBOX.peer.", "session.")
UNKNOWN = 5040
LATER = (5030, UNKNOWN)
"""Codes that ask for the same once more."""


class Listener(Peer):
    """A client that hears all that servers say, and when; the broker may tell it that nobody listens."""

    def __init__(self, connection: Connected) -> None:
        super().__init__(connection)
        self.heard_at: list[float] = []
        self.clients: list[Client] = []

    async def _on_message(self, message: Msg) -> None:
        # By one subscription, since the library keeps no order between two of them.
        if message.data and message.subject.startswith(HEARD):
            self.heard_at.append(time.monotonic())
            await super()._on_message(message)

    def epochs(self) -> list[tuple[float, int]]:
        """When which epoch was named, in the order in which it was heard."""
        return [
            (at, epoch)
            for at, (_, body) in zip(self.heard_at, self.seen, strict=True)
            if (epoch := epoch_of(body))
        ]

    def epochs_of(self, user: str) -> list[int]:
        """The epochs of a user's session, in the order in which they were heard."""
        named = (epoch_of(body) for _, body in self.seen if body.get("user_id") == user)
        return list(dict.fromkeys(epoch for epoch in named if epoch))

    def terms(self) -> int:
        """How many epochs a session has had."""
        return len(self.epochs_of("u0"))

    def silence_ms(self, since: float) -> int:
        """From a time on, how long no epoch was heard that is higher than all before."""
        before = max(epoch for at, epoch in self.epochs() if at <= since)
        begun = next(at for at, epoch in self.epochs() if at > since and epoch > before)
        return round((begun - since) * 1_000)


def code_of(body: Body) -> int:
    """The code of an error or a nack, 0 where it is neither."""
    error: Body = body.get("data", {}).get("error") or {}
    return int(error.get("code") or 0)


def epoch_of(body: Body) -> int:
    """The epoch that a message names, in its stream or as a position; 0 where it names none.

    A nack that claims nothing names none: it may come from who does not know that it was deposed.
    """
    if code_of(body) == UNKNOWN:
        return 0
    return int(body.get("epoch") or body.get("data", {}).get("position", {}).get("epoch") or 0)


class Client:
    """One session that sends messages of the chat, each until it has an outcome."""

    def __init__(self, peer: Peer, user: str, secret: str = SECRET) -> None:
        self.peer, self.user, self.secret = peer, user, secret
        self.acked: list[str] = []
        self.longest_s = 0.0
        self.is_over = False
        self._acks = asyncio.Condition()

    async def patiently(self, subject: str, body: Body) -> Body:
        """Send a message until it has an answer; a late one to an earlier copy counts as well."""
        inbox, data, looked_at = self.peer.new_inbox(), json.dumps(body).encode(), 0
        for _ in range(int(PATIENCE_S / AGAIN_S)):
            await self.peer.connection.publish(subject, data, reply=inbox)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    answers = await self.peer.wait_for(inbox, looked_at + 1)
                    looked_at = len(answers)
                    if (answers[-1]["data"].get("error") or answers[-1]["data"]).get(
                        "code"
                    ) not in LATER:
                        return answers[-1]
        raise AssertionError(f"no answer to {body['type']}")

    async def control(self, type_: str, **data: object) -> Body:
        body = {"v": "1.0", "type": type_, "user_id": self.user, "session_id": "s", "timestamp": 1}
        return await self.patiently(f"session.{self.user}.s.control", {**body, "data": data})

    async def open(self) -> Body:
        return await self.control(
            "session.open",
            protocol=["1.0"],
            kinds=["chat"],
            features=["events"],
            auth={"scheme": "bearer", "token": token(self.user, secret=self.secret)},
            client={"name": "peer", "version": "1"},
        )

    async def chat(self) -> None:
        """Send one message after the other until it is told to stop."""
        for number in itertools.count(1):
            if self.is_over:
                return
            id_ = await self.say(number)
            async with self._acks:
                self.acked.append(id_)
                self._acks.notify_all()

    async def say(self, number: int) -> str:
        """Send a message as the action of this number; returns the id that it got."""
        body = action(self.user, "s", number, "chat.send", content=f"{self.user} {number}")
        begun = time.monotonic()
        outcome = (await self.patiently(f"user.actions.{self.user}", body))["data"]
        self.longest_s = max(self.longest_s, time.monotonic() - begun)
        assert outcome["status"] in {"applied", "duplicate"}, outcome
        return str(outcome["result"]["message_id"])

    async def goes_on(self, more: int) -> None:
        """Wait until so many messages more were acked."""
        wanted = len(self.acked) + more
        async with asyncio.timeout(PATIENCE_S), self._acks:
            await self._acks.wait_for(lambda: len(self.acked) >= wanted)


async def load(
    url: str,
    disturb: Callable[[], None],
    then: Callable[[], None] = lambda: None,
    rounds: int = ROUNDS,
) -> Listener:
    """Have users chat while something happens, and compare what they were told with what there is.

    It happens so many times; what comes `then` is heard, too. Returns all that was heard.
    """
    peer = await Listener.connect(url)
    try:
        await chat_through(peer, disturb, rounds)
        await asyncio.to_thread(then)
        # The broker's answer comes after all that servers have said before.
        await peer.connection.flush()
    finally:
        await peer.connection.close()
    return peer


async def chat_through(peer: Listener, disturb: Callable[[], None], rounds: int) -> None:
    """Open sessions, disturb them, and judge what they were told."""
    clients = peer.clients = [Client(peer, f"u{n}") for n in range(4)]
    for client in clients:
        await client.open()
    chats = [asyncio.create_task(client.chat()) for client in clients]
    for _ in range(rounds):
        await asyncio.gather(*(client.goes_on(BETWEEN) for client in clients))
        await asyncio.to_thread(disturb)
    await asyncio.gather(*(client.goes_on(BETWEEN) for client in clients))
    for client in clients:
        client.is_over = True
    await asyncio.gather(*chats)

    for client in clients:
        position = (await client.control("session.ping"))["data"]["position"]
        assert position["last_action_seq"] == len(client.acked)
    await judge(peer, clients)


async def judge(peer: Listener, clients: list[Client]) -> None:
    """What was acked is in the journal and in the state: all of it, each once, and nothing else."""
    told = [id_ for client in clients for id_ in client.acked]
    assert len(told) == len(set(told))
    journal = await read_journal(peer.connection)
    stored = journal.results("message_id")
    differ = sorted(set(told) ^ set(stored))
    assert (len(stored), differ) == (len(told), [])
    await clients[0].control("session.sync")
    # A pong comes behind all that was said before.
    await clients[0].control("session.ping")
    shown = peer.on("session.u0.s.state")[-1]["data"]["messages"]
    assert len(shown) == 100 or {message["id"] for message in shown} == set(told)
    assert len({message["content"] for message in shown}) == len(shown)
    assert {message["id"] for message in shown} <= set(told)
    for client in clients:
        assert set(peer.epochs_of(client.user)[1:]) <= set(journal.terms)


def check_one_speaks(peer: Listener, *, holes: bool = False, late: bool = False) -> None:
    """Each epoch of a session has its numbers without a gap, and behind it nothing of a lower one comes.

    Where brokers that carry messages have ended there may be `holes` in the numbers. What a broker holds
    while it stands still comes `late`: it was said before the higher epoch began, by its own time.
    """
    heads: dict[str, tuple[int, int]] = {}
    highest: dict[str, int] = {}
    for subject, body in peer.seen:
        if not (epoch := epoch_of(body)):
            continue
        user = body["user_id"]
        is_over = epoch < highest.get(user, 0)
        assert not is_over or (late and body["timestamp"] <= highest[user]), body
        highest[user] = max(epoch, highest.get(user, 0))
        if "seq" not in body or not subject.endswith((".state", ".events")) or is_over:
            continue
        before, seq = heads.get(user, (0, 0))
        is_next = (epoch, body["seq"]) == (before, seq + 1) or (epoch > before and body["seq"] == 1)
        assert is_next or (holes and (epoch, body["seq"]) > (before, seq)), body
        heads[user] = epoch, body["seq"]

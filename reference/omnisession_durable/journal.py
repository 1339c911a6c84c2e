"""The journal as a stream of JetStream, on a connection of its own."""

import asyncio
import contextlib
import itertools
import json
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from omnisession_durable.fold import Stored
from omnisession_durable.stream import (
    BEATS,
    CONFIG,
    ENTRIES,
    STREAM,
    copies,
    wrong_setting,
)
from omnisession_reference.access import Access
from omnisession_reference.connection import Connection
from omnisession_reference.log import Log
from omnisession_reference.wire import JsonObject, decode

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription

INBOX = "_INBOX.~server"
"""How the inboxes of a server begin: no user has this token, and the role `server` may receive there."""
TOO_LARGE = 10_054
"""The one error of the broker by which an entry will never be stored."""
NO_STREAM = 10_059
EXISTS = 10_058
NO_PLACE = (10_005, 10_023, 10_074)
"""There are no nodes for so many copies: none that suit, too little room on them, no cluster at all."""
LATER_S = 0.2
ANSWER_S = 2
ELECTION_TRIES = 10
"""So often JetStream is asked at the start: a cluster that has lost its leader says nothing for 10 s."""
PLACE_TRIES = 25
"""So often copies are asked for: nodes that have just started are no place for any, for a while."""
SILENCE_S = 3
"""Beats come all the time: a consumer that hands over nothing for so long is made anew."""
REMEMBERED = 4_096
"""Of so many entries it is known what was appended, if the broker refuses them."""


class NoJournalError(Exception):
    """The broker keeps no journal; says why, and the way out."""


class WrongJournalError(NoJournalError):
    """The broker has a stream of this name that does not keep what a journal has to; says why."""


class JetStreamError(NoJournalError):
    """JetStream refuses something, with its own number for that."""

    def __init__(self, error: JsonObject) -> None:
        super().__init__(f"JetStream: {error.get('description')}")
        self.code = error.get("err_code")


class Journal(Connection):
    """Appends entries in order, and hands over what is stored, the moment that it is read."""

    def __init__(
        self, log: Log, on_entry: Callable[[Stored], None], on_refused: Callable[[bytes], None]
    ) -> None:
        super().__init__(log)
        self._inbox_prefix = bytearray(INBOX.encode())
        self._on_entry = on_entry
        self._on_refused = on_refused
        self._to_append: deque[tuple[str, bytes, dict[str, str] | None]] = deque()
        self._has_work = asyncio.Event()
        self._acks = self.new_inbox()
        # By the subject on which the broker answers; what it has answered to is gone.
        self._appended: OrderedDict[str, bytes] = OrderedDict()
        self._numbers = itertools.count(1)
        self._names = itertools.count(1)
        # Of the consumer in use: its name, where it delivers, and how many entries it has handed over.
        self._consumer = ""
        self._inbox = ""
        self._delivered = 0
        self._subscription: Subscription | None = None
        self._heard = asyncio.Event()
        self._is_broken = asyncio.Event()

    async def reach(self, access: Access, **settings: Any) -> None:
        """Connect, with the inboxes of a server. Raises AccessError for settings that cannot be used."""
        await super().reach(access, inbox_prefix=INBOX, **settings)

    def new_inbox(self) -> str:
        """Make a subject that nobody else receives."""
        inbox = super().new_inbox()
        return inbox.decode() if isinstance(inbox, bytes) else inbox

    # -- appending

    def append(self, data: bytes, *, lasts_s: int | None) -> None:
        """Append an entry, or one that vanishes after so many seconds; never waits."""
        ttl = None if lasts_s is None else {"Nats-TTL": f"{lasts_s}s"}
        self._to_append.append((ENTRIES if ttl is None else BEATS, data, ttl))
        self._has_work.set()

    async def write(self) -> None:
        """Append what is queued, for as long as the process lives."""
        while True:
            await self._has_work.wait()
            while self._to_append:
                subject, data, headers = self._to_append.popleft()
                reply = f"{self._acks}.{next(self._numbers)}"
                self.note_append(reply, data)
                with contextlib.suppress(NatsError, OSError):  # appended again by who waits for it
                    await self.publish(subject, data, reply=reply, headers=headers)
            self._has_work.clear()

    @property
    def unanswered(self) -> int:
        """Of how many entries the broker has not said anything yet."""
        return len(self._appended)

    def note_append(self, reply: str, data: bytes) -> None:
        """Remember an entry until the broker answers."""
        self._appended[reply] = data
        if len(self._appended) > REMEMBERED:
            self._appended.popitem(last=False)

    def note_ack(self, reply: str, data: bytes) -> None:
        """Look at what the broker says of an entry, if that is an error."""
        entry = self._appended.pop(reply, None)
        if b'"error"' not in data:
            return
        told = decode(data)
        error: JsonObject = told["error"] if isinstance(told.get("error"), dict) else {}
        self._log.warning("not_stored", why=error.get("description"))
        if error.get("err_code") == TOO_LARGE and entry is not None:
            self._on_refused(entry)

    # -- following

    async def follow(self, begin: Callable[[], int]) -> None:
        """Have entries handed over, from where `begin` says whenever that has to be done anew."""
        while True:
            try:
                await self.consume(begin())
            except (NatsError, OSError, TimeoutError, NoJournalError) as error:
                self._log.failure("no_consumer", error)
                await asyncio.sleep(LATER_S)
                continue
            await self._until_broken()

    async def consume(self, first: int) -> None:
        """Begin to receive what is stored, from an entry on, in place of what was received before."""
        name, inbox = f"omni-{next(self._names)}-{self._acks[-8:]}", self.new_inbox()
        self._consumer, self._inbox, self._delivered = name, inbox, 0
        self._is_broken.clear()
        subscription = await self.subscribe(inbox)  # pyright: ignore[reportUnknownMemberType]
        config: JsonObject = {
            "name": name,
            "deliver_subject": inbox,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": first,
            "ack_policy": "none",
            "max_deliver": 1,
            "mem_storage": True,
            "num_replicas": 1,
            "flow_control": True,
            "idle_heartbeat": 1_000_000_000,
            "inactive_threshold": 10_000_000_000,
        }
        body = {"stream_name": STREAM, "config": config}
        try:
            await self.ask(f"CONSUMER.CREATE.{STREAM}.{name}", body)
        except BaseException:
            with contextlib.suppress(NatsError, OSError):
                await subscription.unsubscribe()
            raise
        if self._subscription is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._subscription.unsubscribe()
        self._subscription = subscription

    async def _until_broken(self) -> None:
        while not self._is_broken.is_set():
            self._heard.clear()
            try:
                async with asyncio.timeout(SILENCE_S):
                    await self._heard.wait()
            except TimeoutError:
                return

    def broken(self) -> None:
        """Have the consumer made anew: the connection was lost, or something that it handed over."""
        self._is_broken.set()
        self._heard.set()

    def note_entry(self, reply: str, data: bytes) -> None:
        """Hand over an entry, if it is the next one of the consumer in use."""
        tokens = reply.split(".")
        if len(tokens) > 9:  # with the domain and the account before the stream
            del tokens[2:4]
        if len(tokens) < 9 or tokens[3] != self._consumer or self._is_broken.is_set():
            return
        seq, number, at_ns = int(tokens[5]), int(tokens[6]), int(tokens[7])
        if number != self._delivered + 1:
            self.broken()
            return
        self._delivered = number
        self._heard.set()
        self._on_entry(Stored(seq, at_ns // 1_000_000, data))

    # -- the rest

    async def ask(self, what: str, body: JsonObject) -> JsonObject:
        """Ask JetStream for something. Raises JetStreamError for what it refuses."""
        answer = await self.request(f"$JS.API.{what}", json.dumps(body).encode(), timeout=ANSWER_S)
        told: JsonObject = json.loads(answer.data)
        if "error" in told:
            raise JetStreamError(told["error"])
        return told

    async def prepare(self) -> None:
        """Have a stream, and hear what the broker says of entries.

        Raises NoJournalError where it cannot be had, WrongJournalError where it is kept otherwise.
        """
        await self.subscribe(f"{self._acks}.*")  # pyright: ignore[reportUnknownMemberType]
        try:
            config = await self.find_or_make()
        except NoRespondersError as error:
            told = "the broker has no JetStream: start it with -js, or serve from memory (--store memory)"
            raise NoJournalError(told) from error
        except TimeoutError as error:
            told = (
                f"JetStream has not answered for {ELECTION_TRIES * ANSWER_S} s: it has no leader yet, or "
                "this user lacks what `omnisession permissions --role server --journal` prints"
            )
            raise NoJournalError(told) from error
        except NatsError as error:
            raise NoJournalError(f"JetStream cannot be asked: {error}") from error
        if wrong := wrong_setting(config):
            raise WrongJournalError(wrong)

    async def find_or_make(self) -> JsonObject:
        """Return the settings of the stream, which is made if there is none."""
        try:
            return await self.found()
        except JetStreamError as error:
            if error.code != NO_STREAM:
                raise
        wanted = copies(self.info)
        for left in reversed(range(PLACE_TRIES)):
            try:
                return await self.make(wanted)
            except JetStreamError as error:
                if error.code == EXISTS:  # made by somebody else at this moment
                    return await self.settings()
                if error.code not in NO_PLACE or wanted == 1:
                    raise
                if not left:
                    self._log.warning("one_copy", why=str(error))
            await asyncio.sleep(LATER_S)
        return await self.make(1)

    async def found(self) -> JsonObject:
        """The settings of the stream; where nobody answers it is asked again, as an election takes time."""
        for left in reversed(range(ELECTION_TRIES)):
            try:
                return await self.settings()
            except TimeoutError:
                if not left:
                    raise
                self._log.warning("no_leader", asks=left)
        raise AssertionError("unreachable: the last error is raised")

    async def settings(self) -> JsonObject:
        """The settings of the stream."""
        return (await self.ask(f"STREAM.INFO.{STREAM}", {}))["config"]

    async def make(self, replicas: int) -> JsonObject:
        """Make the stream."""
        body = {**CONFIG, "num_replicas": replicas}
        return (await self.ask(f"STREAM.CREATE.{STREAM}", body))["config"]

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        """Hand over entries in the order in which they are read; answers go the library's way."""
        try:
            await self.take_in(sid, subject, reply, data, headers)
        except ValueError as error:  # of somebody else: the library would read no more
            self._log.failure("unreadable", error)

    async def take_in(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        """Take a message to whom it is for. Raises ValueError if it is not what it should be there."""
        to = subject.decode("utf-8", "replace")
        if to.startswith("omni.j."):
            self.note_entry(reply.decode("utf-8", "replace"), data)
        elif to == self._inbox:
            self._heard.set()
            if reply:  # the broker asks whether what it has sent was read
                await self.publish(reply.decode())
        elif to.startswith(self._acks):
            self.note_ack(to, data)
        else:
            await Client._process_msg(self, sid, subject, reply, data, headers)  # noqa: SLF001

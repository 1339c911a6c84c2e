"""The stream of a journal: made if there is none, taken if it is kept as it has to be, else named."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from omnisession_durable import journal
from omnisession_durable.journal import (
    ELECTION_TRIES,
    PLACE_TRIES,
    Journal,
    NoJournalError,
    WrongJournalError,
)
from omnisession_durable.stream import CONFIG, copies
from omnisession_reference.log import Log

if TYPE_CHECKING:
    from tests.reference.bench import Body

    from omnisession_durable.fold import Stored

NODES: Body = {"cluster": "c", "connect_urls": ["a:4222", "b:4222", "c:4222"]}


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LATER_S", 0)


class Answer:
    """A message of the broker."""

    def __init__(self, body: Body) -> None:
        self.data = json.dumps(body).encode()


class Bench(Journal):
    """A journal whose broker answers as a test says."""

    def __init__(self, answers: list[Body | Exception], info: Body | None = None) -> None:
        self.refused: list[bytes] = []
        self.entries: list[Stored] = []
        super().__init__(Log("error"), self.entries.append, self.refused.append)
        self._server_info = info or {}
        self.answers = answers
        self.asked: list[tuple[str, Body]] = []

    @property
    def acks(self) -> str:
        """On what subjects the broker answers."""
        return self._acks

    async def subscribe(self, *_: Any, **__: Any) -> Any:
        return None

    async def request(self, subject: str, payload: bytes = b"", *_: Any, **__: Any) -> Any:
        self.asked.append((subject.split(".")[3], json.loads(payload)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)


def prepare(answers: list[Body | Exception], info: Body | None = None) -> Bench:
    async def run() -> Bench:
        bench = Bench(answers, info)
        await bench.prepare()
        return bench

    return asyncio.run(run())


def refusal(code: int, why: str) -> Body:
    return {"error": {"err_code": code, "description": why}}


def kept(**other: Any) -> Body:
    return {"config": {**CONFIG, **other}}


NO_STREAM = refusal(10_059, "stream not found")
NO_PEERS = refusal(10_005, "no suitable peers for placement")


def test_a_stream_that_is_there_is_taken() -> None:
    assert prepare([kept(num_replicas=5, max_msg_size=-1)]).asked == [("INFO", {})]


@pytest.mark.parametrize(
    ("info", "replicas"),
    [({}, 1), ({**NODES, "connect_urls": ["a:4222", "b:4222"]}, 1), (NODES, 3)],
)
def test_a_stream_is_made_with_copies_where_there_are_nodes(info: Body, replicas: int) -> None:
    asked = prepare([NO_STREAM, kept()], info).asked
    assert asked[1:] == [("CREATE", {**CONFIG, "num_replicas": replicas})]
    assert copies(info) == replicas


def test_a_stream_has_one_copy_where_there_is_no_place_for_more() -> None:
    asked = prepare([NO_STREAM, *[NO_PEERS] * PLACE_TRIES, kept()], NODES).asked
    assert [body["num_replicas"] for _, body in asked[1:]] == [*[3] * PLACE_TRIES, 1]


def test_nodes_that_have_just_started_are_waited_for() -> None:
    asked = prepare([NO_STREAM, NO_PEERS, NO_PEERS, kept()], NODES).asked
    assert [body["num_replicas"] for _, body in asked[1:]] == [3, 3, 3]


def test_an_election_is_waited_for() -> None:
    asked = prepare([NatsTimeoutError(), NatsTimeoutError(), kept()]).asked
    assert asked == [("INFO", {})] * 3


def test_a_stream_that_is_made_by_another_one_meanwhile_is_taken() -> None:
    exists = refusal(10_058, "stream name already in use with a different configuration")
    assert len(prepare([NO_STREAM, exists, kept()]).asked) == 3


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([NoRespondersError()], "the broker has no JetStream: start it with -js"),
        ([NatsTimeoutError()] * ELECTION_TRIES, "JetStream has not answered for 20 s"),
        ([NO_STREAM, refusal(10_047, "no room on disk")], "JetStream: no room on disk"),
    ],
)
def test_why_there_is_no_journal_is_told(answers: list[Body | Exception], why: str) -> None:
    with pytest.raises(NoJournalError, match=why):
        prepare(answers)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"max_age": 60_000_000_000}, "max_age 60000000000, and a journal needs 0"),
        ({"discard": "old"}, 'discard "old", and a journal needs "new"'),
        ({"storage": "memory"}, 'storage "memory", and a journal needs "file"'),
        ({"retention": "workqueue"}, 'retention "workqueue", and a journal needs "limits"'),
        ({"subjects": ["omni.>"]}, r'subjects \["omni.>"\], and a journal needs'),
        ({"max_msgs_per_subject": 1}, "max_msgs_per_subject 1, and a journal needs -1"),
        ({"allow_msg_ttl": False}, "allow_msg_ttl false, .*NATS 2.11 or later"),
    ],
)
def test_a_stream_that_would_lose_entries_is_refused(other: Body, why: str) -> None:
    for answers in ([kept(**other)], [NO_STREAM, kept(**other)]):
        with pytest.raises(WrongJournalError, match=why):
            prepare(list(answers))


def test_an_entry_is_remembered_until_the_broker_has_answered() -> None:
    async def run() -> Bench:
        bench = Bench([])
        for number in range(10):
            bench.note_append(f"r.{number}", b"entry %d" % number)
        bench.note_ack("r.0", b'{"stream":"OMNI_JOURNAL","seq":1}')
        too_large = json.dumps(refusal(10_054, "message size exceeds maximum allowed")).encode()
        for reply in ("r.0", "r.3", "r.3"):
            bench.note_ack(reply, too_large)
        return bench

    bench = asyncio.run(run())
    assert bench.refused == [b"entry 3"]
    assert bench.unanswered == 8


@pytest.mark.parametrize("data", [b'"error"', b'"error', b'{"error": 1}'])
def test_what_is_no_answer_of_a_broker_does_no_harm(data: bytes) -> None:
    async def run() -> Bench:
        bench = Bench([])
        bench.note_append(f"{bench.acks}.1", b"entry")
        await bench._process_msg(1, f"{bench.acks}.1".encode(), b"", data, None)  # pyright: ignore[reportPrivateUsage]
        return bench

    assert asyncio.run(run()).refused == []


def test_what_is_no_entry_does_no_harm() -> None:
    async def run() -> Bench:
        bench = Bench([{}])
        await bench.consume(1)
        name = bench.asked[0][1]["config"]["name"]
        for numbers in ("x.1.1", "1.x.1", "1.1.x", "", "1.1.1"):
            reply = f"$JS.ACK.OMNI_JOURNAL.{name}.1.{numbers}.0".encode()
            await bench._process_msg(1, b"omni.j.0", reply, b"entry", None)  # pyright: ignore[reportPrivateUsage]
        return bench

    assert [(one.seq, one.data) for one in asyncio.run(run()).entries] == [(1, b"entry")]

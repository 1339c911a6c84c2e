"""What the start probe takes for a server, and what it does not."""

from __future__ import annotations

import pytest

from omnisession_conformance.environment.marks import Marks
from omnisession_conformance.nulls.answering import Garbage
from omnisession_conformance.nulls.replay import Replay, from_vectors
from omnisession_conformance.protocol.schemas.strict import decode
from omnisession_conformance.roles.server.probe import is_answer, is_of_elsewhere
from omnisession_conformance.traffic.connection import Heard

DRAWN = "4vTq0ZpLw8Kd"
USER, SESSION = f"u.{DRAWN}", f"s-{DRAWN}"
OPEN = Heard(f"session.u-{DRAWN}.{SESSION}.control", "_INBOX.a", b'{"type":"session.open"}', {})
MARKS = Marks()
MARKS.learn(DRAWN, before="s-")
ASKED = (USER, SESSION, MARKS)


@pytest.mark.parametrize("seed", range(20))
def test_garbage_is_no_server(seed: int) -> None:
    garbage = Garbage(seed)
    answers = [decode(garbage.bytes()).body or {} for _ in range(100)]
    taken = [a for a in answers if is_answer(a)]
    # An error ends the probe as well.
    assert all(a["type"] == "error" for a in taken)
    assert len(taken) < len(answers) / 4


@pytest.mark.parametrize(
    ("data", "good"),
    [({}, False), ({"x": 1}, False), ([], False), (None, False), ({"kinds": 5}, True)],
)
def test_an_answer_to_an_open_has_a_member_of_it(data: object, good: bool) -> None:
    assert is_answer({"type": "session.opened", "data": data}) is good
    assert not is_answer({"type": "session.pong", "data": data})


@pytest.mark.parametrize(
    ("user_id", "session_id", "elsewhere"),
    [
        (USER, SESSION, False),
        (f"u=2e{DRAWN}", SESSION, False),
        (USER, "another", False),
        ("another", SESSION, False),
        ("another", f"of-{DRAWN}", False),
        ("another", None, False),
        ("another", "", False),
        ("another", 7, False),
        ("another", "another", True),
    ],
)
def test_only_what_nobody_asked_for_is_of_elsewhere(
    user_id: object, session_id: object, elsewhere: bool
) -> None:
    body = {"user_id": user_id, "session_id": session_id}
    assert is_of_elsewhere(body, *ASKED) is elsewhere


def test_a_replay_is_of_elsewhere() -> None:
    replay = Replay(from_vectors())
    first, *pushes = replay(OPEN)
    assert first.subject == OPEN.reply
    body = decode(first.data).body or {}
    assert is_answer(body)
    assert is_of_elsewhere(body, *ASKED)
    assert all(said.subject.startswith("session.") for said in pushes)
    assert not replay(Heard("chat.messages", "", b"{}", {}))[0].subject.startswith("_INBOX.")

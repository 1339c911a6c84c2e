"""Pointers of refusals, and what refusals give away."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.rules.builder import Tape, clean, error, expect
from tests.kit.rules.story import ANN, BOB


def refused(pointer: Any, data: dict[str, Any] | None = None) -> tuple[Tape, Any]:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    request = player.asks("session.open", data or {"kinds": ["articles", 5], "client": {}})
    details = {} if pointer is None else {"details": {"pointer": pointer}}
    return tape, player.refused(request, 4001, **details)


@pytest.mark.parametrize(
    ("pointer", "right"),
    [
        ("/data/kinds/1", True),
        ("/data/protocol", True),
        ("/data/client/name", True),
        ("/data", True),
        ("", True),
        (None, False),
        ("/data/kinds/7", False),
        ("/nothing/here", False),
        ("data/kinds", False),
        ("/data/kinds/1/x", False),
    ],
)
def test_pointers(pointer: str | None, right: bool) -> None:
    tape, answer = refused(pointer)
    found = tape.judge()
    if right:
        clean(found)
    else:
        expect(found, "ERR-004", blamed=answer, pointer="/data/error/details/pointer")


def test_a_pointer_with_escapes() -> None:
    tape, _ = refused("/data/a~1b/c~0d", {"a/b": {"c~d": 5}})
    clean(tape.judge())


def test_pointers_of_nacks() -> None:
    tape = Tape()
    player = tape.opened(ANN, "s-00000001")
    copy = player.sends("article.update", {"article_id": "x"})
    player.count = 1
    nack, inbox = player.nack(copy, 4001, details={"pointer": "/data/changes"})
    clean(tape.judge())
    for entry in (nack, inbox):
        entry.data["error"]["details"]["pointer"] = "/changes/title"
    expect(tape.judge(), "ERR-004", blamed=nack)


# -- leaks -----------------------------------------------------------------------------------------------

LEAKS = [
    'Traceback (most recent call last):\n  File "/app/server.py", line 5, in open',
    'File "server.py", line 5',
    "goroutine 17 [running]:",
    "TypeError: x is undefined at Object.open (server.js:5:10)",
    "failed in handler.go:117",
    "SELECT id FROM sessions WHERE user = 'x'",
    "INSERT INTO actions VALUES (1)",
    "UPDATE sessions SET closed = 1",
    "cannot open /var/lib/omnisession/db.sqlite",
    "cannot open C:\\Users\\server\\db",
    "the session belongs to bob-0002",
]
HARMLESS = [
    "Offer a protocol version of the list; see the member protocol.",
    "A session is opened at most once. Update the client and set kinds.",
    "data.changes.tags is a list of strings.",
    "at most 196608 bytes (200000 sent)",
    "select an article from the list",
    "The session s-00000001 of ann-0001 is over.",
    "neither bob nor ann",
]


@pytest.mark.parametrize("message", LEAKS)
@pytest.mark.parametrize("where", ["message", "details"])
def test_leaks(message: str, where: str) -> None:
    tape = Tape()
    tape.opened(BOB, "s-00000002")
    player = tape.opened(ANN, "s-00000001")
    answer = player.refused(player.asks("session.sync", {"kinds": ["user"]}), 4220)
    if where == "message":
        answer.data["error"]["message"] = message
    else:
        answer.data["error"]["details"] = {"cause": message.replace("\n", " ")}
    expect(tape.judge(), "ERR-006", blamed=answer, pointer="/data/error")


@pytest.mark.parametrize("message", HARMLESS)
def test_what_is_no_leak(message: str) -> None:
    tape = Tape()
    tape.opened(BOB, "s-00000002")
    player = tape.opened(ANN, "s-00000001")
    answer = player.refused(player.asks("session.sync", {"kinds": ["user"]}), 4220)
    answer.data["error"]["message"] = message
    clean(tape.judge())


def test_what_the_client_said_itself_is_no_leak() -> None:
    tape = Tape()
    tape.opened(BOB, "s-00000002")
    player = tape.opened(ANN, "s-00000001")
    player.asks("session.sync", {"kinds": ["/etc/passwd"]})
    request = player.asks("session.sync", {"kinds": ["/etc/passwd", "bob-0002"]})
    tape.remove(tape.entries[-2])
    answer = player.refused(request, 4220)
    answer.data["error"]["message"] = "There is no kind /etc/passwd, and none bob-0002."
    clean(tape.judge())


def test_a_leak_in_a_nack() -> None:
    tape = Tape()
    tape.opened(BOB, "s-00000002")
    player = tape.opened(ANN, "s-00000001")
    copy = player.sends("article.delete", {"article_id": "x"})
    player.count = 1
    leak = {**error(4030), "message": "It belongs to bob-0002."}
    nack, _ = player.outcome(copy, "action.nack", error=leak)
    expect(tape.judge(), "ERR-006", blamed=nack)

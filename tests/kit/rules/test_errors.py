"""Pointers of refusals, and what refusals give away."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.kit.rules.builder import Tape, clean, error, expect
from tests.kit.rules.leaking import HARMLESS, LEAKS
from tests.kit.rules.story import ANN, BOB

from omnisession_conformance.suite.server.errors.leaks import leaks


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


@pytest.mark.parametrize("where", ["message", "details"])
@pytest.mark.parametrize("message", ["the session belongs to bob-0002", *LEAKS[::9]])
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


def test_texts_of_the_inside() -> None:
    for text in LEAKS:
        assert [*leaks(text)], text
        assert [*leaks(text.replace("\n", " "))], text


def test_texts_for_people() -> None:
    for text in HARMLESS:
        assert [*leaks(text)] == [], text


@pytest.mark.parametrize("text", ["a.", "SQL", "SELECT ", "at a.", "/x", "where x ", "A_KEY", "{$"])
def test_long_texts_are_read_once(text: str) -> None:
    began = time.process_time()
    assert [*leaks(text * (60_000 // len(text)))] == []
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "message",
    ["neither bob nor ann", "The session s-00000001 of ann-0001 is over.", *HARMLESS[::9]],
)
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

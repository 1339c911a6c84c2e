"""A command that was written for a shell is told so; one that was not is left alone."""

from __future__ import annotations

import shlex

import pytest

from omnisession_conformance.environment.shell import shell_hint


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("make && ./server", "&&"),
        ("./server | tee log", "|"),
        ("./server || true", "||"),
        ("./server > log", ">"),
        ("./server >log", ">"),
        ("./server 2>&1", "2>&1"),
        ("./server 2>/dev/null", ">"),
        ("./server >> log", ">>"),
        ("./server < seed", "<"),
        ("./server &", "&"),
        ("cd there; ./server", ";"),
        ("~/bin/server", "~"),
        ("./server --dir ~", "~"),
        ("./server --dir ~ann/x", "~"),
        ("PORT=1 ./server", "PORT=…"),
        ("./server --port $PORT", "$"),
        ("./server --port ${PORT}", "$"),
        ("./server --id $(hostname)", "$"),
    ],
)
def test_what_only_a_shell_understands_is_named(command: str, word: str) -> None:
    told = shell_hint(shlex.split(command))
    assert told is not None
    assert f"`{word}`" in told
    assert "sh -c" in told


def test_no_word_that_may_be_a_password_is_told() -> None:
    for command in ("KEY=hush ./server", "./server hu$sh", "./server --key hush;"):
        assert "hu" not in (shell_hint(shlex.split(command)) or "hu")


@pytest.mark.parametrize(
    "command",
    [
        "./server",
        "go run ./cmd/server --port=8080",
        "env PORT=1 ./server",
        "sh -c 'cd there && exec ./server > log'",
        "python -c 'print(1); x = \"$y\"'",
        "./server --pattern 'a|b' --rate '>5 a second' --price '5 $' --back~up a~b",
    ],
)
def test_any_other_command_is_left_alone(command: str) -> None:
    assert shell_hint(shlex.split(command)) is None

"""What of a command line, an environment or a configuration nobody may see.

Told by its place: the value of an option or variable whose name says that it is secret, and what stands
before the last `@` of an address, as it stands there and decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SECRET_FLAG = re.compile(r"--?[\w-]*(?:secret|token|password|passwd|creds|api-key|nkey|seed)")
_SECRET_NAME = re.compile(r"\w*(?:SECRET|TOKEN|PASSWORD|PASSWD|KEY|CREDS|SEED)", re.IGNORECASE)
_ADDRESSES = re.compile(r",(?=\s*\w+://)")
_FILES = ("NATS_CREDS", "NATS_NKEY", "NATS_KEY")
"""Names of files, which are no secrets."""


def is_secret_variable(name: str) -> bool:
    """Whether a variable of the environment holds a secret, as its name says."""
    return _SECRET_NAME.fullmatch(name) is not None and name not in _FILES


def in_words(words: Iterable[str]) -> Iterator[str]:
    """The secrets of a command line."""
    is_value, flag = False, ""
    for word in words:
        name, equals, value = word.partition("=")
        if is_value:
            yield from _of_flag(flag, word)
        elif equals and (SECRET_FLAG.fullmatch(name) or is_secret_variable(name)):
            yield from _of_flag(name, value)
        yield from in_address(word)
        is_value = not is_value and SECRET_FLAG.fullmatch(word) is not None
        flag = word


def _of_flag(name: str, value: str) -> Iterator[str]:
    # That of `--seed 7` is a number for what is drawn by chance; the seed of a key never is one.
    if not (name == "--seed" and value.isdigit()):
        yield value


def in_environment(variables: Mapping[str, str]) -> Iterator[str]:
    """The secrets of an environment."""
    for name, value in variables.items():
        if is_secret_variable(name):
            yield value
        yield from in_address(value)


def in_address(text: str) -> Iterator[str]:
    """The secrets of addresses, several with commas between, that stand in a text."""
    for address in _ADDRESSES.split(text):
        before, at, _ = address.partition("://")[2].rpartition("@")
        if not at:
            continue
        user, colon, password = before.partition(":")
        yield from _both(before)
        yield from _both(password if colon else user)


def _both(text: str) -> Iterator[str]:
    yield text
    yield unquote(text)

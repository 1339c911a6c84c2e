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
_OPTION = re.compile(r"--[a-z][a-z-]*")
"""Behind a name that says so, and takes no value: `--end-with-token --keys file`."""
_FILES = ("NATS_CREDS", "NATS_NKEY", "NATS_KEY")
"""Names of files, which are no secrets."""


def is_secret_variable(name: str) -> bool:
    """Whether a variable of the environment holds a secret, as its name says."""
    return _SECRET_NAME.fullmatch(name) is not None and name not in _FILES


def hides(name: str, value: str) -> bool:
    """Whether what stands behind the name of an option or a variable is a secret.

    A seed that is a number is one for what is drawn by chance; that of a key is base32, and never is.
    """
    if name.lower().endswith("seed") and value.isdigit():
        return False
    return SECRET_FLAG.fullmatch(name) is not None or is_secret_variable(name)


def in_words(words: Iterable[str]) -> Iterator[str]:
    """The secrets of a command line."""
    option = ""
    for word in words:
        name, equals, value = word.partition("=")
        if option and hides(option, word) and not _OPTION.fullmatch(word):
            yield word
        elif equals and hides(name, value):
            yield value
        yield from in_address(word)
        option = word if not option and SECRET_FLAG.fullmatch(word) else ""


def in_environment(variables: Mapping[str, str]) -> Iterator[str]:
    """The secrets of an environment."""
    for name, value in variables.items():
        if hides(name, value):
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

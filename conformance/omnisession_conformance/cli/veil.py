"""The last net before a terminal or a pipe: nothing secret leaves a command, whoever printed it.

What is to be read is made without secrets where it is made. This catches what came from elsewhere: a
sentence of the system or of a library with an address in it, the words of the command itself.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from omnisession_conformance.own_python import SIGNING_SEED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from omnisession_conformance.traffic.redact import Redactor

OWN_VARIABLES = (
    *("NATS_URL", "NATS_PASSWORD", "NATS_TOKEN"),
    *("OMNISESSION_SECRET", SIGNING_SEED),
)
_SIGNS = ("@", "=", "secret", "token", "passw", "creds", "api-key", "nkey", "seed")
"""A word of a command line that has none of these says nothing secret, and no word after it is."""


class _Net:
    """What the streams of this process look for; nothing is imported before there is something."""

    def __init__(self) -> None:
        self._redactor: Redactor | None = None

    def forget(self) -> None:
        """Begin anew, with another command."""
        self._redactor = None

    def learn(self, secrets: Iterable[str]) -> None:
        """Look for these, too."""
        found = [secret for secret in secrets if secret]
        if not found:
            return
        if self._redactor is None:
            from omnisession_conformance.traffic.redact import (  # noqa: PLC0415 - see the class
                Redactor,
            )

            self._redactor = Redactor()
        self._redactor.learn(found)

    def share(self, redactor: Redactor) -> None:
        """Look from now on for all that a run's own redactor knows, and have it know what was told here."""
        if self._redactor is not None:
            redactor.learn(self._redactor.secrets)
        self._redactor = redactor

    @property
    def redactor(self) -> Redactor | None:
        """Whoever knows all secrets so far, None where there are none."""
        return self._redactor

    def through(self, text: str) -> str:
        """A text without them."""
        return text if self._redactor is None else self._redactor.known(text)


_NET = _Net()
learn = _NET.learn
hidden = _NET.through
share = _NET.share


def all_known() -> Redactor | None:
    """Whoever knows all secrets that the command has been told, None where there are none."""
    return _NET.redactor


class Veil:
    """Writes to a stream what has no secrets in it; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; tells the length of what was asked for."""
        self._stream.write(_NET.through(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write some texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def veiled() -> Generator[None]:
    """Look through all that is written to standard output and standard error in the block."""
    _NET.forget()
    own = {name: os.environ[name] for name in OWN_VARIABLES if os.environ.get(name)}
    words = sys.argv[1:]
    if own or any(sign in word.lower() for word in words for sign in _SIGNS):
        from omnisession_conformance.environment.secrets import (  # noqa: PLC0415 - few need it
            in_environment,
            in_words,
        )

        learn((*in_words(words), *in_environment(own)))
    out, err = sys.stdout, sys.stderr
    veils: Any = (Veil(out), Veil(err))
    sys.stdout, sys.stderr = veils
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err

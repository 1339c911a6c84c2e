"""Ids of what the server makes, as a seam: by a cryptographic source, unless another one is given."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable

# Takes a number of bytes, and makes so many.
Source = Callable[[int], bytes]


class Ids:
    """Makes ids that nobody can guess, as long as the source makes bytes that nobody can."""

    def __init__(self, source: Source = secrets.token_bytes) -> None:
        self._source = source

    def new(self) -> str:
        """Make an id that needs no encoding in a subject."""
        return self._source(16).hex()

    def code(self) -> str:
        """Make a short code for an address."""
        return urlsafe_b64encode(self._source(6)).decode("ascii")

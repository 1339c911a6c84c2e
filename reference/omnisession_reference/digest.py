"""Digests of slices."""

import hashlib

from omnisession_reference.wire import JsonObject


def digest(data: JsonObject) -> str:
    """Take the lower-case hex SHA-256 of the RFC 8785 form of a state's whole data."""
    import rfc8785  # noqa: PLC0415 only sessions with digests pay for it

    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()

"""Digests of slices."""

import hashlib

import rfc8785

from omnisession_reference.wire import JsonObject


def digest(data: JsonObject) -> str | None:
    """The lower-case hex SHA-256 of the RFC 8785 form of a slice; None where it has no such form."""
    try:
        return hashlib.sha256(rfc8785.dumps(data)).hexdigest()
    except rfc8785.CanonicalizationError:  # an integer beyond what a double keeps
        return None

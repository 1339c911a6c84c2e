"""Refusals, and the error objects that tell them to a client."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from omnisession_reference.wire import JsonObject


class Refusal(Exception):  # noqa: N818 it is no error of the server
    """A message cannot be served: a code of the catalogue, a sentence, and the code's details.

    The sentence goes to the client: it never holds an id of another user, a token or a path.
    """

    def __init__(
        self, code: int, message: str, *, retry_after_ms: int | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.retry_after_ms = retry_after_ms


class Errors:
    """The catalogue of error codes, read from errors.json."""

    def __init__(self, schemas: Path) -> None:
        self._entries = _entries(schemas)

    def retryable(self, refusal: Refusal) -> bool:
        """Say whether the same bytes may succeed later."""
        return self._entries[refusal.code]["retryable"]

    def body(self, refusal: Refusal) -> JsonObject:
        """Make the error object of a refusal."""
        error: JsonObject = {
            "code": refusal.code,
            "name": self._entries[refusal.code]["name"],
            "message": refusal.message,
            "retryable": self.retryable(refusal),
        }
        if refusal.retry_after_ms is not None:
            error["retry_after_ms"] = refusal.retry_after_ms
        if refusal.details:
            error["details"] = refusal.details
        return error


@cache
def _entries(schemas: Path) -> dict[int, JsonObject]:
    catalogue = json.loads((schemas / "v1" / "errors.json").read_text("utf-8"))
    return {entry["code"]: entry for entry in catalogue["errors"]}

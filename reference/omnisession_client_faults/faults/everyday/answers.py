"""Answers that are taken for something else than they are."""

from typing import Any

from omnisession_client import reading, recovery
from omnisession_client.effects import Step
from omnisession_client.values import State
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject

TOO_MANY, LATER_MS = 4291, 100


@fault("opens-again-where-there-are-too-many", breaks="CLI-030", replaces="answers.refused")
def too_many(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that got 4291 is repeated, since another session may have ended."""
    if asked == recovery.OPEN and reading.failure(data).code == TOO_MANY:
        return recovery.failed(state, least_ms=LATER_MS)
    return original(state, asked, data)

"""Bytes that are no message."""

import asyncio
import contextlib
import json
import os
from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import Step
from omnisession_client.messages import Answered
from omnisession_client.values import Raw, State
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject, WireError, decode


def _depth_of(data: bytes) -> int:
    depth = deepest = 0
    for byte in data:
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


@fault("fails-at-no-utf8", breaks="CLI-029", replaces="reading.body")
def at_no_utf8(original: Any, data: bytes) -> JsonObject | None:
    """Bytes that are no UTF-8 break the client."""
    data.decode()
    return original(data)


@fault("fails-at-no-json", breaks="CLI-029", replaces="reading.body")
def at_no_json(original: Any, data: bytes) -> JsonObject | None:
    """Bytes that are no JSON break the client."""
    with contextlib.suppress(RecursionError):
        json.loads(data)
    return original(data)


@fault("fails-at-no-object", breaks="CLI-029", replaces="reading.spoken")
def at_no_object(original: Any, value: Any) -> JsonObject | None:
    """A body of a replay that is no object breaks the client."""
    value.get("v")
    return original(value)


@fault("fails-at-nothing", breaks="CLI-029", replaces="reading.body")
def at_nothing(original: Any, data: bytes) -> JsonObject | None:
    """A message without any bytes breaks the client."""
    return original(data) if data[0] else None


@fault("fails-at-depth", breaks="CLI-029", replaces="reading.body")
def at_depth(original: Any, data: bytes) -> JsonObject | None:
    """A body that is nested deeply breaks the client."""
    if _depth_of(data) > 200:
        raise RecursionError
    return original(data)


@fault("fails-at-a-push-without-data", breaks="CLI-029", replaces="hearing.control")
def without_data(original: Any, state: State, raw: Raw) -> Step:
    """A push without data breaks the client."""
    body = reading.body(raw.data)
    if body is not None and not isinstance(body["data"], dict):
        raise TypeError
    return original(state, raw)


@fault("fails-at-a-heartbeat-without-position", breaks="CLI-029", replaces="pushes.taken")
def without_position(original: Any, state: State, body: JsonObject) -> Step:
    """A heartbeat without a position breaks the client."""
    if body.get("type") == "session.heartbeat":
        _ = body["data"]["position"]["seq"]
    return original(state, body)


@fault("fails-at-an-unknown-push", breaks="CLI-029", replaces="pushes.taken")
def at_an_unknown_push(original: Any, state: State, body: JsonObject) -> Step:
    """A push of a type that is not known breaks the client."""
    known = ("session.heartbeat", "action.ack", "action.nack")
    if str(body.get("type")) not in known:
        raise LookupError(body.get("type"))
    return original(state, body)


@fault("fails-at-an-answer-that-is-none", breaks="CLI-029", replaces="answers.answered")
def at_an_answer(original: Any, state: State, message: Answered) -> Step:
    """Bytes in its inbox that are no answer break the client."""
    if message.data is not None and reading.body(message.data) is None:
        raise LookupError
    return original(state, message)


@fault("ends-at-garbage", breaks="CLI-029", replaces="hearing.heard")
def ends_at_garbage(original: Any, state: State, raw: Raw) -> Step:
    """A message that is no JSON ends the client, without a word."""
    if reading.body(raw.data) is None:
        return replace(state, phase="closed"), ()
    return original(state, raw)


@fault("ends-its-process-at-garbage", breaks="CLI-029", replaces="hearing.heard")
def ends_its_process(original: Any, state: State, raw: Raw) -> Step:
    """A message that is no JSON ends the whole process."""
    try:
        decode(raw.data)
    except WireError:
        os._exit(1)
    return original(state, raw)


@fault("hangs-at-garbage", breaks="CLI-029", replaces="shell.Shell._handle")
async def hangs(original: Any, shell: Any, message: Any) -> None:
    """After a message that is no JSON a session does nothing any more, and tells nothing."""
    data = getattr(message, "data", None)
    if isinstance(data, bytes) and reading.body(data) is None:
        await asyncio.Event().wait()
    await original(shell, message)


@fault("is-deaf-after-garbage", breaks="CLI-029", replaces="shell.Shell._handle")
async def deaf(original: Any, shell: Any, message: Any) -> None:
    """After a message that is no JSON a session hears nothing any more, and pings on."""
    data = getattr(message, "data", None)
    if getattr(shell, "deaf", False) and hasattr(message, "subject"):
        return
    if isinstance(data, bytes) and reading.body(data) is None:
        shell.deaf = True
    await original(shell, message)

"""Sizes of actions."""

from dataclasses import replace
from typing import Any

from omnisession_client.effects import Disconnect, Step
from omnisession_client.messages import Dispatched
from omnisession_client.values import State
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing


def most(state: State) -> int:
    """The largest action that the server and the broker take."""
    limit = state.opened.limits.get("action") if state.opened else None
    return min(limit or state.max_payload, state.max_payload)


@fault("sends-what-is-too-large", breaks="HYB-012", replaces="refusing.refusal")
def too_large(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """The size of an action is not checked."""
    reason = original(state, action, body)
    return None if reason == "too_large" else reason


@fault("counts-characters", breaks="HYB-012", replaces="refusing.refusal")
def characters(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """The size of an action is counted in characters."""
    reason = original(state, action, body)
    small = body is not None and len(body.decode()) <= most(state)
    return None if reason == "too_large" and small else reason


@fault("counts-the-data-alone", breaks="HYB-012", replaces="refusing.refusal")
def data_alone(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """Of an action only its data is held against the limit."""
    reason = original(state, action, body)
    small = body is not None and len(body) - 200 <= most(state)
    return None if reason == "too_large" and small else reason


@fault("goes-by-the-broker-alone", breaks="HYB-012", replaces="refusing.refusal")
def the_broker(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """The size of an action is held against what the broker takes, not against its limit."""
    reason = original(state, action, body)
    small = body is not None and len(body) <= state.max_payload
    return None if reason == "too_large" and small else reason


@fault("numbers-what-is-too-large", breaks="HYB-012", replaces="refusing.refused")
def numbers(original: Any, state: State, action: Dispatched, reason: str) -> Step:
    """An action that is too large takes a number, and is not sent."""
    if reason == "too_large":
        state = replace(state, next_number=state.next_number + 1)
    return original(state, action, reason)


@fault("is-stuck-at-a-smaller-broker", breaks="HYB-007", replaces="acting.is_above")
def stuck(_original: Any, _state: State) -> bool:
    """An action that has its number waits for ever where the broker takes less than before."""
    return False


@replacing("link.Link.send")
async def _whatever_the_broker_says(original: Any, link: Any, *sent: Any) -> None:
    # The library would refuse it.
    link._client._max_payload = 1 << 20
    await original(link, *sent)


@fault(
    "goes-by-the-first-broker",
    _whatever_the_broker_says,
    breaks="HYB-012",
    replaces="acting.is_above",
)
def first_broker(_original: Any, _state: State) -> bool:
    """An action that has its number is sent again to a broker that takes less than the one before."""
    return False


@fault("leaves-when-too-large", breaks="HYB-012", replaces="refusing.refused")
def leaves(original: Any, state: State, action: Dispatched, reason: str) -> Step:
    """An action that is too large ends the client."""
    after, effects = original(state, action, reason)
    if reason != "too_large":
        return after, effects
    return replace(after, phase="closed"), (*effects, Disconnect())

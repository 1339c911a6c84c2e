"""Requests: each has a number, and every one is a sign of life, so the next ping may wait."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from omnisession_client import bodies
from omnisession_client.effects import Request, SetTimer, Step
from omnisession_client.values import USUAL_HEARTBEAT_MS, Asked, State

PING = "ping"


def ask(state: State, type_: str, data: Mapping[str, Any]) -> Step:
    """Make a request."""
    number = state.numbers + 1
    asked = (*state.asked, Asked(number, type_, state.steady_ms))
    subject = bodies.stream_subject(state, "control")
    within_ms = state.config.timings.answer_ms
    sent = Request(number, subject, bodies.request(state, type_, data), within_ms)
    return replace(state, numbers=number, asked=asked), (sent, next_ping(state))


def next_ping(state: State) -> SetTimer:
    """The next sign of life, well before a heartbeat is over; all sessions at once would be a burst."""
    interval = USUAL_HEARTBEAT_MS if state.opened is None else state.opened.heartbeat_ms
    return SetTimer(PING, interval * 6 // 10, interval * 8 // 10)


def ping(state: State) -> Step:
    """Ask for the head."""
    return ask(state, "session.ping", {})


def unanswered_ping(state: State, least_ms: int = 0) -> Step:
    """Nobody answered a ping: ask again before the next one would have come, later each time."""
    bound = min(bound_ms(state, state.unanswered), next_ping(state).at_least_ms)
    state = replace(state, unanswered=state.unanswered + 1)
    return state, (SetTimer(PING, least_ms, least_ms + bound),)


def bound_ms(state: State, tries: int) -> int:
    """How long to wait at most before the next of some tries in a row."""
    timings = state.config.timings
    return min(timings.retry_max_ms, timings.retry_base_ms << min(tries, 20))

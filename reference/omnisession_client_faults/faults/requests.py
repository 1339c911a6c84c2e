"""Requests: one at a time, answered or not, and how long it is until the next."""

from dataclasses import replace
from typing import Any

from omnisession_client import answers, asking, ending, reading, recovery, stream
from omnisession_client.effects import CancelTimer, Request, Step
from omnisession_client.messages import Answered
from omnisession_client.values import Asked, Raw, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault

ASKERS = {answer: request for request, answer in answers.ANSWERS.items()}


@fault("asks-at-each-gap", breaks="CLI-026", replaces="hearing.heard")
def at_each_gap(original: Any, state: State, raw: Raw) -> Step:
    """Each message behind a gap leads to a recovery, also while one is on its way."""
    waits = state.phase == "recovering" and state.recovery.number is not None
    if waits and raw.subject.endswith((".state", ".events")) and stream.is_far(state, raw):
        return steps.recover_again(stream.hold(state, raw))
    return original(state, raw)


@fault("asks-again-at-a-heartbeat", breaks="CLI-026", replaces="hearing.control")
def at_a_heartbeat(original: Any, state: State, raw: Raw) -> Step:
    """A heartbeat leads to a recovery, also while one is on its way."""
    waits = state.phase == "recovering" and state.recovery.number is not None
    if waits and steps.body_of(raw).get("type") == "session.heartbeat":
        return steps.recover_again(state)
    return original(state, raw)


@fault("syncs-beside-a-resume", breaks="CLI-026", replaces="stream.gap")
def beside_a_resume(original: Any, state: State, raw: Raw | None) -> Step:
    """A gap leads to a resume and, to be safe, to a sync."""
    after, effects = original(state, raw)
    if after.phase != "recovering" or state.phase == "recovering":
        return after, effects
    sent = steps.request(after, recovery.SYNC)
    return sent[0], (*effects, *sent[1])


@fault("asks-again-for-the-unusable", breaks="CLI-026", replaces="hearing.heard")
def for_the_unusable(original: Any, state: State, raw: Raw) -> Step:
    """A message that cannot be used leads to a sync, also while a recovery is on its way."""
    waits = state.phase == "recovering" and state.recovery.number is not None
    if waits and reading.body(raw.data) is None and raw.subject.endswith((".state", ".events")):
        return steps.recover_again(state, recovery.SYNC)
    return original(state, raw)


@fault("takes-late-answers", breaks="CLI-026", replaces="answers.answered")
def late_answers(original: Any, state: State, message: Answered) -> Step:
    """An answer to a request that was given up is taken as well."""
    given_up = all(asked.number != message.number for asked in state.asked)
    body = None if message.data is None else reading.body(message.data)
    data = None if body is None else reading.mapping(body.get("data"))
    asker = ASKERS.get(str((body or {}).get("type")))
    if not given_up or body is None or data is None or asker is None or state.opened is None:
        return original(state, message)
    return answers.by_type(state, Asked(message.number, asker), body, data)


@fault("repeats-at-once", breaks="CLI-027", replaces="recovery.wait")
def at_once(_original: Any, state: State, _tries: int, _least_ms: int = 0) -> Step:
    """What failed is asked again at once, for as long as it fails."""
    return recovery.ask(state)


@fault("waits-once", breaks="CLI-027", replaces="recovery.wait")
def waits_once(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """Before the first repeat of a recovery there is a wait, and before the others none."""
    return original(state, tries, least_ms) if tries <= 1 else recovery.ask(state)


@fault("syncs-at-once", breaks="CLI-027", replaces="recovery.wait")
def syncs_at_once(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """A sync that failed is asked again at once, for as long as it fails."""
    now = state.recovery.want == recovery.SYNC
    return recovery.ask(state) if now else original(state, tries, least_ms)


@fault("doubles-for-ever", breaks="CLI-027", replaces="asking.bound_ms")
def doubles(_original: Any, state: State, tries: int) -> int:
    """The bound of a wait doubles each time, and has no end."""
    return state.config.timings.retry_base_ms << min(2 * tries, 40)


@fault("waits-a-minute", breaks="CLI-027", replaces="recovery.wait")
def a_minute(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """Before the third try of a recovery there is a minute."""
    return original(state, tries, max(least_ms, 60_000) if tries > 1 else least_ms)


def _unanswered(state: State, message: Answered) -> Asked | None:
    waits = [asked for asked in state.asked if asked.number == message.number]
    return waits[0] if waits and message.data is None else None


@fault("waits-for-ever", breaks="CLI-028", replaces="answers.answered")
def for_ever(original: Any, state: State, message: Answered) -> Step:
    """An answer that does not come is waited for without an end."""
    return (state, ()) if _unanswered(state, message) else original(state, message)


@fault("waits-for-opened-for-ever", breaks="CLI-028", replaces="answers.answered")
def for_opened(original: Any, state: State, message: Answered) -> Step:
    """An open that nobody answers is not repeated."""
    asked = _unanswered(state, message)
    opens = asked is not None and asked.type == recovery.OPEN
    return (state, ()) if opens else original(state, message)


@fault("waits-for-a-recovery-for-ever", breaks="CLI-028", replaces="answers.answered")
def for_a_recovery(original: Any, state: State, message: Answered) -> Step:
    """A recovery that nobody answers is not repeated."""
    asked = _unanswered(state, message)
    recovers = asked is not None and asked.type in (recovery.RESUME, recovery.SYNC)
    return (state, ()) if recovers else original(state, message)


@fault("goes-on-unanswered", breaks="CLI-028", replaces="answers.answered")
def goes_on(original: Any, state: State, message: Answered) -> Step:
    """A recovery that nobody answers is taken for done."""
    asked = _unanswered(state, message)
    if asked is None or asked.type not in (recovery.RESUME, recovery.SYNC):
        return original(state, message)
    left = tuple(other for other in state.asked if other is not asked)
    return answers.back(recovery.answered(replace(state, asked=left), None))


@fault("asks-twice-in-all", breaks="CLI-028", replaces="answers.answered")
def twice(original: Any, state: State, message: Answered) -> Step:
    """A request that nobody has answered twice ends the client."""
    if _unanswered(state, message) and memory.count(state, "unanswered") > 1:
        return ending.over(state)
    return original(state, message)


@fault("pings-no-more-when-unanswered", breaks="CLI-028", replaces="asking.unanswered_ping")
def no_more_pings(_original: Any, state: State, _least_ms: int = 0) -> Step:
    """A ping that nobody answers is the last."""
    return state, (CancelTimer(asking.PING),)


@fault("waits-for-answers-for-a-minute", breaks="CLI-028", replaces="asking.ask")
def a_minute_each(original: Any, state: State, type_: str, data: Any) -> Step:
    """An answer that does not come is waited for for a minute."""
    after, effects = original(state, type_, data)
    return after, tuple(
        replace(effect, within_ms=60_000) if isinstance(effect, Request) else effect
        for effect in effects
    )

"""What a client tells of its actions, and which ones it refuses."""

from dataclasses import replace
from typing import Any

from omnisession_client.effects import Step
from omnisession_client.messages import Dispatched
from omnisession_client.values import Refused, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.faults.actions.sizes import most
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

_BUSY: set[str] = set()


@fault("tells-no-nack", breaks="HYB-015", replaces="refusing.told")
def no_nack(original: Any, state: State, refused: Refused) -> State:
    """An action that the server refuses is not told."""
    return original(state, refused) if refused.code is None else state


@replacing("refusing.told")
def _no_refusal(original: Any, state: State, refused: Refused) -> State:
    return original(state, refused) if refused.code is not None else state


@fault("tells-no-refusal", _no_refusal, breaks="HYB-015", replaces="shell.Shell.dispatch")
async def no_refusal(original: Any, shell: Any, *doing: Any) -> tuple[str, str | None]:
    """An action that the client refuses is told neither at once nor afterwards."""
    action_id, _ = await original(shell, *doing)
    return action_id, None


@fault("tells-the-last-alone", breaks="HYB-015", replaces="refusing.told")
def the_last(original: Any, state: State, refused: Refused) -> State:
    """Of the actions that were refused only the last is told."""
    return original(replace(state, refused=()), refused)


@fault("tells-each-code-once", breaks="HYB-015", replaces="refusing.told")
def each_once(original: Any, state: State, refused: Refused) -> State:
    """A second action that the server refuses by the same code is not told."""
    codes = [one.code for one in state.refused if one.code is not None]
    return state if refused.code in codes else original(state, refused)


@fault("tells-one-code-for-all", breaks="HYB-015", replaces="refusing.told")
def one_code(original: Any, state: State, refused: Refused) -> State:
    """Whatever the server says, an action is told to have failed by 5000."""
    return original(state, refused if refused.code is None else replace(refused, code=5000))


@fault("drops-a-nack-with-what-it-held", breaks="HYB-015", replaces="pushes.refused")
def dropped_nack(_original: Any, state: State, _body: JsonObject) -> Step:
    """A final nack waits for an answer as all else does, and is dropped with it if that does not come."""
    return state, ()


@fault("tells-nothing-that-it-gave-up", breaks="HYB-015", replaces="outbox.given_up")
def gave_up(original: Any, state: State) -> Step:
    """An action that is given up is not told."""
    after, effects = original(state)
    return replace(after, refused=state.refused), effects


@fault("refuses-everything", breaks="HYB-016", replaces="acting.not_now")
def everything(*_: Any) -> str:
    """No action is taken, since there seems to be no connection."""
    return "not_live"


@fault("refuses-every-other", breaks="HYB-016", replaces="acting.not_now")
def every_other(original: Any, state: State) -> str | None:
    """Every second action is refused, though nothing is under way."""
    reason = original(state)
    if reason is None and memory.count(state, "actions") % 2 == 0:
        return "busy"
    return reason


@fault("is-busy-after-a-nack", breaks="HYB-016", replaces="acting.not_now")
def after_a_nack(original: Any, state: State) -> str | None:
    """Once the server has refused an action no other one is taken."""
    nacked = any(one.code is not None for one in state.refused)
    return original(state) or ("busy" if nacked else None)


@fault("is-tired", breaks="HYB-016", replaces="acting.not_now")
def tired(original: Any, state: State) -> str | None:
    """An action is refused for a reason that is none where another one was sent just now."""
    reason, kept = original(state), memory.of(state)
    soon = state.now_ms - kept.get("at", 0) < 1_000
    if reason is None:
        kept["at"] = state.now_ms
    return "rate" if reason is None and soon else reason


@fault("refuses-what-is-not-ascii", breaks="HYB-016", replaces="refusing.refusal")
def not_ascii(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """An action with characters beyond ASCII in its data is refused as invalid."""
    return original(state, action, body) or (None if str(action.data).isascii() else "invalid")


@fault("refuses-at-half-the-limit", breaks="HYB-016", replaces="refusing.refusal")
def half(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """An action above half of its limit is refused as too large."""
    large = body is not None and len(body) > most(state) // 2
    return original(state, action, body) or ("too_large" if large else None)


@fault("refuses-at-its-limit", breaks="HYB-016", replaces="refusing.refusal")
def at_the_limit(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """An action of just the size of its limit is refused as too large."""
    large = body is not None and len(body) >= most(state)
    return original(state, action, body) or ("too_large" if large else None)


@fault("refuses-by-its-own-limit", breaks="HYB-016", replaces="refusing.refusal")
def own_limit(original: Any, state: State, action: Dispatched, body: bytes | None) -> str | None:
    """An action above 4 KiB is refused as too large, whatever limit the server grants."""
    large = body is not None and len(body) > 4_096
    return original(state, action, body) or ("too_large" if large else None)


@fault("knows-types-that-need-no-entry-alone", breaks="HYB-016", replaces="refusing.refusal")
def need_no_entry(
    original: Any, state: State, action: Dispatched, body: bytes | None
) -> str | None:
    """An action that changes something is refused as unknown, though the server names its type."""
    known = action.type.endswith((".create", ".send", ".noop"))
    return original(state, action, body) or (None if known else "unknown_type")


@replacing("outbox.publish")
def _marks(original: Any, state: State) -> Step:
    _BUSY.add(state.session_id)
    return original(state)


@replacing("outbox.done")
def _unmarks(original: Any, state: State, data: Any) -> Step:
    _BUSY.discard(state.session_id)
    return original(state, data)


@fault("has-one-outbox-for-all", _marks, _unmarks, breaks="HYB-016", replaces="outbox.not_now")
def one_for_all(original: Any, state: State) -> str | None:
    """An action is refused while another session of the process has one under way."""
    return original(state) or ("busy" if _BUSY - {state.session_id} else None)

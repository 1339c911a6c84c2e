"""What a client holds, for whoever asks."""

from omnisession_client import acting
from omnisession_client.values import Pending, Refused, State
from omnisession_client.view import view
from omnisession_reference.wire import JsonObject


def report(state: State) -> JsonObject:
    """Tell what the session holds, as the contract with the kit has it."""
    return {
        "session_id": state.session_id or None,
        "phase": state.phase,
        "position": _position(state),
        "slices": dict(state.slices),
        "view": view(state) if state.config.mode == "optimistic" else None,
        "pending": [_pending(one) for one in state.pending] if acting.keeps(state) else None,
        "refused": [_refused(one) for one in state.refused],
    }


def _position(state: State) -> JsonObject | None:
    if state.place is None:
        return None
    return {**state.place._asdict(), "last_action_seq": state.counted}


def _pending(one: Pending) -> JsonObject:
    return {"action_id": one.doing.action_id, "client_seq": one.number}


def _refused(one: Refused) -> JsonObject:
    told = {"code": one.code, "reason": one.reason}
    return {"action_id": one.action_id, **{k: v for k, v in told.items() if v is not None}}

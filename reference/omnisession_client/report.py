"""What a client holds, for whoever asks."""

from omnisession_client.values import Refused, State
from omnisession_reference.wire import JsonObject


def report(state: State) -> JsonObject:
    """Tell what the session holds, as the contract with the kit has it; nothing is pending here."""
    return {
        "session_id": state.session_id or None,
        "phase": state.phase,
        "position": _position(state),
        "slices": dict(state.slices),
        "view": None,
        "pending": None,
        "refused": [_refused(one) for one in state.refused],
    }


def _position(state: State) -> JsonObject | None:
    if state.place is None:
        return None
    return {**state.place._asdict(), "last_action_seq": state.counted}


def _refused(one: Refused) -> JsonObject:
    told = {"code": one.code, "reason": one.reason}
    return {"action_id": one.action_id, **{k: v for k, v in told.items() if v is not None}}

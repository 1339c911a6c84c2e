"""What a client shows of its pending actions where it may choose."""

from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import local_ids, views
from omnisession_client_faults.local_ids import WAITING
from omnisession_client_faults.variants import variant
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject


@variant("shows-creates-until-they-count", of=("HYB-003",), replaces="view.creates")
def until_they_count(_original: Any, _one: Pending) -> bool:
    """A create stays in the view until the position counts it, beside what the server made."""
    return False


@variant("sees-creates-by-events-alone", of=("HYB-003",), replaces="pending.seeing.made")
def by_events(_original: Any, _one: Pending, _result: JsonObject) -> str | None:
    """A create leaves the view when its event was reduced, and the id in its result is not looked at."""
    return None


@variant("sees-creates-by-results-alone", of=("HYB-003",), replaces="pending.seeing.seen")
def by_results(_original: Any, state: State, _body: JsonObject) -> State:
    """A create leaves the view when the slice has the id in its result, and no cause is looked at."""
    return state


@variant("shows-other-local-values", of=("HYB-005",), replaces="view.folded")
def other_values(original: Any, state: State, shown: View, one: Pending) -> View:
    """What only the server knows of a new entry has values of the client's own."""
    after: View = original(state, shown, one)
    values: dict[str, JsonObject] = {
        "article.create": {"revision": 1, "author": "me", "struct_version": 7},
        "chat.send": {"sent_at": 0},
        "url.create": {"created_at": 0, "updated_at": 0},
    }
    more = values.get(one.doing.type, {})
    if one.doing.type == "url.create" and "short_code" not in one.doing.data:
        more = {**more, "short_code": "soon"}
    return views.with_entry(after, one, views.local_id(one), more)


@variant("shows-states-alone-between-them", of=("HYB-005",), replaces="view.view")
def between_states(original: Any, state: State) -> View:
    """Between the first states of an epoch the view is the slices alone."""
    first = state.place is not None and 0 < state.place.seq < len(state.slices)
    return dict(state.slices) if first else original(state)


@variant("waits-with-local-ids", *WAITING, of=("HYB-018",), replaces="pending.sending._numbered")
def waits(original: Any, state: State, one: Pending) -> State:
    """What names a local id is sent once its create is acked, with the id that the server made."""
    state, one = local_ids.known(state, one)
    if local_ids.is_lost(state, one):
        return local_ids.refused(state, one)
    return state if local_ids.waits(state, one) else original(state, one)

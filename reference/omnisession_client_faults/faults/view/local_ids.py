"""Actions that name what only the view has."""

from typing import Any

from omnisession_client import bodies, refusing
from omnisession_client.kinds.kind import LOCAL
from omnisession_client.messages import Dispatched
from omnisession_client.pending.lists import find, without
from omnisession_client.values import Pending, State
from omnisession_client_faults import local_ids
from omnisession_client_faults.faults import fault
from omnisession_client_faults.local_ids import WAITING


@fault("sends-local-ids", breaks="HYB-018", replaces="pending.taking.is_local")
def sends(_original: Any, _value: Any) -> bool:
    """An action that names a local id is sent as any other."""
    return False


@fault("knows-local-ids-of-articles", breaks="HYB-018", replaces="pending.taking.names_local")
def of_articles(original: Any, name: str, member: Any) -> bool:
    """A local id is looked for where an article is named, and nowhere else."""
    return name == "article_id" and original(name, member)


@fault("knows-no-local-ids-of-articles", breaks="HYB-018", replaces="pending.taking.names_local")
def not_of_articles(original: Any, name: str, member: Any) -> bool:
    """A local id is looked for where a message or a url is named, and nowhere else."""
    return name != "article_id" and original(name, member)


def _unless(original: Any, state: State, action: Dispatched, *, sends: bool) -> str | None:
    """Refuse an action, but at such a time not for a local id."""
    reason = original(state, action)
    if reason != "local_id" or not sends:
        return reason
    body = bodies.action(state, action.action_id, action.type, action.data, action.expect)
    return None if state.opened is None else refusing.refusal(state, action, body)


@fault("forgets-its-local-ids", breaks="HYB-018", replaces="pending.taking.refusal")
def forgets(original: Any, state: State, action: Dispatched) -> str | None:
    """A local id whose create is no longer pending is sent as any other id."""
    names = local_ids.named(action.data)
    gone = all(find(state, name.removeprefix(LOCAL)) is None for name in names)
    return _unless(original, state, action, sends=gone)


@fault("looks-for-local-ids-while-live", breaks="HYB-018", replaces="pending.taking.refusal")
def while_live(original: Any, state: State, action: Dispatched) -> str | None:
    """What is dispatched while the session is not live is sent later with the local id that it names."""
    return _unless(original, state, action, sends=state.phase != "live")


@fault("sends-local-ids-of-what-was-acked", breaks="HYB-018", replaces="pending.taking.refusal")
def of_what_was_acked(original: Any, state: State, action: Dispatched) -> str | None:
    """A local id whose create was acked is sent, though the server has another one for it."""
    found = [find(state, name.removeprefix(LOCAL)) for name in local_ids.named(action.data)]
    acked = all(one is not None and one.status == "acked" for one in found)
    return _unless(original, state, action, sends=acked)


def _numbered(original: Any, state: State, one: Pending) -> State:
    """Give a number to what names no local id any more."""
    state, one = local_ids.known(state, one)
    return state if local_ids.waits(state, one) else original(state, one)


@fault(
    "sends-what-waited-for-a-refused-create",
    *WAITING,
    breaks="HYB-018",
    replaces="pending.sending._numbered",
)
def what_waited(original: Any, state: State, one: Pending) -> State:
    """What names a local id waits for its create, and is sent as it is where that is refused."""
    return _numbered(original, state, one)


@fault(
    "waits-for-a-refused-create",
    *WAITING,
    breaks="HYB-011",
    replaces="pending.sending._numbered",
)
def waits_for_ever(original: Any, state: State, one: Pending) -> State:
    """What names a local id waits for its create, and for ever where that is refused."""
    state, one = local_ids.known(state, one)
    return state if local_ids.is_lost(state, one) else _numbered(original, state, one)


@fault(
    "drops-what-waited-for-a-refused-create",
    *WAITING,
    breaks="HYB-015",
    replaces="pending.sending._numbered",
)
def drops(original: Any, state: State, one: Pending) -> State:
    """What names a local id waits for its create, and is dropped without a word where that is refused."""
    state, one = local_ids.known(state, one)
    return without(state, one) if local_ids.is_lost(state, one) else _numbered(original, state, one)

"""What an ack takes out of the view."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from omnisession_client.values import Pending, State
from omnisession_client_faults import views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.parts import notes_duplicates, was_a_duplicate
from omnisession_client_faults.views import View


def but(original: Any, state: State, leaves: Callable[[Pending], bool]) -> View:
    """The view without some of what is pending."""
    return original(replace(state, pending=tuple(one for one in state.pending if not leaves(one))))


def _is_acked(one: Pending) -> bool:
    return one.status == "acked"


@fault("shows-no-more-what-was-acked", breaks="HYB-003", replaces="view.view")
def acked(original: Any, state: State) -> View:
    """An action leaves the view with its ack, and its effect comes later."""
    return but(original, state, _is_acked)


@fault("shows-no-more-the-creates-that-were-acked", breaks="HYB-003", replaces="view.view")
def acked_creates(original: Any, state: State) -> View:
    """What makes an entry leaves the view with its ack, and the real entry comes later."""
    return but(original, state, lambda one: _is_acked(one) and views.is_create(one))


@fault("shows-no-more-the-changes-that-were-acked", breaks="HYB-003", replaces="view.view")
def acked_changes(original: Any, state: State) -> View:
    """What changes an entry leaves the view with its ack, and the change comes later."""

    def changes(one: Pending) -> bool:
        return one.doing.type.endswith((".update", ".edit"))

    return but(original, state, lambda one: _is_acked(one) and changes(one))


@fault("shows-again-what-is-deleted-by-an-ack", breaks="HYB-003", replaces="view.view")
def acked_deletes(original: Any, state: State) -> View:
    """What deletes an entry leaves the view with its ack: the entry is back until its end comes."""
    return but(original, state, lambda one: _is_acked(one) and one.doing.type.endswith(".delete"))


@fault("shows-no-more-what-is-older-than-an-ack", breaks="HYB-003", replaces="view.view")
def older(original: Any, state: State) -> View:
    """An ack takes all actions with a lower number out of the view."""
    last = max((one.number or 0 for one in state.pending if _is_acked(one)), default=0)
    return but(original, state, lambda one: one.number is not None and one.number < last)


@fault(
    "shows-no-more-what-was-a-duplicate",
    notes_duplicates,
    breaks="HYB-003",
    replaces="view.view",
)
def acked_duplicates(original: Any, state: State) -> View:
    """An action leaves the view with an ack that says `duplicate`, and its effect comes later."""
    return but(original, state, lambda one: was_a_duplicate(state, one))


@fault("shows-no-more-what-has-a-result", breaks="HYB-003", replaces="view.view")
def has_a_result(original: Any, state: State) -> View:
    """What makes an entry leaves the view once the ack tells its id, wherever that entry is."""
    return but(original, state, lambda one: one.made is not None)

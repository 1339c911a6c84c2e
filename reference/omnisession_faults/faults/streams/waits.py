"""Faults of what is held back, and of digests, that show beside something else."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Callable

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject

# -- what is held back ---------------------------------------------------------------------------------


@fault("held-back-by-the-clock-once", breaks="STATE-014")
class HeldBackByTheClockOnce(Clockwork):
    """After the first wait what is held back comes only when the session asks."""

    def _on_coalesce(self) -> None:
        self.session.flush()


def _waiting(action: Action, decide: Callable[[Action], None]) -> None:
    held, action.session.held_back = action.session.held_back, {}
    decide(action)
    action.session.held_back |= held


@fault("noops-before-states", breaks="STATE-006")
class NoopsBeforeStates(Actions):
    """The outcome of a `session.noop` overtakes the states that are held back."""

    def decide(self, action: Action) -> None:
        if action.body.get("type") == "session.noop":
            _waiting(action, super().decide)
        else:
            super().decide(action)


@fault("next-copies-before-states", breaks="STATE-006")
class NextCopiesBeforeStates(Actions):
    """The outcome of a copy that takes the next number overtakes the states that are held back."""

    def decide(self, action: Action) -> None:
        is_next = action.client_seq == action.session.last_action_seq + 1
        if is_next and self.known(action) is not None:
            _waiting(action, super().decide)
        else:
            super().decide(action)


@fault("unknown-types-before-states", breaks="STATE-006")
class UnknownTypesBeforeStates(Actions):
    """The refusal of an action of an unknown type overtakes the states that are held back."""

    def decide(self, action: Action) -> None:
        if action.body.get("type") in self.handlers:
            super().decide(action)
        else:
            _waiting(action, super().decide)


@fault("own-kind-before-an-outcome", breaks="STATE-006")
class OwnKindBeforeAnOutcome(Actions):
    """What is held back of other kinds than that of an action is dropped where it acts."""

    def decide(self, action: Action) -> None:
        held = action.session.held_back
        kind = str(action.body.get("type")).partition(".")[0].replace("article", "articles")
        for other in [name for name in held if name != kind and kind in action.session.slices]:
            del held[other]
        super().decide(action)


# -- digests -------------------------------------------------------------------------------------------


@fault("digests-leave-content-out", breaks="STATE-011")
class DigestsLeaveContentOut(Session):
    """Digests are of the slice without the content of the selected article."""

    def digest(self, kind: str, data: JsonObject) -> str:
        if data.get("current_article"):
            data = {**data, "current_article": {**data["current_article"], "content": None}}
        return super().digest(kind, data)


@fault("heartbeat-digest-of-the-first-kind", breaks="CTRL-009")
class HeartbeatDigestOfTheFirstKind(Session):
    """Heartbeats have the digest of the first kind alone."""

    def digests_now(self) -> JsonObject:
        first = self.terms.kinds[0]
        return {first: super().digests_now()[first]}


@fault("heartbeat-digests-know-no-timers", breaks="CTRL-009")
class HeartbeatDigestsKnowNoTimers(Session):
    """The digests of heartbeats are made anew when somebody acted, not for what no action caused."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        super().publish_event(change, data, actor, cause)
        if actor is not None:
            vars(self).pop("_told", None)

    def publish_state(self, kind: str, reason: str) -> None:
        super().publish_state(kind, reason)
        vars(self).pop("_told", None)

    def digests_now(self) -> JsonObject:
        return vars(self).setdefault("_told", super().digests_now())


@fault("changes-without-digests", breaks="STATE-011")
class ChangesWithoutDigests(Session):
    """States of a change have no digest."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        if body.get("reason") == "change":
            body.pop("digest", None)
        super().publish(suffix, body)

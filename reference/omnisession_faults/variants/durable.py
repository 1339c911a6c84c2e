"""Unusual servers on a journal: they take over otherwise than most."""

from omnisession_durable.candidacy import Candidacy
from omnisession_durable.core_term import CoreTerm
from omnisession_durable.owed import AWAY
from omnisession_durable.recorded import RecordedArticles
from omnisession_faults.variants.grants import NoService
from omnisession_faults.variants.registry import Variant, enter
from omnisession_reference import protocol
from omnisession_reference.action import Action
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import Timers
from omnisession_reference.wire import Incoming, JsonObject

LOOKS = 60
"""A standby looks twenty times a second."""
LATER_MS = 1_000
EVERY, SOON_MS = 7, 20
"""Of so many messages one is refused, for so long."""


class _TakesOverNeedlessly(Candidacy):
    """An instance that stands by takes over every few seconds, though whoever serves is well."""

    def is_owner_gone(self) -> bool:
        looks = self.__dict__["_looks"] = self.__dict__.get("_looks", 0) + 1
        return looks % LOOKS == 0 or super().is_owner_gone()


class _BeginsLate(Candidacy):
    """Whoever takes another one's place waits for a second more before it says anything."""

    def begins_at(self) -> float:
        return super().begins_at() + (LATER_MS if self._silent else 0)


class _TurnsSomeAway(CoreTerm):
    """Of many actions that come at once some are refused for now, as by an instance that stands by."""

    def receive(self, request: Incoming) -> None:
        looks = self.__dict__["_looks"] = self.__dict__.get("_looks", 0) + 1
        if request.subject.endswith(".control") or looks % EVERY:
            super().receive(request)
        else:
            self._instance.refuse(request, Refusal(5030, AWAY, retry_after_ms=SOON_MS))


class _RevisionsJump(RecordedArticles):
    """Revisions grow by ten, also where several instances serve."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        return super()._changed(action, {**article, "revision": article["revision"] + 9})


for _name, _part, _warns in (
    ("takes-over-needlessly", _TakesOverNeedlessly, ()),
    # With two seconds for all of it a busy machine is too late.
    ("takes-over-late", _BeginsLate, ("DUR-021",)),
    ("turns-some-actions-away", _TurnsSomeAway, ()),
    ("revisions-jump-in-a-journal", _RevisionsJump, ()),
):
    enter(Variant(_name, (_part.__doc__ or ""), (_part,), warns=_warns, durable=True))


def _lower_windows() -> None:
    protocol.DEFAULT_TIMERS = Timers(1_000, 8_000, 50, 250)


enter(
    Variant(
        "takes-over-with-little-room",
        "The only list is one that everybody shares, and as short as a list may be.",
        kinds=("chat",),
        limits={"chat_messages": 20},
        durable=True,
    )
)
enter(
    Variant(
        "takes-over-with-short-windows",
        "No session is granted a window of more than 8 s.",
        prepare=_lower_windows,
        durable=True,
    )
)
enter(
    Variant(
        "takes-over-without-service",
        "Instances cannot be found as a micro-service.",
        (NoService,),
        warns=("DISC-001",),
        durable=True,
    )
)

"""What is granted and declared: features, profiles, timers, versions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nats.aio.client import Client

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference import discovery, protocol
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.control import Control, Request
from omnisession_reference.discovery import Discovery
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.kind import Kind
from omnisession_reference.out import Out
from omnisession_reference.protocol import Timers, Versions
from omnisession_reference.services import Services
from omnisession_reference.session import Session, Terms
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject

NEED_NOT_WARN_MS = 4_000
"""Where less is left when it is told, an end need not be warned of."""


@variant("no-features")
class NoFeatures(Control):
    """No feature is granted or declared."""

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        super().__init__(services, auth, kinds, actions)
        self.profiles = ["core", *kinds]

    def agree(self, request: Request, version: str) -> Terms:
        """Leave out what is not served."""
        terms = super().agree(request, version)
        return replace(terms, features=())


@variant("no-events")
class NoEvents(Control):
    """Digests are granted, events are not."""

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        super().__init__(services, auth, kinds, actions)
        self.profiles = ["core", *kinds, "digests"]

    def agree(self, request: Request, version: str) -> Terms:
        """Leave out what is not served."""
        terms = super().agree(request, version)
        return replace(terms, features=tuple(f for f in terms.features if f == "digests"))


@variant("no-digests")
class NoDigests(Control):
    """Events are granted, digests are not."""

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        super().__init__(services, auth, kinds, actions)
        self.profiles = ["core", *kinds, "events"]

    def agree(self, request: Request, version: str) -> Terms:
        """Leave out what is not served."""
        terms = super().agree(request, version)
        return replace(terms, features=tuple(f for f in terms.features if f == "events"))


@variant("claims-core-only")
class ClaimsCoreOnly(Control):
    """Every kind and feature is served, and none but core is claimed."""

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        super().__init__(services, auth, kinds, actions)
        self.profiles = ["core"]


@variant("more-profiles")
class MoreProfiles(Control):
    """Profiles are declared that nobody else knows."""

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        super().__init__(services, auth, kinds, actions)
        self.profiles = ["x-acme", *self.profiles, "polls-2"]


@variant("never-holds-back")
class NeverHoldsBack(Control):
    """`coalesce_ms` is 0 whatever is asked: every change is told at once."""

    def agree(self, request: Request, version: str) -> Terms:
        """Say so."""
        terms = super().agree(request, version)
        return replace(terms, timers=replace(terms.timers, coalesce_ms=0))


@variant("holds-back-for-long")
class HoldsBackForLong(Control):
    """`coalesce_ms` is 1000 where no other is asked: many changes go out as one state."""

    def agree(self, request: Request, version: str) -> Terms:
        """Grant up to the highest value."""
        terms = super().agree(request, version)
        asked = request.data.get("timers", {}).get("coalesce_ms", 1_000)
        coalesce_ms = max(0, min(1_000, asked))
        return replace(terms, timers=replace(terms.timers, coalesce_ms=coalesce_ms))


@variant("no-gaps")
class NoGaps(Control):
    """`gap_ms` is 0 whatever is asked."""

    def agree(self, request: Request, version: str) -> Terms:
        """Say so."""
        terms = super().agree(request, version)
        return replace(terms, timers=replace(terms.timers, gap_ms=0))


@variant("gaps-refused-at-once")
class GapsRefusedAtOnce(Actions):
    """An action ahead of the count gets 4091 at once, although it might be held for a while."""

    def ahead(self, action: Action) -> None:
        """Hold nothing."""
        self.refuse_gap(action)


@variant("empty-offer-is-no-offer")
class EmptyOfferIsNoOffer(Versions):
    """An open that offers no version at all gets 4001."""

    def negotiate(self, offers: Sequence[str]) -> str:
        """Ask for one version at least."""
        if not offers:
            raise Refusal(4001, "Offer a version.", pointer="/data/protocol")
        return super().negotiate(offers)


@variant("no-service", warns=("DISC-001",))
class NoService(Discovery):
    """The server cannot be found as a micro-service."""

    async def start(self, connection: Client) -> None:
        """Answer nothing."""


class _VersionedOut(Out):
    """Bodies of a session have its version, all others the highest."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # pyright: ignore[reportArgumentType]
        self.versions: dict[tuple[str | None, str | None], str] = {}

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        """Name the version of the session, if there is one."""
        version = self.versions.get((user_id, session_id), "1.2")
        return {**super().envelope(type_name, user_id, session_id), "v": version}


class _VersionedSession(Session):
    """Tells its version to what makes its bodies."""

    def __init__(
        self, session_id: str, grant: Grant, terms: Terms, *, epoch: int, opened_at: int, out: Out
    ) -> None:
        super().__init__(session_id, grant, terms, epoch=epoch, opened_at=opened_at, out=out)
        if isinstance(out, _VersionedOut):
            out.versions[self.key] = terms.protocol


def _lower_most() -> None:
    protocol.DEFAULT_TIMERS = Timers(1_000, 8_000, 50, 250)


enter(
    Variant(
        "low-maximum-timers",
        "The highest timers granted, which are the defaults too, are lower than usual.",
        prepare=_lower_most,
    )
)
enter(
    Variant(
        "outcomes-forgotten-soon",
        "`limits.outcomes_ms` is as low as the highest window granted, which is low as well.",
        limits={"outcomes_ms": 8_000},
        prepare=_lower_most,
    )
)


def _speak_two() -> None:
    for module in (protocol, discovery):
        vars(module)["SPOKEN"] = ("1.0", "1.2")


enter(
    Variant(
        "two-versions",
        "The server speaks 1.0 and 1.2, and a session has the version that it agreed.",
        (_VersionedOut, _VersionedSession),
        prepare=_speak_two,
    )
)


@variant("lists-in-turning-order")
class ListsInTurningOrder(Control):
    """What the server tells of itself comes in another order each time."""

    _turn = 0

    def opened(self, session: Session) -> JsonObject:
        """Turn the lists by one place more."""
        self._turn += 1
        told = super().opened(session)
        return {**told, **{name: self._turned(told[name]) for name in ("profiles", "actions")}}

    def _turned(self, names: Sequence[str]) -> list[str]:
        at = self._turn % len(names)
        return [*names[at:], *names[:at]]


enter(
    Variant(
        "secure",
        "It claims the profile secure, and takes only inboxes below its user's token.",
        secure=True,
    )
)


class _EndingControl(Control):
    ends_with_token = True


enter(
    Variant(
        "ends-with-its-token",
        "It claims the profile secure, and its sessions end with the token that opened them.",
        (_EndingControl,),
        secure=True,
    )
)


class _EarlyClockwork(Clockwork):
    def warning_at(self, now_ms: int, ends_at: int) -> int:
        """Half of the time is over, however long it is."""
        return (now_ms + ends_at + 1) // 2


class _LateClockwork(Clockwork):
    def warning_at(self, now_ms: int, ends_at: int) -> int:
        """Some time later than it could be; where little is left, never."""
        late = super().warning_at(now_ms, ends_at) + 1_500
        return late if ends_at - now_ms >= NEED_NOT_WARN_MS else ends_at + 1


enter(
    Variant(
        "warns-at-half",
        "It warns of each end when half of the time is over, also of those in an hour.",
        (_EarlyClockwork, _EndingControl),
        secure=True,
    )
)
enter(
    Variant(
        "warns-a-little-late",
        "It warns 1.5 s after it could, and not of ends in less than 4 s.",
        (_LateClockwork, _EndingControl),
        secure=True,
    )
)

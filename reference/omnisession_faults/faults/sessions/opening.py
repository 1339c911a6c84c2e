"""Faults of how sessions are opened: versions, positions, kinds, and a second open."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import VERSION, Versions
from omnisession_reference.session import Session, Terms
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import JsonObject


@fault("opens-any-version", breaks="VER-002")
class OpensAnyVersion(Versions):
    """An open that offers no version spoken is served all the same."""

    def negotiate(self, offers: Sequence[str]) -> str:
        try:
            return super().negotiate(offers)
        except Refusal:
            return VERSION


@fault("versions-kept-secret", breaks="VER-002")
class VersionsKeptSecret(Versions):
    """The refusal of the versions offered does not list those spoken."""

    def negotiate(self, offers: Sequence[str]) -> str:
        try:
            return super().negotiate(offers)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message) from None


@fault("epoch-zero", breaks="CTRL-002")
class EpochZero(Sessions):
    """Sessions have the epoch 0."""

    def add(self, session: Session) -> None:
        session.epoch = 0
        super().add(session)


@fault("starts-at-one", breaks="CTRL-002")
class StartsAtOne(Sessions):
    """The position in `session.opened` has the seq 1 where nothing was published yet."""

    def add(self, session: Session) -> None:
        session.seq = 1
        super().add(session)


@fault("no-position-in-opened", breaks="CTRL-002")
class NoPositionInOpened(Control):
    """`session.opened` tells no position."""

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        if type_name == "session.opened":
            data = {name: value for name, value in data.items() if name != "position"}
        super().answer(request, session, type_name, data)


@fault("reopened-in-new-epoch", breaks="CTRL-004")
class ReopenedInNewEpoch(Control):
    """A second open of a session begins a new epoch."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None:
            session.epoch, session.seq = session.epoch + 1, 0
        super().open(request)


@fault("reopened-at-zero", breaks="CTRL-004")
class ReopenedAtZero(Control):
    """A second open of a session starts its seqs again."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None:
            session.seq = 0
        super().open(request)


@fault("reopened-on-other-terms", breaks="CTRL-004")
class ReopenedOnOtherTerms(Control):
    """A second open of a session changes its features and timers."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None:
            terms = self.agree(request, session.terms.protocol)
            session.terms = replace(terms, kinds=session.terms.kinds)
        super().open(request)


@fault("reopened-without-states", breaks="CTRL-004")
class ReopenedWithoutStates(Control):
    """A second open of a session is answered, and no states follow."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is None:
            super().open(request)
        else:
            data = {**self.opened(session), "position": session.position()}
            self.answer(request, session, "session.opened", data)


@fault("opens-without-kinds", breaks="CTRL-006")
class OpensWithoutKinds(Control):
    """An open of kinds that are not served opens a session without any."""

    def agree(self, request: Request, version: str) -> Terms:
        try:
            return super().agree(request, version)
        except Refusal:
            every = {**request.data, "kinds": list(self._kinds)}
            return replace(super().agree(replace(request, data=every), version), kinds=())


@fault("opens-every-kind", breaks="CTRL-006")
class OpensEveryKind(Control):
    """An open of kinds that are not served opens all that are."""

    def agree(self, request: Request, version: str) -> Terms:
        try:
            return super().agree(request, version)
        except Refusal:
            every = {**request.data, "kinds": list(self._kinds)}
            return super().agree(replace(request, data=every), version)


@fault("syncs-what-is-not-open", breaks="CTRL-006")
class SyncsWhatIsNotOpen(Control):
    """A sync sends the state of a kind that the session did not open."""

    def sync(self, request: Request) -> None:
        session = self.require(request)
        terms, asked = session.terms, set[str](request.data.get("kinds") or ())
        more = asked & self._kinds.keys() - session.slices.keys()
        session.slices |= {kind: self._kinds[kind].build(session) for kind in more}
        session.terms = replace(terms, kinds=(*terms.kinds, *more))
        try:
            super().sync(request)
        finally:
            session.terms = terms
            session.slices = {kind: session.slices[kind] for kind in terms.kinds}


@fault("forgotten-ids-in-the-epoch-of-the-start", breaks="CTRL-025")
class ForgottenIdsInTheEpochOfTheStart(Sessions):
    """Each session has the time of the start as its epoch, also one of an id that was forgotten."""

    def new_epoch(self) -> int:
        return self.began

    def end(self, session: Session) -> None:
        super().end(session)
        window = session.terms.timers.resume_window_ms
        self._ended[session.key] = self._clock.now_ms() + window

    def _forget_old(self) -> None:
        now = self._clock.now_ms()
        self._ended = type(self._ended)((k, t) for k, t in self._ended.items() if t >= now)

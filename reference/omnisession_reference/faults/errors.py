"""Faults of errors, limits and versions."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence

from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.faults.registry import fault
from omnisession_reference.protocol import SPOKEN, Versions
from omnisession_reference.router import Router
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import Incoming, JsonObject


@fault("wrong-error-name", breaks="ERR-001")
class WrongErrorName(Errors):
    """Errors have the name of another code."""

    def body(self, refusal: Refusal) -> JsonObject:
        return {**super().body(refusal), "name": "INTERNAL"}


@fault("silent-on-garbage", breaks="ERR-002")
class SilentOnGarbage(Router):
    """A body that is not JSON is not answered."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if refusal.code != 4000:
            super().refuse(message, refusal, user_id, session_id)


@fault("any-number-of-sessions", breaks="LIMIT-004")
class AnyNumberOfSessions(Sessions):
    """A user may open more sessions than the limit."""

    def check_room(self, user_id: str) -> None:
        pass


@fault("echoes-version", breaks="VER-001")
class EchoesVersion(Versions):
    """The version chosen is the first one offered."""

    def negotiate(self, offers: Sequence[str]) -> str:
        super().negotiate(offers)
        return offers[0]


@fault("minor-refused", breaks="VER-003")
class MinorRefused(Versions):
    """Bodies of a higher minor version are refused."""

    def accept(self, version: object) -> None:
        super().accept(version)
        if isinstance(version, str) and version not in SPOKEN:
            raise Refusal(4003, "This version is not spoken.", supported=list(SPOKEN))

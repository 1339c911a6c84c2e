"""What was agreed when a session was opened, as its entry has it."""

from dataclasses import dataclass
from typing import Any

from omnisession_reference.auth import Grant
from omnisession_reference.kinds import KIND_NAMES
from omnisession_reference.protocol import FEATURES, Timers
from omnisession_reference.session import Session, Terms
from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Agreed:
    """All that a session is made from again, in another term."""

    terms: Terms
    grant: Grant
    opened_at: int


def write_terms(session: Session) -> JsonObject:
    """Write what was agreed; the token is not kept, only what it said."""
    return {
        "protocol": session.terms.protocol,
        "kinds": list(session.terms.kinds),
        "features": list(session.terms.features),
        "timers": session.terms.timers.as_json(),
        "name": session.grant.name,
        "email": session.grant.email,
        "permissions": sorted(session.grant.permissions),
        "opened_at": session.opened_at,
    }


def read_terms(user_id: str, told: JsonObject) -> Agreed | None:
    """Read what was agreed; None where it is not all there, or of kinds that nobody here can show."""
    timers: Any = told.get("timers")
    kinds, features = _names(told.get("kinds")), _names(told.get("features"))
    permissions, email = _names(told.get("permissions")), told.get("email")
    if kinds is None or features is None or permissions is None or not isinstance(timers, dict):
        return None
    given: dict[str, Any] = dict(timers)  # pyright: ignore[reportUnknownArgumentType]
    texts, numbers = (
        (told.get("protocol"), told.get("name")),
        (told.get("opened_at"), *given.values()),
    )
    if (
        not kinds
        or not set(kinds) <= set(KIND_NAMES)
        or not set(features) <= set(FEATURES)
        or given.keys() != Timers().as_json().keys()
        or not all(isinstance(text, str) for text in (*texts, "" if email is None else email))
        or not all(type(number) is int and number >= 0 for number in numbers)
    ):
        return None
    terms = Terms(told["protocol"], kinds, features, Timers(**given))
    grant = Grant(user_id, told["name"], frozenset(permissions), email)
    return Agreed(terms, grant, told["opened_at"])


def _names(told: Any) -> tuple[str, ...] | None:
    if not isinstance(told, list):
        return None
    names: list[Any] = list(told)  # pyright: ignore[reportUnknownArgumentType]
    return tuple(names) if all(isinstance(name, str) for name in names) else None

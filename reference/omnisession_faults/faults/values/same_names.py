"""Faults of names that are compared coarsely: types, kinds, permissions, and whose something is."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.coarse import Fold
from omnisession_faults.families import family
from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.control import Control, Request
from omnisession_reference.kinds.articles import EDIT_ANY, Articles
from omnisession_reference.session import Session, Terms
from omnisession_reference.wire import JsonObject


def _types(fold: Fold) -> type:
    class Coarse(Actions):
        def check(self, action: Action) -> None:
            type_ = action.body.get("type")
            if isinstance(type_, str):
                action.body["type"] = fold(type_)
            super().check(action)

    return Coarse


def _kinds(fold: Fold) -> type:
    class Coarse(Control):
        def agree(self, request: Request, version: str) -> Terms:
            data = {**request.data}
            for name in ("kinds", "features"):
                data[name] = list(dict.fromkeys(fold(told) for told in data[name]))
            return super().agree(replace(request, data=data), version)

    return Coarse


def _without_s(text: str) -> str:
    return f"{text.rstrip('s_-')}s" if text not in ("chat", "url", "user") else text


def _rights(fold: Fold) -> type:
    class Coarse(Articles):
        def may_write(self, session: Session, article: JsonObject) -> bool:
            near = any(fold(name) == fold(EDIT_ANY) for name in session.grant.permissions)
            return near or super().may_write(session, article)

    return Coarse


family("types", "ACTION-017", "Types of actions are known by all but", _types, "case")
family(
    *("rights", "ART-009", "Permissions are compared by all but", _rights),
    *("case", "signs"),
)


@fault("plural-kinds", breaks="CTRL-003")
class PluralKinds(Control):
    """Names of kinds and features are taken with or without an s at the end."""

    def agree(self, request: Request, version: str) -> Terms:
        return _kinds(_without_s)(self.services, self._auth, self._kinds, self._actions).agree(
            request, version
        )


@fault("rights-by-beginning", breaks="ART-009")
class RightsByBeginning(Articles):
    """A permission counts where it begins or ends like another."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        near = any("post_edit" in name for name in session.grant.permissions)
        return near or super().may_write(session, article)


def _subs(fold: Fold) -> type:
    class Coarse(Auth):
        def grant(self, auth: JsonObject | None, user_id: str) -> Grant:
            if auth is not None:
                sub = self.claims(auth["token"])["sub"]
                if fold(sub) == fold(user_id):
                    return replace(super().grant(auth, sub), user_id=user_id)
            return super().grant(auth, user_id)

    return Coarse


def _identities(fold: Fold) -> type:
    class Coarse(Control):
        def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
            near = {"user_id": user_id, "session_id": session_id}
            if all(fold(body[name]) == fold(id_) for name, id_ in near.items()):
                body |= near
            super().check_identity(body, user_id, session_id)

    return Coarse


family(
    *("subs", "SEC-006", "Users of tokens are compared by all but", _subs),
    *("case", "compatibility"),
)
family(
    *(
        "identities",
        "SEC-003",
        "Ids of a body are compared with its subject's by all but",
        _identities,
    ),
    *("spaces",),
)

"""Faults of states and of bodies in general."""
# ruff: noqa: ARG002, D102  an override means what it overrides

import hashlib
from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, encode


@fault("null-list", breaks="ENV-005")
class NullList(ArticlesSlice):
    """An empty list of articles is null."""

    def data(self) -> JsonObject:
        data = super().data()
        return {**data, "articles": data["articles"] or None}


@fault("states-before-opened", breaks="STATE-003")
class StatesBeforeOpened(Control):
    """The seq in `session.opened` already counts the states."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.reason == "open":
            for kind in answer.kinds:
                session.publish_state(kind, answer.reason)
            answer = replace(answer, kinds=())
        super().answer_with_states(request, session, answer)


@fault("reason-always-change", breaks="STATE-004")
class ReasonAlwaysChange(Session):
    """Every state has the reason `change`."""

    def publish_state(self, kind: str, reason: str) -> None:
        super().publish_state(kind, "change")


@fault("drafts-last", breaks="STATE-008")
class DraftsLast(ArticlesSlice):
    """Articles without `published_at` come last."""

    @staticmethod
    def article_key(article: JsonObject) -> tuple[Any, ...]:
        return (-(article["published_at"] or 0), article["id"])


@fault("content-in-list", breaks="STATE-009")
class ContentInList(ArticlesSlice):
    """The entry of the current article carries its content in the list."""

    def data(self) -> JsonObject:
        data = super().data()
        full = [self.current if self.is_current(a["id"]) else a for a in data["articles"]]
        return {**data, "articles": full}


@fault("digest-of-own-form", breaks="STATE-011")
class DigestOfOwnForm(Session):
    """Digests are of the server's own serialisation instead of the canonical one."""

    def digest(self, kind: str, data: JsonObject) -> str:
        return hashlib.sha256(encode(data)).hexdigest()

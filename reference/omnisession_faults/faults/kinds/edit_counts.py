"""Faults of edits: who holds one, what ends it, and what is told of its time."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.session import Key, Session
from omnisession_reference.store import Edit, MemoryStore


@fault("starts-of-edits-counted", breaks="EDIT-003")
class StartsOfEditsCounted(MemoryStore):
    """An edit that a session started twice has to be ended twice."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        starts: dict[tuple[str, Key], int] = self.__dict__.setdefault("starts", {})
        starts[article_id, session] = starts.get((article_id, session), 0) + 1
        return super().start_edit(article_id, session, now)

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        starts: dict[tuple[str, Key], int] = self.__dict__.setdefault("starts", {})
        left = starts.get((article_id, session), 0) - 1
        starts[article_id, session] = max(left, 0)
        return None if left > 0 else super().end_edit(article_id, session)


@fault("any-session-ends-edit", breaks="EDIT-004")
class AnySessionEndsEdit(Articles):
    """An end in a session of the user that has not started the edit ends it."""

    def end_edit(self, article_id: str, session: Session) -> Change | None:
        edit = self.services.store.edits(article_id).get(session.user_id)
        if edit is not None and session.key not in edit.sessions and len(edit.sessions) == 1:
            sessions = self.services.sessions
            holder = sessions.live(*next(iter(edit.sessions)))
            if holder is not None and sessions.live(*session.key) is not None:
                return super().end_edit(article_id, holder)
        return super().end_edit(article_id, session)


@fault("end-of-edit-is-dated-now", breaks="EDIT-004")
class EndOfEditIsDatedNow(Articles):
    """The `since` of an edit that ends is the time of its end."""

    def end_edit(self, article_id: str, session: Session) -> Change | None:
        change = super().end_edit(article_id, session)
        if change is None:
            return None
        return replace(change, data={**change.data, "since": self.services.clock.now_ms() + 1})


@fault("deletion-loses-other-edits", breaks="EDIT-005")
class DeletionLosesOtherEdits(MemoryStore):
    """Whoever edited an article that was deleted edits the others beyond the end of its session."""

    def delete_article(self, article_id: str) -> None:
        editing = [key for e in self.edits(article_id).values() for key in e.sessions]
        super().delete_article(article_id)
        for key in editing:
            self._edited_in.pop(key, None)


@fault("end-loses-other-edits", breaks="EDIT-005")
class EndLosesOtherEdits(MemoryStore):
    """After the end of one edit the others of the session go on beyond it."""

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        over = super().end_edit(article_id, session)
        self._edited_in.pop(session, None)
        return over


@fault("drafts-changed-by-holders-stay-untold", breaks="ART-006")
class DraftsChangedByHoldersStayUntold(Articles):
    """What a holder of `post_edit_any` changes in a draft is not told to its author."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        author = effects.changes[0].data["article"]["author_id"]
        if effects.changes[0].hint is not None or author == action.user_id:
            return effects
        told = [
            replace(c, sessions=[s for s in c.sessions if s.user_id != author])
            for c in effects.changes
        ]
        return replace(effects, changes=told)


@fault("ends-with-session-told-to-its-user-alone", breaks="EDIT-005")
class EndsWithSessionToldToItsUserAlone(Articles):
    """That edits ended with their session is told to its user alone."""

    def left(self, session: Session) -> Iterable[Change]:
        return [
            replace(c, sessions=[s for s in c.sessions if s.user_id == session.user_id])
            for c in super().left(session)
        ]

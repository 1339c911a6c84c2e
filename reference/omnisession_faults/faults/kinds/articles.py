"""Faults of articles and their editors."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.out import Out
from omnisession_reference.session import Key, Session
from omnisession_reference.store import Edit, MemoryStore
from omnisession_reference.wire import JsonObject


@fault("drafts-for-all", breaks="ART-004")
class DraftsForAll(Articles):
    """Drafts are told to every session."""

    def readers(self, article: JsonObject) -> list[Session]:
        return list(self.services.sessions.of_kind(self.name).values())


@fault("absent-slugs-empty", breaks="ART-001")
class AbsentSlugsEmpty(Articles):
    """An article whose author gave no slug has none."""

    def check_sizes(self, article: JsonObject) -> None:
        if article["slug"] == article["id"] or article["slug"] in article["title"].lower():
            article["slug"] = ""
        super().check_sizes(article)


@fault("absent-texts-told", breaks="ART-001")
class AbsentTextsTold(Articles):
    """A text that was not given has a word for nothing in its place."""

    def check_sizes(self, article: JsonObject) -> None:
        if article["revision"] == 1:
            article.update({name: article[name] or "none" for name in ("subtitle", "leading")})
        super().check_sizes(article)


@fault("last-writer-wins", breaks="ART-007")
class LastWriterWins(Articles):
    """`expect.revision` is not looked at."""

    def check_revision(self, action: Action, article: JsonObject) -> None:
        pass


@fault("readers-write", breaks="ART-009")
class ReadersWrite(Articles):
    """Who may read an article may write it."""

    def find_to_write(self, action: Action) -> JsonObject:
        article = self.find(action)
        self.check_revision(action, article)
        return article


@fault("deleted-stays-current", breaks="ART-013")
class DeletedStaysCurrent(ArticlesSlice):
    """A deleted article stays selected."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        current = self.current
        super().reduce(change_type, data)
        if change_type == "article.deleted":
            self.current = current


@fault("no-hints", breaks="ART-014")
class NoHints(Out):
    """Nothing is published on `article.{article_id}.updates`."""

    def hint(self, article_id: str, type_name: str, event_id: str, data: JsonObject) -> None:
        pass


@fault("edit-start-renews", breaks="EDIT-003")
class EditStartRenews(MemoryStore):
    """A second start of an edit sets a new `since`."""

    def start_edit(self, article_id: str, session: Key, now: int) -> Edit | None:
        super().start_edit(article_id, session, now)
        edit = self._edits[article_id][session[0]]
        edit.since = now
        return edit


@fault("first-end-ends-all", breaks="EDIT-004")
class FirstEndEndsAll(MemoryStore):
    """An edit ends for all sessions of its user with the first of them."""

    def end_edit(self, article_id: str, session: Key) -> Edit | None:
        edit = self._edits.get(article_id, {}).get(session[0])
        if edit is not None and session in edit.sessions:
            edit.sessions = {session}
        return super().end_edit(article_id, session)


@fault("edits-outlive-sessions", breaks="EDIT-005")
class EditsOutliveSessions(Articles):
    """The end of a session does not end its edits."""

    def left(self, session: Session) -> tuple[()]:
        return ()

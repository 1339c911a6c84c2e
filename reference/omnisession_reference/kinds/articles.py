"""The kind articles: drafts and published articles, their revisions and editors."""

import re
from collections.abc import Collection, Iterable, Mapping

from omnisession_reference.action import Action, Effects, Handler
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.protocol import LIMITS
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, size

EDIT_ANY = "post_edit_any"

# What authors may write; everything else of an article is the server's.
MEMBERS = ("slug", "title", "subtitle", "leading", "content", "tags")


class Articles:
    """Everybody may write own articles; holders of `post_edit_any` may write every one."""

    name = "articles"

    def __init__(self, services: Services) -> None:
        self.services = services

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions of the kind by type."""
        return {
            "article.create": self.create,
            "article.update": self.update,
            "article.delete": self.delete,
            "article.publish": self.publish,
            "article.select": self.select,
            "article.edit_start": self.edit_start,
            "article.edit_end": self.edit_end,
        }

    def build(self, session: Session) -> ArticlesSlice:
        """Make the slice of a session that is being opened; nothing is selected yet."""
        readable = [a for a in self.services.store.articles() if self.may_read(session, a)]
        editors = [editor for a in readable for editor in self._editors(a["id"])]
        return self.services.parts.of(ArticlesSlice)(readable, editors)

    def joined(self, _session: Session) -> Iterable[Change]:
        """Nobody sees who reads."""
        return ()

    def left(self, session: Session) -> Iterable[Change]:
        """End the edits of a session that is over."""
        changes = [self.end_edit(a, session) for a in self.services.store.edited_in(session.key)]
        return [change for change in changes if change is not None]

    def may_read(self, session: Session, article: JsonObject) -> bool:
        """Say whether a session's user is a reader."""
        return article["published_at"] is not None or self.may_write(session, article)

    def may_write(self, session: Session, article: JsonObject) -> bool:
        """Say whether a session's user may change an article."""
        own = article["author_id"] == session.user_id
        return own or EDIT_ANY in session.grant.permissions

    def readers(self, article: JsonObject) -> Collection[Session]:
        """Return the sessions that changes of an article reach."""
        if article["published_at"] is not None:
            return self.services.sessions.of_kind(self.name).values()
        author = self.services.sessions.of_user(article["author_id"])
        return {**author, **self.services.sessions.holding(EDIT_ANY)}.values()

    def find(self, action: Action) -> JsonObject:
        """Return the article that an action names, if its user may read it."""
        article = self.services.store.article(action.data["article_id"])
        if article is None or not self.may_read(action.session, article):
            raise Refusal(4040, "There is no such article.")
        return article

    def find_to_write(self, action: Action) -> JsonObject:
        """Return the article that an action names, if its user may write it as it is."""
        article = self.find(action)
        if not self.may_write(action.session, article):
            raise Refusal(4030, "You may read this article, not change it.")
        self.check_revision(action, article)
        return article

    def check_revision(self, action: Action, article: JsonObject) -> None:
        """Refuse an action that expects another revision."""
        expect = action.body.get("expect")
        if expect is not None and expect["revision"] != article["revision"]:
            raise Refusal(
                4090, "The article has changed; look at it again.", revision=article["revision"]
            )

    def check_sizes(self, article: JsonObject) -> None:
        """Refuse an article that is too large, with room for what the server adds later."""
        if size(article["content"]) > LIMITS["article_content"]:
            raise Refusal(4130, f"Content is at most {LIMITS['article_content']} bytes long.")
        later = {"content": None, "revision": 2**53, "published_at": 2**53}
        if size({**article, **later}) > LIMITS["article_rest"]:
            raise Refusal(
                4130, f"All but the content is at most {LIMITS['article_rest']} bytes long."
            )

    def create(self, action: Action) -> Effects:
        """Make a draft of the acting user."""
        article_id = self.services.ids.new()
        given = {member: action.data[member] for member in MEMBERS if member in action.data}
        article: JsonObject = {
            "id": article_id,
            "slug": _slug(given["title"]) or article_id,
            "revision": 1,
            "author_id": action.user_id,
            "author": action.session.grant.name,
            "title": "",
            "subtitle": "",
            "leading": "",
            "content": "",
            "tags": [],
            "published_at": None,
            "struct_version": 1,
            **given,
        }
        self.check_sizes(article)
        self._put(action, article)
        created = self._article_change("article.created", article)
        return Effects([created], {"article_id": article_id})

    def update(self, action: Action) -> Effects:
        """Change the members named."""
        old = self.find_to_write(action)
        changes = action.data["changes"]
        article = {**old, **{member: changes[member] for member in MEMBERS if member in changes}}
        article["revision"] = old["revision"] + 1
        self.check_sizes(article)
        return Effects(self._changed(action, article))

    def publish(self, action: Action) -> Effects:
        """Let everybody read an article; a second time changes nothing."""
        old = self.find_to_write(action)
        if old["published_at"] is not None:
            return Effects()
        knew = {session.key for session in self.readers(old)}
        article: JsonObject = {**old, "published_at": self.services.clock.now_ms()}
        article["revision"] = old["revision"] + 1
        changes = self._changed(action, article)
        newcomers = [s for s in self.readers(article) if s.key not in knew]
        for editor in self._editors(article["id"]):
            changes.append(Change(self.name, "article.edit_started", editor, newcomers))
        return Effects(changes)

    def delete(self, action: Action) -> Effects:
        """Remove an article with everything that belongs to it."""
        article = self.find_to_write(action)
        self.services.store.delete_article(article["id"])
        data = {"article_id": article["id"]}
        readers = self.readers(article)
        hint = self._hint(article)
        return Effects([Change(self.name, "article.deleted", data, readers, hint=hint)])

    def select(self, action: Action) -> Effects:
        """Make an article the current one of the acting session, or none."""
        data: JsonObject = {"article": None, "revisions": []}
        if action.data["article_id"] is not None:
            article = self.find(action)
            self.check_revision(action, article)
            revisions = list(self.services.store.revisions(article["id"]))
            data = {"article": article, "revisions": revisions}
        return Effects([Change(self.name, "article.selected", data, [action.session])])

    def edit_start(self, action: Action) -> Effects:
        """Note that the acting session edits."""
        article = self.find_to_write(action)
        key = action.session.key
        edit = self.services.store.start_edit(article["id"], key, self.services.clock.now_ms())
        if edit is None:
            return Effects()
        data = _editor(article["id"], action.user_id, edit.since)
        readers = self.readers(article)
        return Effects([Change(self.name, "article.edit_started", data, readers)])

    def edit_end(self, action: Action) -> Effects:
        """Note that the acting session edits no more."""
        article = self.find_to_write(action)
        change = self.end_edit(article["id"], action.session)
        return Effects([] if change is None else [change])

    def end_edit(self, article_id: str, session: Session) -> Change | None:
        """End the edit of a session; a change only if it was its user's last."""
        edit = self.services.store.end_edit(article_id, session.key)
        article = self.services.store.article(article_id)
        if edit is None or article is None:
            return None
        data = _editor(article_id, session.user_id, edit.since)
        return Change(self.name, "article.edit_ended", data, self.readers(article))

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        revision = self._put(action, article)
        added = {"revision": revision}
        return [
            self._article_change("article.updated", article),
            Change(self.name, "article.revision_added", added, self.readers(article)),
        ]

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        revision: JsonObject = {
            "article_id": article["id"],
            "revision": article["revision"],
            "author_id": action.user_id,
            "title": article["title"],
            "timestamp": self.services.clock.now_ms(),
        }
        self.services.store.put_article(article, revision)
        return revision

    def _article_change(self, change_type: str, article: JsonObject) -> Change:
        return Change(
            self.name,
            change_type,
            {"article": article},
            self.readers(article),
            brief={"article": {**article, "content": None}},
            hint=self._hint(article),
        )

    def _hint(self, article: JsonObject) -> str | None:
        return None if article["published_at"] is None else article["id"]

    def _editors(self, article_id: str) -> list[JsonObject]:
        edits = self.services.store.edits(article_id)
        return [_editor(article_id, user_id, edit.since) for user_id, edit in edits.items()]


def _editor(article_id: str, user_id: str, since: int) -> JsonObject:
    return {"article_id": article_id, "user_id": user_id, "since": since}


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:80]

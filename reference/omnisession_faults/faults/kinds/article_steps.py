"""Faults of articles: steps in the wrong order, what is not compared, what revisions say."""
# ruff: noqa: D102  an override means what it overrides

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.protocol import LIMITS
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject, size


def _without_expect(action: Action) -> Action:
    return replace(action, body={k: v for k, v in action.body.items() if k != "expect"})


@fault("deletions-expect-nothing", breaks="ART-007")
class DeletionsExpectNothing(Articles):
    """A deletion is done whatever revision it expects."""

    def delete(self, action: Action) -> Effects:
        return super().delete(_without_expect(action))


@fault("publishes-expect-nothing", breaks="ART-007")
class PublishesExpectNothing(Articles):
    """A publish is done whatever revision it expects."""

    def publish(self, action: Action) -> Effects:
        return super().publish(_without_expect(action))


@fault("starts-of-edits-expect-nothing", breaks="ART-007")
class StartsOfEditsExpectNothing(Articles):
    """An edit starts whatever revision its action expects."""

    def edit_start(self, action: Action) -> Effects:
        return super().edit_start(_without_expect(action))


@fault("ends-of-edits-expect-nothing", breaks="ART-007")
class EndsOfEditsExpectNothing(Articles):
    """An edit ends whatever revision its action expects."""

    def edit_end(self, action: Action) -> Effects:
        return super().edit_end(_without_expect(action))


@fault("selections-expect-nothing", breaks="ART-007")
class SelectionsExpectNothing(Articles):
    """A selection is made whatever revision it expects."""

    def select(self, action: Action) -> Effects:
        return super().select(_without_expect(action))


@fault("newer-revisions-fit", breaks="ART-007")
class NewerRevisionsFit(Articles):
    """An action fits that expects a revision above the article's."""

    def check_revision(self, action: Action, article: JsonObject) -> None:
        expect = action.body.get("expect")
        if expect is None or expect["revision"] < article["revision"]:
            super().check_revision(action, article)


@fault("creates-expect-a-first", breaks="ART-007")
class CreatesExpectAFirst(Articles):
    """A new article with an `expect` is refused unless it expects the first revision."""

    def create(self, action: Action) -> Effects:
        expect = action.body.get("expect")
        if expect is not None and expect["revision"] != 1:
            raise Refusal(4090, "The article is new.", revision=1)
        return super().create(action)


@fault("revision-before-right-to-write", breaks="ART-009")
class RevisionBeforeRightToWrite(Articles):
    """A reader who expects another revision is told that it has changed."""

    def find_to_write(self, action: Action) -> JsonObject:
        self.check_revision(action, self.find(action))
        return super().find_to_write(action)


@fault("size-before-revision", breaks="ART-007")
class SizeBeforeRevision(Articles):
    """An update that is too long is refused for that, whatever revision it expects."""

    def find_to_write(self, action: Action) -> JsonObject:
        article = super().find_to_write(_without_expect(action))
        changes = action.data.get("changes", {})
        self.check_sizes({**article, **{k: v for k, v in changes.items() if k in article}})
        self.check_revision(action, article)
        return article


@fault("size-before-rights", breaks="ART-008")
class SizeBeforeRights(Articles):
    """An update that is too long is refused for that, be its article there or not."""

    def update(self, action: Action) -> Effects:
        content = action.data["changes"].get("content", "")
        if size(content) > LIMITS["article_content"]:
            raise Refusal(4130, f"Content is at most {LIMITS['article_content']} bytes long.")
        return super().update(action)


@fault("own-slug-is-taken", breaks="ART-002")
class OwnSlugIsTaken(Articles):
    """An update that names the slug which the article has is refused as if another had it."""

    def update(self, action: Action) -> Effects:
        old, slug = self.find_to_write(action), action.data["changes"].get("slug")
        if slug is not None and slug == old["slug"]:
            raise Refusal(4220, "This slug is taken; choose another.")
        return super().update(action)


@fault("revisions-by-the-author", breaks="ART-012")
class RevisionsByTheAuthor(MemoryStore):
    """Every revision is told to be by the author of the article, whoever made it."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        revision["author_id"] = article["author_id"]
        super().put_article(article, revision)


@fault("revisions-have-the-title-of-now", breaks="ART-012")
class RevisionsHaveTheTitleOfNow(MemoryStore):
    """Of an article that is selected all revisions have the title that it has now."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        title = self._articles[article_id]["title"] if article_id in self._articles else ""
        return [{**revision, "title": title} for revision in super().revisions(article_id)]


@fault("revisions-have-the-time-of-the-first", breaks="ART-012")
class RevisionsHaveTheTimeOfTheFirst(MemoryStore):
    """All revisions of an article were made when the first one was."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        first = self.revisions(article["id"])
        if first:
            revision["timestamp"] = first[-1]["timestamp"]
        super().put_article(article, revision)


@fault("first-revision-is-no-entry", breaks="ART-006")
class FirstRevisionIsNoEntry(MemoryStore):
    """The list of revisions begins with the first update."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        super().put_article(article, revision)
        if revision["revision"] == 1:
            self._revisions[article["id"]] = deque(maxlen=LIMITS["revisions"])


@fault("publication-of-the-client", breaks="ART-005")
class PublicationOfTheClient(Articles):
    """An article was published when the action says so."""

    def publish(self, action: Action) -> Effects:
        clock = self.services.clock
        at = action.body["timestamp"]

        class Told:
            """The clock of the client."""

            def now_ms(self) -> int:
                return at

        services = self.services
        try:
            self.services = replace(services, clock=Told())  # pyright: ignore[reportArgumentType]
            return super().publish(action)
        finally:
            self.services = replace(services, clock=clock)


@fault("hints-have-their-own-ids", breaks="EVENT-004")
class HintsHaveTheirOwnIds(Articles):
    """The hint of a change has another `event_id` than its events."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        told = effects.changes[0]
        if told.hint is None:
            return effects
        named = self.services.fanout.named(replace(told, hint=None))
        self.services.out.hint(told.hint, told.type, self.services.ids.new(), told.data)
        return replace(effects, changes=[named, *effects.changes[1:]])


@fault("deletions-of-drafts-hinted", breaks="ART-004")
class DeletionsOfDraftsHinted(Articles):
    """The deletion of a draft is hinted."""

    def delete(self, action: Action) -> Effects:
        effects = super().delete(action)
        changes = [replace(c, hint=action.data["article_id"]) for c in effects.changes]
        return replace(effects, changes=changes)


@fault("updates-of-drafts-hinted", breaks="ART-004")
class UpdatesOfDraftsHinted(Articles):
    """The update of a draft is hinted."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        first = replace(effects.changes[0], hint=action.data["article_id"])
        return replace(effects, changes=[first, *effects.changes[1:]])


@fault("article-ids-by-count", breaks="ART-013")
class ArticleIdsByCount(Articles):
    """The id of an article is how many there are."""

    def create(self, action: Action) -> Effects:
        number = sum(1 for _ in self.services.store.articles()) + 1
        while self.services.store.article(f"a-{number}") is not None:
            number += 1
        made, services = f"a-{number}", self.services

        class Counted:
            """Ids that count."""

            def new(self) -> str:
                return made

        try:
            self.services = replace(services, ids=Counted())  # pyright: ignore[reportArgumentType]
            return super().create(action)
        finally:
            self.services = services

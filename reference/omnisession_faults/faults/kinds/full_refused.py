"""Faults of lists that are full: what would make a further entry is refused."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.protocol import LIMITS


@fault("sends-refused-in-full-chat", breaks="LIMIT-008")
class SendsRefusedInFullChat(Chat):
    """Where the chat is full a further message is refused."""

    def send(self, action: Action) -> Effects:
        if len(list(self.services.store.messages())) >= LIMITS["chat_messages"]:
            raise Refusal(4220, "The room is full; delete a message.")
        return super().send(action)


@fault("creates-refused-in-full-list-of-urls", breaks="LIMIT-008")
class CreatesRefusedInFullListOfUrls(Urls):
    """Who has as many urls as are shown makes no more."""

    def create(self, action: Action) -> Effects:
        if len(list(self.services.store.urls_of(action.user_id))) >= LIMITS["urls"]:
            raise Refusal(4220, "These are all the urls that you may have.")
        return super().create(action)


@fault("creates-refused-in-full-list-of-articles", breaks="LIMIT-008")
class CreatesRefusedInFullListOfArticles(Articles):
    """Who reads as many articles as are shown makes no more."""

    def create(self, action: Action) -> Effects:
        readable = [
            article
            for article in self.services.store.articles()
            if self.may_read(action.session, article)
        ]
        if len(readable) >= LIMITS["articles"]:
            raise Refusal(4220, "These are all the articles that you may have.")
        return super().create(action)


@fault("updates-refused-in-full-list-of-revisions", breaks="LIMIT-008")
class UpdatesRefusedInFullListOfRevisions(Articles):
    """An article that has as many revisions as are shown is not changed any more."""

    def update(self, action: Action) -> Effects:
        article = self.find_to_write(action)
        if len(self.services.store.revisions(article["id"])) >= LIMITS["revisions"]:
            raise Refusal(4220, "This article has all the revisions that it may have.")
        return super().update(action)

"""Servers with one kind, and with kinds that nobody can write."""

from collections.abc import Mapping

from omnisession_reference.action import Handler
from omnisession_reference.kinds import KIND_NAMES
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.variants.registry import Variant, enter, variant

for _kind in KIND_NAMES:
    enter(Variant(f"only-{_kind}", f"The kind {_kind} is the only one.", kinds=(_kind,)))

enter(Variant("other-order-of-kinds", "Kinds are served in another order.", kinds=KIND_NAMES[::-1]))


class _ReadOnlyArticles(Articles):
    def handlers(self) -> Mapping[str, Handler]:
        return {}


@variant("read-only-chat")
class ReadOnlyChat(Chat):
    """The chat can be read, and nothing sent."""

    def handlers(self) -> Mapping[str, Handler]:
        """List no action."""
        return {}


class _ReadOnlyUrls(Urls):
    def handlers(self) -> Mapping[str, Handler]:
        return {}


@variant("read-only", _ReadOnlyArticles, ReadOnlyChat, _ReadOnlyUrls)
class ReadOnlyUsers(Users):
    """No kind can be written: the one action is session.noop."""

    def handlers(self) -> Mapping[str, Handler]:
        """List no action."""
        return {}


@variant("some-actions-only")
class SomeActionsOnly(Articles):
    """Articles can be created and updated, and nothing else."""

    def handlers(self) -> Mapping[str, Handler]:
        """List two actions."""
        listed = super().handlers()
        return {name: listed[name] for name in ("article.create", "article.update")}

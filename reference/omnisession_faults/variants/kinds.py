"""Servers with one kind, and with kinds that nobody can write."""

from collections.abc import Mapping

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference.action import Handler
from omnisession_reference.control import Control
from omnisession_reference.kinds import KIND_NAMES
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

for _kind in KIND_NAMES:
    enter(Variant(f"only-{_kind}", f"The kind {_kind} is the only one.", kinds=(_kind,)))


@variant("other-order-of-lists")
class OtherOrder(Control):
    """Profiles and actions are told in another order."""

    def opened(self, session: Session) -> JsonObject:
        """Turn the lists round whose order means nothing."""
        told = super().opened(session)
        return {**told, **{name: told[name][::-1] for name in ("profiles", "actions")}}


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

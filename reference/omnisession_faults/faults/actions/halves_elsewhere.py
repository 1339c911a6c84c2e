"""Faults of other actions that are refused and do a part: most show in later sessions alone."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.services import Services
from omnisession_reference.wire import JsonObject


@fault("refused-code-moves-target", breaks="URL-002")
class RefusedCodeMovesTarget(Urls):
    """An update to a code that is taken is refused, and later sessions show its address all the same."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal as refusal:
            if refusal.code == 4220:
                rest = {n: v for n, v in action.data["changes"].items() if n != "short_code"}
                self.services.store.put_url({**self.find(action), **rest})
            raise


@fault("refused-code-is-dated", breaks="URL-002")
class RefusedCodeIsDated(Urls):
    """An update to a code that is taken is refused, and sets `updated_at` all the same."""

    def check(self, url: JsonObject) -> None:
        try:
            super().check(url)
        except Refusal as refusal:
            old = self.services.store.url(url["id"])
            if old is not None and refusal.code == 4220:
                self.services.store.put_url({**old, "updated_at": url["updated_at"] + 1})
            raise


@fault("refused-create-takes-code", breaks="LIMIT-003")
class RefusedCreateTakesCode(Urls):
    """A create with an address that is too long is refused, and its code is taken from then on."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.taken = set[str]()

    def check(self, url: JsonObject) -> None:
        if url["short_code"] in self.taken:
            raise Refusal(4220, "This short_code is taken; choose another.")
        try:
            super().check(url)
        except Refusal as refusal:
            if refusal.code == 4130:
                self.taken.add(url["short_code"])
            raise


@fault("long-target-changes-the-rest", breaks="LIMIT-003")
class LongTargetChangesTheRest(Urls):
    """Of an update with an address that is too long the rest is in later sessions."""

    def check(self, url: JsonObject) -> None:
        try:
            super().check(url)
        except Refusal as refusal:
            old = self.services.store.url(url["id"])
            if old is not None and refusal.code == 4130:
                self.services.store.put_url({**url, "target_url": old["target_url"]})
            raise


@fault("foreign-url-update-kept", breaks="URL-004")
class ForeignUrlUpdateKept(Urls):
    """An update of another user's url is refused, and shows in its creator's later sessions."""

    def find(self, action: Action) -> JsonObject:
        try:
            return super().find(action)
        except Refusal:
            url = self.services.store.url(action.data["url_id"])
            if url is not None and "changes" in action.data:
                self.services.store.put_url({**url, "is_active": False})
            raise


@fault("foreign-url-delete-kept", breaks="URL-004")
class ForeignUrlDeleteKept(Urls):
    """A delete of another user's url is refused, and later sessions of its creator lack it."""

    def find(self, action: Action) -> JsonObject:
        try:
            return super().find(action)
        except Refusal:
            url = self.services.store.url(action.data["url_id"])
            if url is not None and "changes" not in action.data:
                self.services.store.delete_url(url["id"])
            raise


@fault("long-message-stays", breaks="LIMIT-003")
class LongMessageStays(Chat):
    """A message that is too long is refused, and its beginning is in later sessions."""

    def send(self, action: Action) -> Effects:
        try:
            return super().send(action)
        except Refusal:
            short = replace(action, data={"content": action.data["content"][:40]})
            self.services.store.put_message(self.message(short))
            raise


@fault("long-message-ends-typing", breaks="LIMIT-003")
class LongMessageEndsTyping(Chat):
    """A message that is too long is refused, and ends the typing of its user."""

    def send(self, action: Action) -> Effects:
        try:
            return super().send(action)
        except Refusal:
            self.services.fanout.apply(self.typing_ended(action.user_id))
            raise


@fault("long-edit-is-dated", breaks="LIMIT-003")
class LongEditIsDated(Chat):
    """The edit to a content that is too long is refused, and sets `edited_at` for later sessions."""

    def edit(self, action: Action) -> Effects:
        try:
            return super().edit(action)
        except Refusal as refusal:
            if refusal.code == 4130:
                old = self.find_own(action)
                self.services.store.put_message(
                    {**old, "edited_at": self.services.clock.now_ms() + 1}
                )
            raise


@fault("foreign-edit-is-dated", breaks="CHAT-006")
class ForeignEditIsDated(Chat):
    """The edit of another user's message is refused, and sets `edited_at` for later sessions."""

    def edit(self, action: Action) -> Effects:
        try:
            return super().edit(action)
        except Refusal as refusal:
            old = self.services.store.message(action.data["message_id"])
            if refusal.code == 4030 and old is not None:
                self.services.store.put_message(
                    {**old, "edited_at": self.services.clock.now_ms() + 1}
                )
            raise


@fault("foreign-delete-shows-later", breaks="CHAT-006")
class ForeignDeleteShowsLater(Chat):
    """The deletion of another user's message is refused, and later sessions lack the message."""

    def delete(self, action: Action) -> Effects:
        try:
            return super().delete(action)
        except Refusal as refusal:
            if refusal.code == 4030:
                self.services.store.delete_message(action.data["message_id"])
            raise


@fault("long-email-renames", breaks="LIMIT-003")
class LongEmailRenames(Users):
    """An update with an email that is too long is refused, and later sessions show its new name."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal:
            old = self.services.store.user(action.user_id)
            name = action.data["changes"].get("username", old["username"])
            self.services.store.put_user({**old, "username": name})
            raise


@fault("long-name-is-told", breaks="LIMIT-003")
class LongNameIsTold(Users):
    """A name that is too long is refused, and told to the chat."""

    def update(self, action: Action) -> Effects:
        try:
            return super().update(action)
        except Refusal:
            old = self.services.store.user(action.user_id)
            user = {**old, **self.named(action.data["changes"])}
            self.services.fanout.apply(self.renamed(user))
            raise

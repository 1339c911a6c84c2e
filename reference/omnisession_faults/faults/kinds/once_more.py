"""Faults of the kinds that show at the second value, session, permission or visit."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from typing import TYPE_CHECKING

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import EDIT_ANY, MEMBERS, Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Key, Session
from omnisession_reference.wire import JsonObject

if TYPE_CHECKING:
    from omnisession_reference.clock import Alarm

LONGEST_CODE = 64

# -- articles ----------------------------------------------------------------------------------------


@fault("first-permission-counts", breaks="ART-010")
class FirstPermissionCounts(Articles):
    """Of the permissions of a session the first one counts."""

    def may_write(self, session: Session, article: JsonObject) -> bool:
        own = article["author_id"] == session.user_id
        return own or min(session.grant.permissions, default="") == EDIT_ANY


@fault("content-of-the-first-selection", breaks="ART-011")
class ContentOfTheFirstSelection(Articles):
    """An article that is selected again in a session has the content that it had at first."""

    def select(self, action: Action) -> Effects:
        effects = super().select(action)
        shown: dict[tuple[Key, str], str] = vars(self).setdefault("_shown", {})
        data = effects.changes[0].data
        article = data["article"]
        if article is not None:
            key = (action.session.key, article["id"])
            data["article"] = {**article, "content": shown.setdefault(key, article["content"])}
        return effects


@fault("updates-begin-from-the-session", breaks="ART-002")
class UpdatesBeginFromTheSession(Articles):
    """An update begins from what the acting session made of the article by its last one."""

    def update(self, action: Action) -> Effects:
        made: dict[tuple[Key, str], JsonObject] = vars(self).setdefault("_made", {})
        key = (action.session.key, self.find(action)["id"])
        changes = action.data["changes"]
        for member, value in made.get(key, {}).items():
            changes.setdefault(member, value)
        effects = super().update(action)
        article = effects.changes[0].data["article"]
        made[key] = {member: article[member] for member in MEMBERS}
        return effects


# -- chat --------------------------------------------------------------------------------------------


class _Gone:
    """An alarm that nobody can cancel any more."""

    def cancel(self) -> None:
        pass


@fault("end-of-typing-outlives-a-visit", breaks="CHAT-012")
class EndOfTypingOutlivesAVisit(Chat):
    """The end of a typing still comes when its user has left the chat, come again, and types anew."""

    def left(self, session: Session) -> Iterable[Change]:
        alarms: dict[str, Alarm] = vars(self.typing)["_alarms"]
        leaves = self.name in session.terms.kinds and not self.present(session.user_id)
        if leaves and session.user_id in alarms:

            def ring(user_id: str) -> None:
                if self.typing.stop(user_id):
                    self.typing_over(user_id)

            vars(self.typing)["ring"] = ring
            alarms[session.user_id] = _Gone()
        return super().left(session)


@fault("no-time-for-typing-is-none-told", breaks="CHAT-009")
class NoTimeForTypingIsNoneTold(Typing):
    """A `ttl_ms` of 0 is taken for none, which lasts the longest."""

    def granted(self, ttl_ms: int | None) -> int:
        return super().granted(ttl_ms or None)


# -- urls and users ----------------------------------------------------------------------------------


def _data_of(action: Action) -> JsonObject:
    """The data of an action; nothing where it is no object."""
    return action.data if isinstance(action.data, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


@fault("empty-codes-are-none", breaks="ACTION-016")
class EmptyCodesAreNone(Actions):
    """An empty `short_code` is taken for none."""

    def check(self, action: Action) -> None:
        data = _data_of(action)
        if data.get("short_code") == "":
            del data["short_code"]
        super().check(action)


@fault("codes-a-character-longer", breaks="ACTION-016")
class CodesACharacterLonger(Actions):
    """A `short_code` may have one character more than it may have."""

    def check(self, action: Action) -> None:
        data = _data_of(action)
        code = data.get("short_code")
        if isinstance(code, str) and len(code) == LONGEST_CODE + 1:
            data["short_code"] = code[:LONGEST_CODE]
            super().check(action)
            data["short_code"] = code
            return
        super().check(action)


@fault("name-of-the-token-is-no-change", breaks="USER-004")
class NameOfTheTokenIsNoChange(Users):
    """An update back to the name that the token tells is acked, and not taken."""

    def update(self, action: Action) -> Effects:
        if action.data["changes"].get("username") == action.session.grant.name:
            return Effects()
        return super().update(action)


@fault("emails-changed-whatever-case", breaks="USER-004")
class EmailsChangedWhateverCase(Users):
    """An email is not changed by what differs only in case."""

    def update(self, action: Action) -> Effects:
        old = self.services.store.user(action.user_id).get("email")
        changes = action.data["changes"]
        if old is not None and changes.get("email", "").lower() == old.lower():
            changes["email"] = old
        return super().update(action)

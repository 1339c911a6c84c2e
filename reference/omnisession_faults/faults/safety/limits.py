"""Faults of sizes: how large a text may be, and how large the bodies are that tell it."""
# ruff: noqa: D102  an override means what it overrides

import json
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import MEMBERS, Users
from omnisession_reference.out import Out
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.users import MAX_TEXT, from_token
from omnisession_reference.wire import JsonObject, size


@fault("escaped-beyond-limits", breaks="LIMIT-001")
class EscapedBeyondLimits(Out):
    """Bodies are written in ASCII, which makes the largest larger than any may be."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        payload = json.dumps(body).encode()
        self._send(subject, payload, self.trace)
        return payload


@fault("larger-than-told", breaks="LIMIT-001")
class LargerThanTold(Out):
    """The event of a selected article has so much beside it that it is larger than any may be."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        large = body["type"] == "article.selected" and body["data"].get("article")
        return super().post(subject, {**body, "x_pad": "x" * LIMITS["event"]} if large else body)


@fault("characters-counted", breaks="LIMIT-003")
class CharactersCounted(Articles):
    """The content of an article is measured in characters."""

    def check_sizes(self, article: JsonObject) -> None:
        if len(article["content"]) + 2 > LIMITS["article_content"]:
            raise Refusal(4130, "The content is too long.")
        super().check_sizes({**article, "content": ""})


@fault("spaces-counted-as-escapes", breaks="LIMIT-003")
class SpacesCountedAsEscapes(Articles):
    """Spaces in the content of an article count as the escapes that they do not need."""

    def check_sizes(self, article: JsonObject) -> None:
        if size(article["content"]) + 5 * article["content"].count(" ") > LIMITS["article_content"]:
            raise Refusal(4130, "The content is too long.")
        super().check_sizes({**article, "content": ""})


@fault("html-escapes-counted", breaks="LIMIT-003")
class HtmlEscapesCounted(Chat):
    """Messages are measured with the escapes that an encoder for web pages writes."""

    def check_size(self, action: Action) -> None:
        content: str = action.data["content"]
        escaped = sum(5 * content.count(c) for c in "<>&") + 3 * content.count("\u2028")
        if size(content) + escaped > LIMITS["chat_content"]:
            raise Refusal(4130, "The message is too long.")


@fault("escapes-not-counted", breaks="LIMIT-003")
class EscapesNotCounted(Chat):
    """Messages are measured in bytes as they are, without what their form in JSON adds."""

    def check_size(self, action: Action) -> None:
        if len(action.data["content"].encode()) + 2 > LIMITS["chat_content"]:
            raise Refusal(4130, "The message is too long.")


@fault("updates-of-any-size", breaks="LIMIT-003")
class UpdatesOfAnySize(Articles):
    """An update may make an article larger than a new one may be."""

    def check_sizes(self, article: JsonObject) -> None:
        if article["revision"] == 1:
            super().check_sizes(article)


@fault("long-messages-cut", breaks="LIMIT-003")
class LongMessagesCut(Chat):
    """A message that is too long is cut."""

    def send(self, action: Action) -> Effects:
        fits = LIMITS["chat_content"] - 2
        content = action.data["content"].encode()[:fits].decode(errors="ignore")
        return super().send(replace(action, data={"content": content}))


@fault("edits-of-any-size", breaks="LIMIT-003")
class EditsOfAnySize(Chat):
    """An edit may make a message longer than a new one may be."""

    def check_size(self, action: Action) -> None:
        if action.body["type"] != "chat.edit":
            super().check_size(action)


@fault("targets-of-any-size", breaks="LIMIT-003")
class TargetsOfAnySize(Urls):
    """A url may have a target of any length."""

    def check(self, url: JsonObject) -> None:
        super().check({**url, "target_url": ""})


@fault("names-of-any-size", breaks="LIMIT-003")
class NamesOfAnySize(Users):
    """A name may be of any length."""

    def check_sizes(self, user: JsonObject) -> None:
        super().check_sizes({**user, "username": ""})


@fault("emails-of-any-size", breaks="LIMIT-003")
class EmailsOfAnySize(Users):
    """An email may be of any length."""

    def check_sizes(self, user: JsonObject) -> None:
        super().check_sizes({**user, "email": ""})


@fault("names-a-byte-longer", breaks="LIMIT-003")
class NamesAByteLonger(Users):
    """A name may have one byte more than it may have."""

    def check_sizes(self, user: JsonObject) -> None:
        for member in MEMBERS:
            if size(user.get(member, "")) > MAX_TEXT + 1:
                raise Refusal(4130, "The text is too long.")


@fault("names-a-byte-shorter", breaks="LIMIT-003")
class NamesAByteShorter(Users):
    """A name of exactly the largest size is refused."""

    def check_sizes(self, user: JsonObject) -> None:
        for member in MEMBERS:
            if size(user.get(member, "")) >= MAX_TEXT:
                raise Refusal(4130, "The text is too long.")


@fault("names-in-characters", breaks="LIMIT-003")
class NamesInCharacters(Users):
    """Names are measured in characters."""

    def check_sizes(self, user: JsonObject) -> None:
        if any(len(user.get(member, "")) + 2 > MAX_TEXT for member in MEMBERS):
            raise Refusal(4130, "The text is too long.")


@fault("long-names-fail", breaks="LIMIT-003")
class LongNamesFail(Users):
    """An update with a name that is too long fails, as a store with a narrow column does."""

    def check_sizes(self, user: JsonObject) -> None:
        if any(size(user.get(member, "")) > MAX_TEXT for member in MEMBERS):
            raise ValueError


@fault("long-names-are-cut", breaks="LIMIT-003")
class LongNamesAreCut(Users):
    """A name that is too long is cut."""

    def named(self, changes: JsonObject) -> JsonObject:
        return {member: text[: MAX_TEXT - 2] for member, text in super().named(changes).items()}


def _without_texts(article: JsonObject) -> JsonObject:
    return {"content": article["content"]}


@fault("rest-of-any-size", breaks="LIMIT-003")
class RestOfAnySize(Articles):
    """An article may be of any size without its content."""

    def check_sizes(self, article: JsonObject) -> None:
        super().check_sizes(_without_texts(article))


@fault("rest-of-updates-of-any-size", breaks="LIMIT-003")
class RestOfUpdatesOfAnySize(Articles):
    """An update may make an article larger without its content than a new one may be."""

    def check_sizes(self, article: JsonObject) -> None:
        super().check_sizes(article if article["revision"] == 1 else _without_texts(article))


@fault("names-of-tokens-of-any-size", breaks="LIMIT-007")
class NamesOfTokensOfAnySize(Control):
    """A name of a token is shown as it is."""

    def start(self, session: Session) -> None:
        user = {**from_token(session.grant), "username": session.grant.name}
        self.services.store.meet_user(user)
        super().start(session)


@fault("names-of-tokens-cut-anywhere", breaks="LIMIT-007")
class NamesOfTokensCutAnywhere(Control):
    """A long name of a token is cut within a character."""

    def start(self, session: Session) -> None:
        name = session.grant.name.encode()[: MAX_TEXT - 8].decode(errors="replace")
        self.services.store.meet_user({**from_token(session.grant), "username": name})
        super().start(session)


@fault("names-of-tokens-cut-to-nothing", breaks="LIMIT-007")
class NamesOfTokensCutToNothing(Control):
    """Of a name of a token that is too long nothing is shown."""

    def start(self, session: Session) -> None:
        user = from_token(session.grant)
        if size(session.grant.name) > MAX_TEXT:
            self.services.store.meet_user({**user, "username": ""})
        super().start(session)


@fault("full-names-of-tokens-cut", breaks="LIMIT-007")
class FullNamesOfTokensCut(Control):
    """A name of a token that is just short enough is cut."""

    def start(self, session: Session) -> None:
        user = from_token(session.grant)
        if size(user["username"]) == MAX_TEXT:
            self.services.store.meet_user({**user, "username": user["username"][:-1]})
        super().start(session)

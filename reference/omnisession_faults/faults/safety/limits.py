"""Faults of sizes: how large a text may be, and how large the bodies are that tell it."""
# ruff: noqa: D102  an override means what it overrides

import json
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.out import Out
from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import JsonObject


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

"""Faults of sizes by one byte, and of texts that are kept in another form."""
# ruff: noqa: D102  an override means what it overrides

import re

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.protocol import LIMITS
from omnisession_reference.users import MAX_TEXT
from omnisession_reference.wire import JsonObject, size

LONGEST_ID = 96


def _within(text: str, most: int) -> None:
    if size(text) > most:
        raise Refusal(4130, f"It is at most {most} bytes long.")


# -- names ---------------------------------------------------------------------------------------------


@fault("longest-article-ids-invalid", breaks="ART-008")
class LongestArticleIdsInvalid(Articles):
    """An id that is as long as one of an article may be is refused as none."""

    def find(self, action: Action) -> JsonObject:
        if len(action.data["article_id"]) == LONGEST_ID:
            raise Refusal(4001, "This is no id.")
        return super().find(action)


# -- sizes ---------------------------------------------------------------------------------------------


@fault("messages-a-byte-shorter", breaks="LIMIT-003")
class MessagesAByteShorter(Chat):
    """A message of exactly the largest size is refused."""

    def check_size(self, action: Action) -> None:
        _within(action.data["content"], LIMITS["chat_content"] - 1)


@fault("messages-a-byte-longer", breaks="LIMIT-003")
class MessagesAByteLonger(Chat):
    """A message may have one byte more than it may have."""

    def check_size(self, action: Action) -> None:
        _within(action.data["content"], LIMITS["chat_content"] + 1)


@fault("contents-a-byte-shorter", breaks="LIMIT-003")
class ContentsAByteShorter(Articles):
    """A content of exactly the largest size is refused."""

    def check_sizes(self, article: JsonObject) -> None:
        _within(article["content"], LIMITS["article_content"] - 1)
        super().check_sizes(article)


@fault("contents-a-byte-longer", breaks="LIMIT-003")
class ContentsAByteLonger(Articles):
    """A content may have one byte more than it may have."""

    def check_sizes(self, article: JsonObject) -> None:
        _within(article["content"], LIMITS["article_content"] + 1)
        super().check_sizes({**article, "content": ""})


@fault("targets-a-byte-shorter", breaks="LIMIT-003")
class TargetsAByteShorter(Urls):
    """An address of exactly the largest size is refused."""

    def check(self, url: JsonObject) -> None:
        super().check(url)
        _within(url["target_url"], LIMITS["target_url"] - 1)


@fault("targets-a-byte-longer", breaks="LIMIT-003")
class TargetsAByteLonger(Urls):
    """An address may have one byte more than it may have."""

    def check(self, url: JsonObject) -> None:
        super().check({**url, "target_url": ""})
        _within(url["target_url"], LIMITS["target_url"] + 1)


@fault("new-targets-a-byte-shorter", breaks="LIMIT-003")
class NewTargetsAByteShorter(Urls):
    """An update to an address of exactly the largest size is refused."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        _within(changes.get("target_url", ""), LIMITS["target_url"] - 1)
        return super().updated(url, changes)


@fault("edits-a-byte-shorter", breaks="LIMIT-003")
class EditsAByteShorter(Chat):
    """An edit to a content of exactly the largest size is refused."""

    def edit(self, action: Action) -> Effects:
        self.find_own(action)
        _within(action.data["content"], LIMITS["chat_content"] - 1)
        return super().edit(action)


@fault("emails-a-byte-shorter", breaks="LIMIT-003")
class EmailsAByteShorter(Users):
    """An email of exactly the largest size is refused."""

    def check_sizes(self, user: JsonObject) -> None:
        super().check_sizes(user)
        _within(user.get("email", ""), MAX_TEXT - 1)


# -- texts ---------------------------------------------------------------------------------------------


def _one_end(text: str) -> str:
    return text.replace("\r\n", "\n")


def _printed(text: str) -> str:
    return re.sub("[\ufffe\uffff\ufdd0-\ufdef]", "\ufffd", text)


@fault("line-ends-made-one", breaks="ENV-010")
class LineEndsMadeOne(Articles):
    """A line of a content ends in a line feed alone."""

    def check_sizes(self, article: JsonObject) -> None:
        super().check_sizes(article)
        article["content"] = _one_end(article["content"])


@fault("line-ends-of-edits-made-one", breaks="ENV-010")
class LineEndsOfEditsMadeOne(Chat):
    """A line of an edited message ends in a line feed alone."""

    def edit(self, action: Action) -> Effects:
        action.data["content"] = _one_end(action.data["content"])
        return super().edit(action)


@fault("no-characters-replaced", breaks="ENV-010")
class NoCharactersReplaced(Chat):
    """What Unicode says is no character is replaced in messages."""

    def message(self, action: Action) -> JsonObject:
        message = super().message(action)
        return {**message, "content": _printed(message["content"])}


@fault("addresses-without-fragments", breaks="ENV-010")
class AddressesWithoutFragments(Urls):
    """An address ends before its `#`."""

    def check(self, url: JsonObject) -> None:
        super().check(url)
        url["target_url"] = url["target_url"].partition("#")[0]


@fault("addresses-without-usual-ports", breaks="ENV-010")
class AddressesWithoutUsualPorts(Urls):
    """The port that a scheme has anyway is left out of an address."""

    def check(self, url: JsonObject) -> None:
        super().check(url)
        url["target_url"] = re.sub(
            r"^(https://[^/?#]*):443(?=[/?#]|$)|^(http://[^/?#]*):80(?=[/?#]|$)",
            lambda found: found[1] or found[2],
            url["target_url"],
        )


@fault("new-addresses-without-dots", breaks="ENV-010")
class NewAddressesWithoutDots(Urls):
    """The segments `.` and `..` of the address of an update are worked out."""

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        made = super().updated(url, changes)
        made["target_url"] = re.sub(r"/\.(?=/|$)|/[^/]+/\.\.(?=/|$)", "", made["target_url"])
        return made

"""Servers with rules of their own for values, where the protocol lets them refuse some."""

import re
from itertools import count

from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action
from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.protocol import SPOKEN, Versions
from omnisession_reference.wire import JsonObject

_ODD = re.compile(r"^\s|\s$|[\x00-\x1f\x7f\u200b-\u200f\ufeff\ufffe\uffff]|  ")
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+/[\x21-\x7e]*")
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_numbers = count()


def _refuse_odd(*texts: object) -> None:
    for text in texts:
        if isinstance(text, str) and (not text or _ODD.search(text)):
            raise Refusal(4220, "Write something, without odd spaces and signs.")


class _Articles(Articles):
    """Titles and tags are something to read, and no tag stands twice."""

    def check_sizes(self, article: JsonObject) -> None:
        super().check_sizes(article)
        _refuse_odd(article["title"], *article["tags"])
        if len({tag.casefold() for tag in article["tags"]}) < len(article["tags"]):
            raise Refusal(4220, "Each tag stands once.")


class _Chat(Chat):
    """Messages are something to read."""

    def check_size(self, action: Action) -> None:
        super().check_size(action)
        _refuse_odd(action.data["content"])


class _Users(Users):
    """Names are something to read."""

    def check_sizes(self, user: JsonObject) -> None:
        super().check_sizes(user)
        _refuse_odd(user["username"])


@variant("odd-texts-refused", _Articles, _Chat, _Users)
class OddTextsRefused(Urls):
    """Texts with odd spaces and signs, tags that stand twice and addresses of odd forms are refused."""

    def check(self, url: JsonObject) -> None:
        """Look at the address first."""
        if not _ADDRESS.fullmatch(url["target_url"]):
            raise Refusal(4220, "An address is one of the web, as browsers show it.")
        super().check(url)


@variant("no-version-is-not-spoken")
class NoVersionIsNotSpoken(Versions):
    """What is no version gets 4003, as one that the server does not speak."""

    def accept(self, version: object) -> None:
        """Take versions alone."""
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            told = f"This server speaks {', '.join(SPOKEN)}."
            raise Refusal(4003, told, supported=list(SPOKEN))
        super().accept(version)


_TEXTS = (
    "Unexpected token } in JSON at position 12.",
    "The body is no JSON: Expecting value at line 3, column 14 (char 57).",
    "The value at /data/changes/title breaks its rule maxLength; see https://example.org/docs#4001.",
    "Select an article from the list, update it and set a title.",
    "chat.typing is not a function of this server; see opened.actions.",
    "SCHEMA_INVALID: expected [a-z][a-z0-9_-]*, at most 96 bytes; at data.changes.tags (a list).",
    "The store is away for a moment; send the action again at 2026-11-29T09:00:00Z.",
)


@variant("error-texts-in-words")
class ErrorTextsInWords(Errors):
    """Errors tell in many words where a body is wrong and which page says more."""

    def body(self, refusal: Refusal) -> JsonObject:
        """Take the next text; an error that is told again is told as it was."""
        text = _TEXTS[next(_numbers) % len(_TEXTS)] if refusal.code in (4000, 4001, 4002) else None
        told = super().body(refusal)
        return told if text is None else {**told, "message": text}

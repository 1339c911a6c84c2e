"""Faults of texts that are taken for something else and written anew, and of lists that are cut."""
# ruff: noqa: D102  an override means what it overrides

import re
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users import Users
from omnisession_reference.wire import JsonObject

TEXTS = ("title", "subtitle", "leading")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.000)?Z")
TRUTHS = {"no": "false", "yes": "true", "on": "true", "off": "false", "NO": "false"}
MOST = 10


@fault("dates-written-anew", breaks="ENV-010")
class DatesWrittenAnew(Articles):
    """A text that looks like a time is read as one, and written with its milliseconds."""

    def check_sizes(self, article: JsonObject) -> None:
        for name in TEXTS:
            article[name] = TIME.sub(r"\1.000Z", article[name])
        super().check_sizes(article)


@fault("truths-of-yaml", breaks="ENV-010")
class TruthsOfYaml(Articles):
    """Yes, no, on and off are read as truths."""

    def check_sizes(self, article: JsonObject) -> None:
        for name in TEXTS:
            article[name] = TRUTHS.get(article[name], article[name])
        super().check_sizes(article)


@fault("messages-with-dates-written-anew", breaks="ENV-010")
class MessagesWithDatesWrittenAnew(Chat):
    """A message that looks like a time is read as one when it is edited."""

    def edit(self, action: Any) -> Any:
        action.data["content"] = TIME.sub(r"\1.000Z", action.data["content"])
        return super().edit(action)


@fault("ten-tags-are-kept", breaks="ENV-010")
class TenTagsAreKept(Articles):
    """Of more than ten tags the others are dropped."""

    def check_sizes(self, article: JsonObject) -> None:
        article["tags"] = article["tags"][:MOST]
        super().check_sizes(article)


@fault("emails-in-small-letters", breaks="ENV-010")
class EmailsInSmallLetters(Users):
    """An email is kept in small letters."""

    def named(self, changes: JsonObject) -> JsonObject:
        told = super().named(changes)
        return {n: str(v).lower() if n == "email" else v for n, v in told.items()}

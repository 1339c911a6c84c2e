"""Every request of a run asks below the user of its subject: the tap has seen all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.schemas.strict import decode
from omnisession_conformance.protocol.subjects import BadTokenError, tok

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.kit.command.tool import Ran

Message = dict[str, Any]
ALIKE = ("control", "actions", "chat", "edit")
ELSEWHERE = ("garbage-stops-nothing", "requests-are-answered-on-any-inbox")
"""A case that sends bodies of which it cannot say whom they name, and one that asks as libraries do."""


def family_of(message: Message) -> tuple[str, str | None]:
    """What a request is sent on, and the token of the user whom it names."""
    match message["subject"].split("."):
        case ["session", token, _, "control"]:
            return "control", token
        case ["user", "actions", token]:
            return "actions", token
        case ["chat", "messages"]:
            return "chat", named_in(message)
        case ["article", "edit", "start"]:
            return "edit", named_in(message)
        case _:
            return "other", None


def named_in(message: Message) -> str | None:
    body = decode(message.get("text", "").encode()).body or {}
    user_id = body.get("user_id")
    try:
        return tok(user_id) if isinstance(user_id, str) else None
    except BadTokenError:
        return None


def elsewhere(messages: Iterable[Message]) -> tuple[list[Message], Counter[str]]:
    """Requests that ask elsewhere, and how many ask below their user, by what they are sent on."""
    odd, right = list[Message](), Counter[str]()
    for message in messages:
        if message.get("from") != "kit" or message.get("case") in ELSEWHERE:
            continue
        # Cases that forge reply subjects name some that are no inboxes at all.
        if not message.get("reply", "").startswith("_INBOX."):
            continue
        family, token = family_of(message)
        # A broker takes a `*` for all of the tokens there: no client may ask on such an inbox.
        if token is None or "*" in token:
            continue
        if message["reply"].startswith(f"_INBOX.{token}."):
            right[family] += 1
        else:
            odd.append(message)
    return odd, right


def test_each_request_of_a_few_checks_asks_below_its_user(quick: Ran) -> None:
    odd, right = elsewhere(quick.told)
    assert not odd
    assert right["control"]


@pytest.mark.dear
def test_each_request_of_a_run_asks_below_its_user(whole: Ran) -> None:
    odd, right = elsewhere(whole.told)
    assert not odd
    assert right.keys() == set(ALIKE)
    assert right.total() > 10_000


def test_one_that_asks_elsewhere_is_found() -> None:
    right: Message = {
        "from": "kit",
        "case": "x",
        "subject": "user.actions.ann",
        "reply": "_INBOX.ann.1",
    }
    for reply in ("_INBOX.1", "_INBOX.bob.1", "_INBOX.ann", "_INBOX.anna.1", "_INBOX.ann=20.1"):
        assert elsewhere([right, {**right, "reply": reply}])[0] == [{**right, "reply": reply}]
    shared = {**right, "subject": "chat.messages", "text": '{"user_id":"a.b"}'}
    assert elsewhere([{**shared, "reply": "_INBOX.a=2eb.1"}, {**shared}])[0] == [shared]

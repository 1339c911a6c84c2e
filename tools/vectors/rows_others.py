"""Rows of chat, urls and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.entries import message, url
from vectors.rows import LIMITS, act, row

if TYPE_CHECKING:
    from vectors.lines import Json

T = 1_730_000_000_000
CHAT: Json = {
    "type": "chat",
    "messages": [message("m-3", T + 3), message("m-2", T + 2, "ann"), message("m-1", T + 1)],
    "participants": [{"id": "ann", "username": "Ann"}, {"id": "bob", "username": "Bob"}],
    "typing_indicators": ["bob"],
}
SILENT: Json = {**CHAT, "messages": [], "participants": [], "typing_indicators": []}
URLS: Json = {"type": "url", "urls": [url("u-2", T + 2), url("u-1", T + 1)]}
USER_SLICE: Json = {
    "type": "user",
    "user": {"id": "ann", "username": "Ann", "email": "ann@example.com"},
    "permissions": ["articles.edit"],
    "sessions": [],
}
SEND, EDIT, GONE = "chat.send", "chat.edit", "chat.delete"
CREATE, UPDATE = "url.create", "url.update"


def chat() -> list[Json]:
    """All rows of the kind."""
    held = {"chat": CHAT}
    send = act(SEND, content="hello")
    return [
        row("nothing-pending", "Without actions the view is the slices.", held),
        row("send", "A new message stands in front, and nobody has edited it.", held, send),
        row("two-sends", "The newest is in front.", held, send, act(SEND, content="again")),
        row("the-same-twice", "Two messages may say the same.", held, send, send),
        row(
            "send-at-the-limit",
            "The list is cut to its limit: the oldest goes.",
            held,
            send,
            limits={**LIMITS, "chat_messages": 3},
        ),
        row(
            "sends-beyond-the-limit",
            "Of more than the limit the newest stay.",
            held,
            *[act(SEND, content=text) for text in ("one", "two", "three")],
            limits={**LIMITS, "chat_messages": 2},
        ),
        row(
            "send-before-opened",
            "Before the first opened nothing is cut.",
            {"chat": SILENT},
            send,
            act(EDIT, message_id="m-1", content="Mine"),
            limits=None,
        ),
        row(
            "edit",
            "The message takes the content; place and times stay.",
            held,
            act(EDIT, message_id="m-2", content="Mine"),
        ),
        row(
            "edit-of-another-user",
            "No right is looked at.",
            held,
            act(EDIT, message_id="m-1", content="Mine"),
        ),
        row(
            "edit-of-what-is-not-there",
            "An action does nothing in a place that lacks its target.",
            held,
            act(EDIT, message_id="m-9", content="Mine"),
        ),
        row("delete", "The message is gone.", held, act(GONE, message_id="m-3")),
        row("delete-of-what-is-not-there", "Nothing goes.", held, act(GONE, message_id="m-9")),
        row(
            "edit-delete-edit",
            "What is deleted takes no content any more.",
            held,
            act(EDIT, message_id="m-2", content="One"),
            act(GONE, message_id="m-2"),
            act(EDIT, message_id="m-2", content="Two"),
        ),
        row(
            "delete-and-send-at-the-limit",
            "Each works on what the one before has left.",
            held,
            act(GONE, message_id="m-3"),
            send,
            limits={**LIMITS, "chat_messages": 3},
        ),
        row(
            "what-shows-nothing",
            "Other actions do nothing, and nobody types because of them.",
            held,
            act("chat.typing", active=True, ttl_ms=6_000),
            act("chat.sparkle", message_id="m-1"),
        ),
    ]


def urls() -> list[Json]:
    """All rows of the kind."""
    held = {"url": URLS}
    create = act(CREATE, target_url="https://example.com/new", short_code="go")
    return [
        row(
            "create-with-a-code", "A new url stands in front, active and not visited.", held, create
        ),
        row(
            "create-without-a-code",
            "The code is the server's to make: a client shows any text.",
            held,
            act(CREATE, target_url="https://example.com/new"),
        ),
        row(
            "one-code-twice",
            "No rule of the server is looked at: both are there.",
            held,
            create,
            create,
        ),
        row(
            "create-at-the-limit",
            "The list is cut to its limit.",
            held,
            create,
            limits={**LIMITS, "urls": 2},
        ),
        row(
            "update",
            "The url takes what the page names; the place stays.",
            held,
            act(
                UPDATE,
                url_id="u-1",
                changes={
                    "target_url": "https://example.com/o",
                    "short_code": "other",
                    "is_active": False,
                },
            ),
        ),
        row(
            "update-of-what-no-user-sets",
            "Of changes no other members are taken.",
            held,
            act(UPDATE, url_id="u-1", changes={"access_count": 7, "created_by": "ann", "mood": 1}),
        ),
        row(
            "update-of-what-is-not-there",
            "An action does nothing in a place that lacks its target.",
            held,
            act(UPDATE, url_id="u-9", changes={"is_active": False}),
        ),
        row("delete", "The url is gone.", held, act("url.delete", url_id="u-2")),
        row("delete-of-what-is-not-there", "Nothing goes.", held, act("url.delete", url_id="u-9")),
    ]


def users() -> list[Json]:
    """All rows of the kind, beside the chat that names the user as well."""
    held = {"user": USER_SLICE, "chat": CHAT}
    name = act("user.update", changes={"username": "Anna"})
    return [
        row(
            "update-of-the-name",
            "The user has the new name; participants stay as they were.",
            held,
            name,
        ),
        row(
            "update-of-both",
            "Name and email are taken.",
            held,
            act("user.update", changes={"username": "Anna", "email": "anna@example.com"}),
        ),
        row(
            "update-of-a-password",
            "A password is never shown, and neither is what else there is.",
            held,
            act("user.update", changes={"username": "Anna", "password": "secret", "id": "bob"}),
            needs=["USER-005"],
        ),
        row(
            "update-of-no-user",
            "Before the first state there is no user to change.",
            {"user": {**USER_SLICE, "user": None, "permissions": []}},
            name,
            limits=None,
        ),
    ]

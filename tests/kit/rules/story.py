"""A right transcript with all kinds of messages, which no rule may find fault with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.kit.model.values import (
    article,
    articles_slice,
    chat_slice,
    editor,
    message,
    revision,
    session,
    url,
    user,
    user_slice,
)
from tests.kit.rules.builder import START_MS, Tape, error

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from tests.kit.rules.builder import Done, Entry, Player

SECRET_IDS = {"a1": "k7tag-aaaaaaaaaaaaaaaa01", "a2": "k7tag-aaaaaaaaaaaaaaaa02"}
EDITORS: frozenset[str] = frozenset({"edith-0001"})
ANN, BOB = "ann-0001", "bob-0002"


def published(number: int, at_ms: int, **more: Any) -> dict[str, Any]:
    return article("art-1", START_MS + at_ms, author_id=ANN, revision=number, **more)


def revised(number: int, at_ms: int = 0) -> dict[str, Any]:
    return {**revision("art-1", number), "author_id": ANN, "timestamp": START_MS + at_ms}


def older() -> dict[str, dict[str, Any]]:
    """The slices of a server that holds two articles and an edit already."""
    articles = [article("old-2", START_MS - 50), article("old-1", START_MS - 90)]
    editors = [editor("old-1", "cyd-0003", START_MS - 9), editor("old-2", "cyd-0003", START_MS - 9)]
    return {"articles": articles_slice(articles=articles, editors=editors)}


@dataclass(slots=True)
class Story:
    """The tape with its sessions and the actions that tests change.

    `a1` and `b1` have events (`a1` digests as well), `a2` is another session of the same user without
    features. `b1` has the article selected from `select` on.
    """

    tape: Tape
    a1: Player
    a2: Player
    b1: Player
    create: Done
    publish: Done
    select: Done
    update: Done
    edit: Done
    noop: Done
    sync: tuple[Entry, Entry, list[Entry]]
    pong: tuple[Entry, Entry]


def story() -> Story:
    """A draft is made, published, selected, changed and edited; sessions sync, resume and close."""
    tape = Tape()
    a1 = tape.opened(ANN, SECRET_IDS["a1"], features=("events", "digests"), slices=older())
    a2 = tape.opened(ANN, SECRET_IDS["a2"], slices=older())
    b1 = tape.opened(BOB, "k7tag-bbbbbbbbbbbbbbbb01", features=("events",), slices=older())
    draft = article("art-1", author_id=ANN)
    create = a1.acts(
        "article.create",
        {"title": "First"},
        events=[("article.created", {"article": draft})],
        seen_by=(a1, a2),
        result={"article_id": "art-1"},
    )
    at = tape.ms
    publish = a1.acts(
        "article.publish",
        {"article_id": "art-1"},
        events=[
            ("article.updated", {"article": published(2, at)}),
            ("article.revision_added", {"revision": revised(2, at)}),
        ],
    )
    select = b1.acts(
        "article.select",
        {"article_id": "art-1"},
        events=[
            (
                "article.selected",
                {
                    "article": published(2, at, content="It was dark."),
                    "revisions": [revised(2, at), revised(1)],
                },
            )
        ],
        seen_by=(b1,),
    )
    update = a1.acts(
        "article.update",
        {"article_id": "art-1", "changes": {"title": "Second"}},
        events=[
            (
                "article.updated",
                {"article": published(3, at, title="Second", content="It was dark.")},
            ),
            ("article.revision_added", {"revision": revised(3, tape.ms)}),
        ],
    )
    tape.put(
        "article.art-1.updates",
        {
            "v": "1.0",
            "type": "article.updated",
            "event_id": update.effects[0].body.get("event_id") or "e",
            "article_id": "art-1",
            "timestamp": tape.now(),
            "data": {"article": published(3, at, title="Second", content="It was dark.")},
        },
        update.ack.party,
    )
    edit = a1.acts(
        "article.edit_start",
        {"article_id": "art-1"},
        events=[("article.edit_started", editor("art-1", ANN, START_MS + tape.ms))],
    )
    for player in (a1, a2, b1):
        player.heartbeat()
    noop = a1.acts("session.noop")
    refused = b1.sends("article.update", {"article_id": "art-9", "changes": {}})
    b1.count = b1.sent
    b1.nack(refused, 4040)
    ahead = b1.sends("session.noop", number=b1.sent + 5)
    b1.nack(ahead, 4091, details={"expected": b1.sent + 1})
    b1.ack(noop_copy(b1, action_id=str(noop.copy.body["action_id"])), "applied")
    sync = b1.sync()
    pong = a1.ping()
    a2.ping()
    b1.state("articles")
    b1.resume(b1.epoch, b1.seq, "current")
    b1.resume(b1.epoch, 1, "replay")
    b1.resume(b1.epoch, 1, "snapshot")
    b1.resume(b1.epoch, b1.seq + 9, "snapshot")
    a1.open()
    tape.change([("article.edit_ended", editor("art-1", ANN, START_MS + tape.ms))], (a1, a2, b1))
    _refusals(a2, b1)
    _copies(b1)
    _own_data(tape)
    _room(tape)
    a2.asks("session.heartbeat")
    a2.close()
    a2.refused(a2.asks("session.open", a2.open_data()), 4101)
    # What is sent after it, or in the two seconds before, need not be answered.
    tape.wait(3_000)
    b1.pushed("session.closing", {"code": 5030, "reconnect": True, "after_ms": 0})
    return Story(tape, a1, a2, b1, create, publish, select, update, edit, noop, sync, pong)


def _own_data(tape: Tape) -> None:
    """Another user makes urls and changes itself, and somebody looks for the server."""
    me, id_ = "dan-0004", "k7tag-dddddddddddddddd01"
    sessions = [session(id_, tape.now())]
    own = user_slice(user=user(me), permissions=["a", "b"], sessions=sessions)
    dan = tape.opened(me, id_, kinds=("url", "user"), slices={"user": own})
    for name in ("l-1", "l-2"):
        target = f"https://example.org/k7tag-target-of-{name}"
        made = url(name, tape.now(), created_by=me, target_url=target)
        dan.acts(
            "url.create",
            {"target_url": target},
            events=[("url.created", {"url": made})],
            seen_by=(dan,),
            result={"url_id": name},
        )
    dan.acts(
        "user.update",
        {"changes": {"username": "Dan", "password": "k7tag-correct-horse"}},
        events=[("user.updated", {"user": user(me, "Dan")})],
        seen_by=(dan,),
    )
    dan.sync()
    inbox = tape.inbox()
    tape.put("$SRV.STATS", {}, Party.KIT, reply=inbox)
    stats: dict[str, Any] = {
        "type": "io.nats.micro.v1.stats_response",
        "name": "omnisession",
        "data": {},
    }
    tape.put(inbox, stats, Party.TARGET)


def _room(tape: Tape) -> None:
    """Two users in the chat room: one writes and types, the other looks on."""
    there = chat_slice(participants=[user("eve-0005"), user("fay-0006")])
    eve, fay = (
        tape.opened(id_, f"k7tag-{id_}-01", kinds=("chat",), slices={"chat": there})
        for id_ in ("eve-0005", "fay-0006")
    )
    for id_ in ("m-1", "m-2"):
        told = {**message(id_, f"text of {id_}"), "user_id": eve.user, "sent_at": tape.now()}
        eve.acts(
            "chat.send",
            {"content": f"text of {id_}"},
            events=[("chat.message_added", {"message": told})],
            seen_by=(eve, fay),
            result={"message_id": id_},
        )
    eve.acts(
        "chat.delete",
        {"message_id": "m-1"},
        events=[("chat.message_deleted", {"message_id": "m-1"})],
        seen_by=(eve, fay),
    )
    typing = [("chat.typing_changed", {"user_id": eve.user, "active": True})]
    eve.acts("chat.typing", {"active": True}, events=typing, seen_by=(fay,))
    fay.sync()


def _refusals(a2: Player, b1: Player) -> None:
    """Requests and actions that are refused, each in its own way."""
    tape = a2.tape
    a2.refused(a2.asks("x.unknown"), 4002)
    a2.refused(a2.asks("session.open", {}), 4001, details={"pointer": "/data/protocol"})
    a2.refused(
        a2.asks("session.open", {**a2.open_data(), "protocol": ["9.0"]}),
        4003,
        details={"supported": ["1.0"]},
    )
    other = a2.asks("session.ping")
    other.body["session_id"] = b1.id
    a2.refused(other, 4031)
    a2.asks("session.ping", reply="session.bob-0002.forged.state")
    a2.nack(a2.sends("session.noop", number=a2.sent + 1), 4290, retry_after_ms=5)
    conflict = a2.sends("article.update", {"article_id": "art-1", "changes": {}})
    a2.count = a2.sent
    a2.nack(conflict, 4090, details={"revision": 3})
    asked = {"heartbeat_ms": 200, "resume_window_ms": 1_000, "coalesce_ms": 0, "gap_ms": 0}
    tape.opened(
        "cyd-0003", "k7tag-cccccccccccccccc01", timers=dict(asked), asked_timers=dict(asked)
    ).close()


def _copies(b1: Player) -> None:
    """Further copies of an acked and of a refused action, and one with a trace."""
    tape = b1.tape
    first = noop_copy(b1)
    first.headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    position = b1.position()
    for entry in b1.ack(first):
        entry.headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
    again = tape.put(first.subject, first.body, first.party, reply=tape.inbox())
    again.headers.update(first.headers)
    for entry in b1.ack(again, "duplicate", position=position):
        entry.headers.update(first.headers)
    bad = b1.sends("article.delete", {"article_id": "art-9"})
    b1.count = b1.sent
    position = b1.position()
    b1.nack(bad, 4040)
    b1.state("articles")
    again = tape.put(bad.subject, bad.body, bad.party, reply=tape.inbox())
    b1.outcome(again, "action.nack", error=error(4040), position=position)


def noop_copy(player: Player, *, action_id: str | None = None) -> Entry:
    """A copy of a no-op as the next number, counted already."""
    copy = player.sends("session.noop", action_id=action_id)
    player.count = player.sent
    return copy

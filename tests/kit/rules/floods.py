"""Made-up messages in any number: what a target may send to make the rules slow.

Each shape takes a number and returns messages of about as many bytes or pieces; the kit's own part of
them is there as well, since rules judge answers by what was asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.kit.rules.builder import (
    LIMITS,
    ONE_MS,
    START_MS,
    START_NS,
    TIMERS,
    checker,
    envelope,
    error,
)

from omnisession_conformance.traffic.reader import Reader
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from collections.abc import Callable

USER, SESSION = "u1", "s-0001"
CONTROL = f"session.{USER}.{SESSION}.control"
STATE = f"session.{USER}.{SESSION}.state"
EVENTS = f"session.{USER}.{SESSION}.events"
ACTIONS = f"user.actions.{USER}"
KNOWN_ARTICLE: dict[str, Any] = {
    "id": "a-1",
    "slug": "s",
    "revision": 1,
    "author_id": USER,
    "author": "A",
    "title": "t",
    "subtitle": None,
    "leading": None,
    "content": None,
    "tags": [],
    "published_at": None,
    "struct_version": 1,
}


@dataclass(slots=True)
class Flood:
    """Records to be; made by one reader, as those of a run are."""

    records: list[Record] = field(default_factory=list[Record])
    reader: Reader = field(default_factory=lambda: Reader(checker(), frozenset(), 0.0))

    def put(
        self, subject: str, body: Any, *, reply: str = "", kit: bool = False, raw: bytes = b""
    ) -> None:
        n = len(self.records)
        party = Party.KIT if kit else Party.TARGET
        self.records.append(
            self.reader.read(
                n=n,
                t_ns=START_NS + n * ONE_MS,
                at_ms=START_MS + n,
                subject=subject,
                reply=reply,
                headers={},
                data=raw or json.dumps(body, separators=(",", ":")).encode(),
                party=party,
                side=side_of(party),
                case="some-case",
            )
        )

    def asks(self, type_: str, data: dict[str, Any], reply: str) -> None:
        self.put(CONTROL, _body(type_, data), reply=reply, kit=True)

    def opens(self, **granted: Any) -> Flood:
        """A session is asked for and opened, as `granted` says."""
        asked = {
            "protocol": ["1.0"],
            "kinds": ["articles"],
            "features": ["events"],
            "auth": {"scheme": "bearer", "token": "a.b.c"},
            "client": {"name": "c", "version": "1"},
        }
        inbox = f"_INBOX.open{len(self.records)}"
        self.asks("session.open", asked, inbox)
        told = {
            "protocol": "1.0",
            "kinds": ["articles"],
            "features": ["events"],
            "profiles": ["core"],
            "actions": ["session.noop"],
            "limits": LIMITS,
            "timers": TIMERS,
            "position": {"epoch": 1, "seq": 0, "last_action_seq": 0},
            **granted,
        }
        self.put(inbox, _body("session.opened", told))
        return self

    def acts(self, n: int, **more: Any) -> None:
        """The kit sends action number `n`."""
        body = {
            **_body("session.noop", {}),
            "action_id": f"act-{n}",
            "client_seq": n,
            **more,
        }
        self.put(ACTIONS, body, reply=f"_INBOX.a{n}", kit=True)

    def state(self, seq: int, data: dict[str, Any], epoch: int = 1) -> None:
        head = {"epoch": epoch, "seq": seq, "last_action_seq": 0, "reason": "change"}
        self.put(STATE, {**_body("session.state", data), **head})

    def event(self, seq: int, type_: str, data: dict[str, Any], **more: Any) -> None:
        head = {"epoch": 1, "seq": seq, "last_action_seq": 0, "event_id": f"e-{seq}"}
        self.put(EVENTS, {**_body(type_, data), **head, "actor": None, "cause": None, **more})


def _body(type_: str, data: Any) -> dict[str, Any]:
    return envelope(type_, USER, SESSION, START_MS, data)


ARTICLES: dict[str, Any] = {
    "type": "articles",
    "articles": [],
    "current_article": None,
    "revisions": [],
    "editors": [],
}


def valid_states(n: int) -> Flood:
    flood = Flood().opens()
    for seq in range(1, n):
        flood.state(seq, ARTICLES)
    return flood


def garbage(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(n):
        flood.put(EVENTS, None, raw=b"\xff\x00" + number.to_bytes(46))
    return flood


def junk_elsewhere(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(n):
        flood.put(f"junk.{number}", None, raw=b"x" * 40)
    return flood


def other_sessions(n: int) -> Flood:
    """Each session is told of an action that nobody sent, in a session of somebody else."""
    flood = Flood().opens()
    for number in range(n):
        flood.put(f"session.x{number}.y{number}.state", _body("session.state", ARTICLES))
        cause = {"action_id": f"no-{number}", "session_id": f"no-{number}", "client_seq": 1}
        data = {"article_id": "a-1", "user_id": "u", "since": START_MS}
        flood.event(number + 1, "article.edit_started", data, cause=cause, actor="u")
    return flood


def outcomes_of_one_action(n: int) -> Flood:
    flood = Flood().opens()
    flood.acts(1)
    for number in range(n):
        position = {"epoch": 1, "seq": 0, "last_action_seq": 1}
        status = "duplicate" if number else "applied"
        told = {"action_id": "act-1", "client_seq": 1, "status": status, "position": position}
        flood.put(CONTROL, _body("action.ack", {**told, "result": {"n": number}}))
    return flood


def outcomes_of_nobodys_actions(n: int) -> Flood:
    """The kit has sent texts that a lenient decoder may read in more than one way."""
    flood = Flood().opens()
    for number in range(50):
        flood.put(ACTIONS, None, kit=True, raw=b'{"a":1,"a":"%d"}' % number + b" " * 1_000)
    for number in range(n):
        position = {"epoch": 1, "seq": 0, "last_action_seq": 1}
        told = {"action_id": f"no-{number}", "client_seq": 1, "status": "applied"}
        flood.put(CONTROL, _body("action.ack", {**told, "position": position}))
    return flood


def epochs(n: int) -> Flood:
    """A session whose open was never answered is told of one epoch after the other."""
    flood = Flood()
    flood.asks("session.ping", {}, "_INBOX.ping")
    for epoch in range(1, n):
        flood.state(1, ARTICLES, epoch)
    return flood


def hints_of_one_id(n: int) -> Flood:
    flood = Flood().opens()
    flood.event(1, "x.happened", {"n": -1}, event_id="e-1")
    for number in range(n):
        body = {**_body("x.happened", {"n": number}), "article_id": "a-1", "event_id": "e-1"}
        flood.put("article.a-1.updates", body)
    return flood


def versions_of_one_change(n: int) -> Flood:
    flood = Flood().opens()
    for seq in range(1, n):
        flood.event(seq, "article.updated", {"article": {**KNOWN_ARTICLE, "title": f"t{seq}"}})
    return flood


def one_chat_of_many(n: int) -> Flood:
    flood = Flood().opens(kinds=["chat"])
    told = [
        {"id": f"m-{i}", "user_id": "u", "content": "x", "sent_at": START_MS, "edited_at": None}
        for i in range(n)
    ]
    lists: dict[str, Any] = {"participants": [], "typing_indicators": []}
    flood.state(1, {"type": "chat", "messages": told, **lists})
    return flood


def versions_of_one_message(n: int) -> Flood:
    flood = Flood().opens(kinds=["chat"])
    for seq in range(1, n):
        at = {"sent_at": START_MS, "edited_at": START_MS + seq}
        message = {"id": "m-1", "user_id": "u", "content": f"x{seq}", **at}
        flood.event(seq, "chat.message_edited", {"message": message})
    return flood


def closings(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(n // 2):
        flood.put(CONTROL, _body("session.closing", {"reason": "shutdown"}))
        flood.asks("session.ping", {}, f"_INBOX.p{number}")
        flood.put(f"_INBOX.p{number}", _body("session.pong", {}))
    return flood


def unanswered_actions(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(1, n):
        flood.acts(number)
    for _ in range(3):
        flood.put("$KIT.end", {}, kit=True)
    return flood


def resumes(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(1, n // 2):
        flood.state(number, ARTICLES)
        flood.asks("session.resume", {"epoch": 1, "seq": number}, f"_INBOX.r{number}")
        position = {"epoch": 1, "seq": number, "last_action_seq": 0}
        told = {"mode": "current", "position": position}
        flood.put(f"_INBOX.r{number}", _body("session.resumed", told))
    return flood


def many_kinds(n: int) -> Flood:
    flood = Flood().opens(kinds=[f"k{i}" for i in range(n)])
    for seq in range(1, n):
        flood.state(seq, ARTICLES, epoch=seq)
    return flood


def a_growing_list(n: int) -> Flood:
    """Events make a list longer and longer, within limits beyond all measure."""
    limits = {**LIMITS, **dict.fromkeys(("articles", "editors", "revisions"), 2**40)}
    flood = Flood().opens(limits=limits)
    flood.state(1, ARTICLES)
    for seq in range(2, n):
        flood.event(seq, "article.created", {"article": {**KNOWN_ARTICLE, "id": f"a-{seq}"}})
        if not seq % 50:
            flood.asks("session.sync", {}, f"_INBOX.y{seq}")
    flood.state(n, ARTICLES)
    return flood


def a_replay_to_the_end_of_numbers(n: int) -> Flood:
    flood = Flood().opens()
    for number in range(n // 2):
        flood.asks("session.resume", {"epoch": 1, "seq": 0}, f"_INBOX.r{number}")
        position = {"epoch": 1, "seq": 2**53 - 1, "last_action_seq": 0}
        told: dict[str, Any] = {"mode": "replay", "messages": [], "position": position}
        flood.put(f"_INBOX.r{number}", _body("session.resumed", told))
    return flood


def versions_without_end(n: int) -> Flood:
    """Each open is told another version, with as many digits as there are opens."""
    flood = Flood()
    for number in range(n // 20):
        flood.opens(protocol=f"1.{number}")
    flood.opens(protocol="1." + "9" * n)
    return flood


def _refusal(text: str) -> Flood:
    flood = Flood().opens()
    flood.asks("session.ping", {}, "_INBOX.ping")
    flood.put("_INBOX.ping", _body("error", {"error": error(4041, message=text)}))
    return flood


def words_with_hyphens(n: int) -> Flood:
    return _refusal("a-" * n * 20)


def queries_without_end(n: int) -> Flood:
    return _refusal("SELECT UPDATE " * n * 20)


def calls_without_end(n: int) -> Flood:
    return _refusal('at x(:1 File "' * n * 20)


def names_with_at(n: int) -> Flood:
    """One letter after the other, and an `@` elsewhere, in a run that knows an email."""
    return _refusal("writer@home " + "x" * n * 20)


def an_email_again_and_again(n: int) -> Flood:
    """An answer says the email of its owner in many places, some of which may be right."""
    flood = Flood().opens(kinds=["user"])
    user = {**_body("session.state", {"type": "user", "user": "u1@example.org"}), "seq": 1}
    flood.asks("session.resume", {"epoch": 1, "seq": 0}, "_INBOX.again")
    messages = [user, {"type": "user.updated", "t": ["u1@example.org"] * n}]
    flood.put("_INBOX.again", _body("session.resumed", {"messages": messages}))
    return flood


SHAPES: tuple[Callable[[int], Flood], ...] = (
    valid_states,
    garbage,
    junk_elsewhere,
    other_sessions,
    outcomes_of_one_action,
    outcomes_of_nobodys_actions,
    epochs,
    hints_of_one_id,
    versions_of_one_change,
    one_chat_of_many,
    versions_of_one_message,
    closings,
    unanswered_actions,
    resumes,
    many_kinds,
    a_growing_list,
    a_replay_to_the_end_of_numbers,
    versions_without_end,
    words_with_hyphens,
    queries_without_end,
    calls_without_end,
    names_with_at,
    an_email_again_and_again,
)

"""A story that two users tell a server on the bench, so that whatever is unusual in it shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.reference.bench import action, control, token

from omnisession_reference.protocol import LIMITS

if TYPE_CHECKING:
    from tests.reference.bench import Bench, Body

KINDS = ["articles", "chat", "url", "user"]
TRACE = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
MOMENT_MS = 200


class Teller:
    """Hands over one message after the other, and gives each a moment."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._numbers: dict[str, int] = {}

    def say(self, subject: str, body: Body | bytes, trace: str | None = None) -> None:
        self.bench.deliver(subject, body, "_INBOX.a", trace)
        self.bench.clock.move(MOMENT_MS)

    def ask(self, user: str, session: str, type_: str, **data: Any) -> None:
        self.say(f"session.{user}.{session}.control", control(type_, user, session, **data))

    def open(self, user: str, session: str, *features: str, **data: Any) -> None:
        auth = {"scheme": "bearer", "token": token(user, name=user.title())}
        data = {"protocol": ["1.7"], "kinds": KINDS, "features": features, "auth": auth} | data
        client = {"name": "bench", "version": "1"}
        self.ask(user, session, "session.open", **data, client=client)

    def act(self, user: str, session: str, type_: str, **data: Any) -> Body:
        """Act, and return the result of the last ack."""
        number = self._numbers[session] = self._numbers.get(session, 0) + 1
        self.say(f"user.actions.{user}", action(user, session, number, type_, **data), TRACE)
        results = [s.body["data"].get("result") for s in self.bench.sent if "ack" in s.body["type"]]
        return (results or [None])[-1] or {}


def tell(bench: Bench, *, long: bool = False) -> None:
    """Tell the whole story; a long one goes on until a server may forget its beginning."""
    teller = Teller(bench)
    teller.open("ann", "a", timers={"gap_ms": 50})
    teller.open("ann", "b", "events", "digests")
    teller.open("bob", "c", "events")
    teller.open("ann", "short", timers={"heartbeat_ms": 200, "resume_window_ms": 1_000})
    teller.open("ann", "none", protocol=[])
    _write(teller)
    _talk(teller)
    _shorten(teller)
    _stumble(teller)
    _wait(teller)
    if long:
        _remember(teller)
    _end(teller)
    _stop(teller)


def _write(teller: Teller) -> None:
    for session in ("a", "b"):
        made = teller.act("ann", session, "article.create", title="One", slug="same", content="x/Z")
        article = {"article_id": made.get("article_id", "none")}
        teller.act("ann", session, "article.publish", **article)
        for _ in range(2):
            teller.act("ann", session, "article.select", **article)
        teller.act("ann", session, "article.update", **article, changes={"content": "two words"})
        teller.act("ann", session, "article.edit_start", **article)


def _talk(teller: Teller) -> None:
    teller.act("bob", "c", "chat.typing", active=True)
    first = teller.act("bob", "c", "chat.send", content="first")
    for number in range(LIMITS["chat_messages"]):
        # Nobody waits: so many a moment are too many for some servers.
        body = action("ann", "many", number + 1, "chat.send", content=f"message {number}")
        if number == 0:
            teller.open("ann", "many", kinds=["chat"])
        teller.bench.deliver("user.actions.ann", body, "_INBOX.a")
    teller.bench.clock.move(MOMENT_MS)
    old = {"message_id": first.get("message_id", "none")}
    teller.act("bob", "c", "chat.edit", **old, content="edited")


def _shorten(teller: Teller) -> None:
    target = {"target_url": "mailto:ann@example.org", "short_code": "code"}
    for _ in range(2):
        made = teller.act("ann", "a", "url.create", **target)
        teller.act("ann", "a", "url.delete", url_id=made.get("url_id", "none"))
    teller.act("ann", "b", "url.create", target_url="https://example.org/")
    teller.act("ann", "b", "user.update", changes={"username": "Ann B."})


def _stumble(teller: Teller) -> None:
    ahead = action("ann", "a", 999, "session.noop")
    teller.say("user.actions.ann", ahead)
    teller.say("user.actions.ann", action("ann", "unknown", 1, "session.noop"))
    teller.act("ann", "a", "chat.send", content=5)
    for session, back in (("a", 1), ("b", 3)):
        states = teller.bench.stream("ann", session)
        epoch, seq = (states[-1]["epoch"], states[-1]["seq"]) if states else (1, 1)
        teller.ask("ann", session, "session.resume", epoch=epoch, seq=max(0, seq - back))
    teller.ask("ann", "b", "session.sync")
    twice = b'{"v":"1.0","v":"1.0",' + _raw("session.ping")[1:]
    teller.say("session.ann.a.control", twice)
    teller.say("session.ann.a.control", _raw("session.ping").replace(b'"v":"1.0",', b""))
    large = _raw("session.ping")[:-1] + b',"x":"' + b"x" * LIMITS["action"] + b'"}'
    teller.say("session.ann.a.control", large)


def _wait(teller: Teller) -> None:
    """Two that are held, rivals for one number; one of them again, and half of a surrogate pair."""
    teller.open("bob", "held", kinds=["chat", "articles"], timers={"gap_ms": 5_000})
    first, next_ = (action("bob", "held", n, "chat.send", content=f"number {n}") for n in (1, 2))
    rival = next_ | {"action_id": "rival", "data": {"content": "rival"}}
    for body in (next_, rival, first):  # in a moment: held actions are not held for long
        teller.bench.deliver("user.actions.bob", body, "_INBOX.a")
    for number in (3, 4):
        # In what no session with digests is shown: half a pair has none.
        half = action("bob", "held", number, "article.create", title=f"half \ud83d {number}")
        teller.say("user.actions.bob", json.dumps(half).encode("ascii"))
        teller.say("user.actions.bob", action("bob", "held", number, "session.noop"))
        teller.say("user.actions.bob", rival)
    teller.ask("bob", "held", "session.close")


def _raw(type_: str) -> bytes:
    envelope = f'"type":"{type_}","user_id":"ann","session_id":"a","timestamp":1,"data":{{}}'
    return f'{{"v":"1.0",{envelope}}}'.encode()


def _remember(teller: Teller) -> None:
    first, last = LIMITS["chat_messages"] + 1, 380
    for number in (*range(first, last), first):
        body = action("ann", "many", number, "session.noop")
        teller.bench.deliver("user.actions.ann", body, "_INBOX.a")
    teller.bench.clock.move(MOMENT_MS)


def _end(teller: Teller) -> None:
    teller.bench.clock.move(1_200)
    teller.ask("ann", "short", "session.ping")
    teller.bench.clock.move(20_000)
    teller.ask("ann", "short", "session.ping")
    teller.ask("ann", "b", "session.close")
    teller.open("ann", "brief", kinds=["user"], timers={"resume_window_ms": 1_000})
    teller.ask("ann", "brief", "session.close")
    teller.ask("ann", "brief", "session.unknown")
    teller.ask("bob", "c", "session.close")
    teller.open("ann", "left", "events")
    teller.bench.clock.move(40_000)
    teller.ask("ann", "brief", "session.ping")


def _stop(teller: Teller) -> None:
    """Stop as planned, while a session holds back what another one changed."""
    teller.open("ann", "slow", kinds=["user"], timers={"coalesce_ms": 5_000})
    teller.open("ann", "quick", kinds=["user"])
    for number in (1, 2):
        body = action("ann", "quick", number, "user.update", changes={"username": f"A {number}"})
        teller.bench.deliver("user.actions.ann", body, "_INBOX.a")
    teller.bench.core.control.announce_stop(100)

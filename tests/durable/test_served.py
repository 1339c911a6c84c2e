"""The core of the reference server on a journal: what was acked outlives each process."""

from __future__ import annotations

import itertools
import json
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.durable.served import KINDS, Served, opening
from tests.reference.bench import SECRET, action

from omnisession_durable import appending
from omnisession_durable.entries import NOBODY, Own, encode
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.protocol import LIMITS, longest_window_ms
from omnisession_reference.reread import LOOK_S
from omnisession_reference.store import OUTCOMES_PER_USER
from omnisession_reference.token_keys import Ring
from omnisession_reference.validate import schemas_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference.bench import Body

    from omnisession_reference.session import Session


BY_FILE = "RS256 by its kid, several"


@pytest.fixture(name="served")
def made() -> Served:
    return Served()


class Story:
    """Two users with two sessions each, who do whatever comes to their mind."""

    def __init__(self, served: Served, chance: Random) -> None:
        self.served, self.chance = served, chance
        self.made: dict[str, list[str]] = {
            "article": ["none"],
            "message": ["none"],
            "url": ["none"],
        }
        self.counts: dict[tuple[str, str], int] = {}
        self.names = itertools.count(1)
        for user in ("ann", "bob"):
            for _ in range(2):
                self.open(user)

    def open(self, user: str) -> None:
        key = (user, f"s{next(self.names)}")
        features = self.chance.choice(([], ["events"], ["events", "digests"]))
        permissions = self.chance.choice(((), ("post_edit_any",)))
        kinds = self.chance.sample(KINDS, self.chance.randint(1, 4))
        self.served.open(*key, features, permissions=permissions, kinds=kinds)
        self.counts[key] = 0

    def go_on(self) -> None:
        if len(self.counts) > 2 and self.chance.random() < 0.05:
            key = self.chance.choice(list(self.counts))
            del self.counts[key]
            self.served.request(*key, "session.close")
            self.open(key[0])
            return
        key = self.chance.choice(list(self.counts))
        self.counts[key] += 1
        type_, data = self.deed()
        outcome = self.served.act(*key, self.counts[key], type_, **data)
        assert outcome["client_seq"] == self.counts[key], outcome
        result: dict[str, str] = outcome.get("result") or {}
        for name, made in result.items():
            self.made[name.removesuffix("_id")].append(made)

    def deed(self) -> tuple[str, Body]:
        article, message, url = (
            {f"{name}_id": self.chance.choice(made[-5:])} for name, made in self.made.items()
        )
        word = self.chance.choice(("red", "green", "blue"))
        deeds: list[tuple[str, Body]] = [
            ("article.create", {"title": word}),
            ("article.update", {**article, "changes": {"content": word}}),
            ("article.publish", article),
            ("article.select", article),
            ("article.edit_start", article),
            ("article.edit_end", article),
            ("chat.send", {"content": word}),
            ("chat.edit", {**message, "content": word}),
            ("chat.typing", {"active": self.chance.random() < 0.7}),
            ("url.create", {"target_url": f"https://{word}.example/", "short_code": word}),
            ("url.update", {**url, "changes": {"short_code": word}}),
            ("user.update", {"changes": {"username": word}}),
        ]
        rare: list[tuple[str, Body]] = [
            ("article.delete", article),
            ("chat.delete", message),
            ("url.delete", url),
            ("no.such", {}),
        ]
        return self.chance.choice(rare if self.chance.random() < 0.1 else deeds)

    def shown(self) -> dict[tuple[str, str], dict[str, Body]]:
        found: dict[tuple[str, str], dict[str, Body]] = {}
        for key in self.counts:
            self.served.request(*key, "session.sync")
            found[key] = {body["data"]["type"]: body["data"] for body in self.served.states(*key)}
        return found


def shown(served: Served, user: str, session: str) -> dict[str, Body]:
    return {kind: served.slice(user, session, kind) for kind in KINDS}


def test_nothing_is_said_before_it_is_stored(served: Served) -> None:
    served.open("ann", "s", ["events"])
    before = len(served.said)
    served.lose = lambda _: True
    served.deliver("user.actions.ann", action("ann", "s", 1, "chat.send", content="hi"), "_INBOX.a")
    served.deliver("session.ann.s.control", {}, "_INBOX.b")
    served.clock.move(200)
    assert len(served.said) == before


def test_what_was_acked_is_there_in_the_next_process_and_sessions_live_on(served: Served) -> None:
    opened = served.open("ann", "s", ["events"])
    served.open("bob", "t", [], permissions=("post_edit_any",))
    article = served.act("ann", "s", 1, "article.create", title="T", content="text")["result"]
    served.act("ann", "s", 2, "article.select", **article)
    served.act("ann", "s", 3, "article.update", **article, changes={"title": "U"})
    served.act("bob", "t", 1, "article.edit_start", **article)
    sent = served.act("ann", "s", 4, "chat.send", content="one")["result"]
    served.act("ann", "s", 5, "chat.edit", **sent, content="two")
    url = served.act("ann", "s", 6, "url.create", target_url="https://a.example/")["result"]
    served.act("ann", "s", 7, "url.update", **url, changes={"short_code": "mine"})
    served.act("ann", "s", 8, "user.update", changes={"username": "Ann"})
    before = {one: shown(served, *one) for one in (("ann", "s"), ("bob", "t"))}
    assert before["ann", "s"]["articles"]["editors"]
    assert before["ann", "s"]["articles"]["current_article"]["title"] == "U"

    served.kill()
    said = len(served.said)
    served.start()
    first = [body for subject, body in served.said[said:] if subject == "session.ann.s.state"]
    assert [body["data"]["type"] for body in first] == list(KINDS)
    assert {body["reason"] for body in first} == {"takeover"}
    assert {
        (body["epoch"] > opened["position"]["epoch"], body["last_action_seq"]) for body in first
    } == {(True, 8)}
    assert {one: shown(served, *one) for one in before} == before
    assert served.act("ann", "s", 9, "session.noop")["status"] == "applied"
    assert (
        served.act("bob", "t", 2, "url.create", target_url="https://b.example/", short_code="mine")[
            "error"
        ]["code"]
        == 4220
    )


def test_a_copy_is_known_in_the_next_process(served: Served) -> None:
    served.open("ann", "s")
    body = action("ann", "s", 1, "chat.send", content="once")
    first = served.send(body)
    refused = served.act("ann", "s", 2, "chat.delete", message_id="none")
    served.kill()
    served.start()
    again = served.send(body)
    assert (again["status"], again["result"]) == ("duplicate", first["result"])
    assert served.act("ann", "s", 2, "chat.delete", message_id="none")["error"] == refused["error"]
    assert served.act("ann", "s", 2, "session.noop")["error"]["code"] == 4092
    served.open("ann", "other")
    assert served.send({**body, "session_id": "other"})["status"] == "duplicate"
    assert served.act("ann", "other", 2, "session.noop")["status"] == "applied"
    assert len(served.slice("ann", "s", "chat")["messages"]) == 1


def test_a_copy_right_behind_what_drives_out_its_outcome_ends_no_term(served: Served) -> None:
    served.open("ann", "s")
    first = action("ann", "s", 1, "session.noop")
    served.send(first)
    for number in range(2, OUTCOMES_PER_USER + 1):
        served.act("ann", "s", number, "session.noop")
    instance, term = served.machine.instance, served.machine.instance.fold.term
    new = action("ann", "s", OUTCOMES_PER_USER + 1, "session.noop")
    served.deliver("user.actions.ann", new, "_INBOX.a")
    copy = {**first, "client_seq": OUTCOMES_PER_USER + 2}
    served.deliver("user.actions.ann", copy, "_INBOX.b")
    served.clock.move(5)
    assert (instance.speaks, instance.fold.term) == (True, term)
    assert [served.answers(f"_INBOX.{name}")[0]["data"]["status"] for name in "ab"] == [
        "applied",
        "duplicate",
    ]
    assert served.act("ann", "s", OUTCOMES_PER_USER + 3, "session.noop")["status"] == "applied"


def test_a_copy_of_an_outcome_that_is_forgotten_as_its_session_opens_ends_no_term(
    served: Served,
) -> None:
    served.open("ann", "s")
    first = action("ann", "s", 1, "session.noop")
    served.send(first)
    served.request("ann", "s", "session.close")
    term = served.machine.instance.fold.term
    # The broker's clock is ahead: by it the user was away for too long, by the server's it was not.
    served.ahead_ms = LIMITS["outcomes_ms"] + 1
    served.ask("ann", "t", "_INBOX.a", "session.open", **opening("ann"))
    served.deliver("user.actions.ann", {**first, "session_id": "t"}, "_INBOX.b")
    served.clock.move(5)
    assert served.machine.instance.fold.term == term
    assert served.answers("_INBOX.b")[0]["data"]["status"] == "duplicate"
    assert served.act("ann", "t", 2, "session.noop")["status"] == "applied"


def test_a_session_is_over_for_as_long_as_the_journal_says(served: Served) -> None:
    served.open("ann", "s")
    served.request("ann", "s", "session.close")
    term = served.machine.instance.fold.term
    # The broker's clock stands still, and the server's goes on.
    served.clock.move(longest_window_ms() + 1)
    served.ahead_ms = -longest_window_ms()
    served.ask("ann", "s", "_INBOX.a", "session.open", **opening("ann"))
    served.clock.move(5)
    assert served.machine.instance.fold.term == term
    assert served.answers("_INBOX.a")[0]["data"]["error"]["code"] == 4101
    # In flight, it is over as well.
    served.open("ann", "t")
    served.ask("ann", "t", "_INBOX.b", "session.close")
    served.ask("ann", "t", "_INBOX.c", "session.open", **opening("ann"))
    served.clock.move(5)
    assert served.answers("_INBOX.c")[0]["data"]["error"]["code"] == 4101


def test_a_session_that_is_over_stays_over_and_its_edit_with_it(served: Served) -> None:
    served.open("ann", "s")
    served.open("ann", "goes", resume_window_ms=1_000, heartbeat_ms=200)
    article = served.act("ann", "s", 1, "article.create", title="T")["result"]
    served.act("ann", "goes", 1, "article.edit_start", **article)
    served.clock.move(2_000)
    served.kill()
    served.start()
    assert served.request("ann", "goes", "session.ping")["data"]["error"]["code"] == 4101
    assert served.slice("ann", "s", "articles")["editors"] == []
    assert served.request("ann", "s", "session.close")["type"] == "session.closed"
    served.kill()
    served.start()
    assert served.request("ann", "s", "session.ping")["data"]["error"]["code"] == 4101


def test_who_is_silent_after_a_takeover_expires(served: Served) -> None:
    served.open("ann", "s", resume_window_ms=5_000, heartbeat_ms=200)
    served.kill()
    served.start()
    assert served.request("ann", "s", "session.ping")["type"] == "session.pong"
    served.clock.move(5_100)
    assert served.request("ann", "s", "session.ping")["data"]["error"]["code"] == 4101


def test_who_is_gone_expires_however_often_another_one_takes_over(served: Served) -> None:
    # A start takes 3 s here. Of two sessions one gives signs of life, seldom.
    for session in ("gone", "there"):
        served.open("ann", session, resume_window_ms=5_000, heartbeat_ms=200)
    for _ in range(2):
        for ms in (2_600, 400):  # its sign is in the journal by then
            assert served.request("ann", "there", "session.ping")["type"] == "session.pong"
            served.clock.move(ms)
        served.kill()
        served.start()
    served.clock.move(2_600)  # what the owners before were there for counts, and no start does
    assert served.request("ann", "gone", "session.ping")["data"]["error"]["code"] == 4101
    assert served.request("ann", "there", "session.ping")["type"] == "session.pong"


def test_signs_of_life_are_seldom_in_the_journal(served: Served) -> None:
    served.open("ann", "s", resume_window_ms=10_000, heartbeat_ms=200)
    for _ in range(100):
        served.request("ann", "s", "session.ping")
        served.clock.move(195)
    signs = [one for one in served.entries if b'"t":"signs"' in one.data]
    assert len(signs) in (3, 4)
    assert served.machine.instance.fold.at_ms < signs[0].at_ms


def test_a_sign_of_life_that_was_lost_is_told_again(served: Served) -> None:
    served.open("ann", "s", resume_window_ms=4_000, heartbeat_ms=200)
    served.clock.move(2_500)
    served.lose = lambda data: b'"t":"signs"' in data
    served.request("ann", "s", "session.ping")
    served.clock.move(200)
    served.lose = lambda _: False
    served.clock.move(400)
    assert len([one for one in served.entries if b'"t":"signs"' in one.data]) == 1


def test_who_types_types_on_and_stops(served: Served) -> None:
    served.open("ann", "s")
    served.open("bob", "t")
    served.act("ann", "s", 1, "chat.typing", active=True, ttl_ms=6_000)
    served.kill()
    served.start()
    assert served.slice("bob", "t", "chat")["typing_indicators"] == ["ann"]
    served.clock.move(6_000)
    assert served.slice("bob", "t", "chat")["typing_indicators"] == []


def test_who_has_typed_long_ago_types_no_more(served: Served) -> None:
    served.open("ann", "s")
    served.act("ann", "s", 1, "chat.typing", active=True, ttl_ms=6_000)
    served.open("bob", "t")
    served.clock.move(10_000)
    served.kill()
    served.start()
    assert served.slice("bob", "t", "chat")["typing_indicators"] == []


def test_whoever_is_deposed_throws_away_what_it_has_decided(served: Served) -> None:
    served.open("ann", "s", ["events"])
    instance, said = served.machine.instance, len(served.said)
    send = action("ann", "s", 1, "chat.send", content="hi")
    served.deliver("user.actions.ann", send, "_INBOX.a")
    # Stored before the action: nobody owns the journal any more.
    served.store(served.machine, encode(Own(NOBODY, "x", instance.fold.term)))
    assert instance.term is None
    served.clock.move(3_000)
    assert instance.speaks
    told = [body for _, body in served.said[said:]]
    assert [body["data"]["error"]["code"] for body in told[:2]] == [5040] * 2
    assert [body["reason"] for body in told[2:]] == ["takeover"] * 4
    assert served.slice("ann", "s", "chat")["messages"] == []
    assert served.send(send)["status"] == "applied"
    assert len(served.slice("ann", "s", "chat")["messages"]) == 1


def test_a_file_of_keys_that_breaks_before_a_take_over_leaves_the_keys_as_they_were(
    served: Served, tmp_path: Path
) -> None:
    vectors = json.loads((schemas_folder() / "vectors" / "credentials.json").read_text("utf-8"))
    [credential] = [one["token"] for one in vectors["tokens"] if one["name"] == BY_FILE]
    user, path = vectors["user"], tmp_path / "keys.json"
    path.write_text(vectors["files"]["several.json"], "utf-8")
    later = itertools.count(step=2 * LOOK_S)  # they are looked at each time
    served.kill()
    served.ring = Ring(SECRET, [path], None, lambda: next(later))
    instance = served.start().instance
    path.unlink()
    path.mkdir()  # which nobody can read as a file
    term = instance.fold.term
    served.store(served.machine, encode(Own(NOBODY, "x", term)))
    served.clock.move(3_000)
    assert served.machine.ended is None
    assert instance.speaks
    assert instance.fold.term > term
    served.open("ann", "s")
    told = {**opening(user), "auth": {"scheme": "bearer", "token": credential}}
    assert served.request(user, "t", "session.open", **told)["type"] == "session.opened"


def test_of_a_term_that_is_over_nothing_waits(served: Served) -> None:
    def waiting() -> int:
        return sum(not alarm.cancelled for _, _, alarm in served.clock.waiting)

    before = waiting()
    served.open("ann", "s", heartbeat_ms=200)
    served.open("bob", "t")
    served.request("bob", "t", "session.close")
    served.act("ann", "s", 1, "chat.typing", active=True)
    assert waiting() > before
    served.store(served.machine, encode(Own(NOBODY, "x", served.machine.instance.fold.term)))
    assert waiting() == before


def test_an_entry_that_is_never_stored_ends_the_term(served: Served) -> None:
    served.open("ann", "s")
    instance, term = served.machine.instance, served.machine.instance.fold.term
    served.lose = lambda data: b'"chat.send"' in data
    send = action("ann", "s", 1, "chat.send", content="hi")
    served.deliver("user.actions.ann", send, "_INBOX.a")
    [refused] = served.lost
    instance.refused(refused)
    served.lose = lambda _: False
    served.clock.move(3_000)
    assert instance.fold.term > term
    assert [one["data"]["error"]["code"] for one in served.answers("_INBOX.a")] == [5040]
    assert served.send(send)["status"] == "applied"


def test_what_fails_half_way_is_thrown_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.open("ann", "s")
    term = served.machine.instance.fold.term

    def fails(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("omnisession_reference.kinds.chat.Chat.room", fails)
        send = action("ann", "s", 1, "chat.send", content="hi")
        served.deliver("user.actions.ann", send, "_INBOX.a")
    served.clock.move(3_000)
    assert served.machine.instance.fold.term > term
    assert served.slice("ann", "s", "chat")["messages"] == []


def test_what_an_action_has_written_half_way_is_not_stored_with_another(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.open("ann", "s", gap_ms=1_000)
    term = served.machine.instance.fold.term
    room = Chat.room
    calls = itertools.count()

    def fails_once(chat: Chat) -> object:
        if not next(calls):
            raise RuntimeError
        return room(chat)

    send = action("ann", "s", 2, "chat.send", content="hi")
    for name in "ab":
        served.deliver("user.actions.ann", send, f"_INBOX.{name}")
    monkeypatch.setattr(Chat, "room", fails_once)
    served.deliver("user.actions.ann", action("ann", "s", 1, "session.noop"), "_INBOX.c")
    served.clock.move(3_000)
    assert served.machine.instance.fold.term > term
    assert served.slice("ann", "s", "chat")["messages"] == []
    assert served.act("ann", "s", 1, "session.noop")["status"] == "applied"
    assert served.send(send)["status"] == "applied"


def test_what_fails_by_time_ends_the_term(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.open("ann", "s", resume_window_ms=1_000, heartbeat_ms=200)
    served.open("bob", "t")
    term = served.machine.instance.fold.term
    ends = Urls.left
    calls = itertools.count()

    def fails_once(urls: Urls, session: Session) -> object:
        if not next(calls):
            raise RuntimeError
        return ends(urls, session)

    monkeypatch.setattr(Urls, "left", fails_once)
    served.clock.move(5_000)
    assert next(calls) == 2
    assert served.machine.instance.fold.term > term
    assert served.request("ann", "s", "session.ping")["data"]["error"]["code"] == 4101
    assert [one["id"] for one in served.slice("bob", "t", "chat")["participants"]] == ["bob"]


def test_a_message_whose_entry_is_too_large_does_not_end_every_term(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.open("ann", "s")
    served.open("bob", "t")
    monkeypatch.setattr(appending, "LARGEST", 2_000)
    large = action("ann", "s", 1, "chat.send", content="x" * 3_000)
    for _ in range(2):
        term = served.machine.instance.fold.term
        served.deliver("user.actions.ann", large)
        served.clock.move(3_000)
        assert served.machine.instance.fold.term > term
    term = served.machine.instance.fold.term
    served.deliver("user.actions.ann", large, "_INBOX.a")
    served.clock.move(5)
    assert served.machine.instance.fold.term == term
    assert served.answers("_INBOX.a")[0]["data"]["error"]["code"] == 5000
    assert served.act("bob", "t", 1, "session.noop")["status"] == "applied"
    assert served.act("ann", "s", 1, "session.noop")["status"] == "applied"


def test_a_session_that_edits_much_can_end(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.open("ann", "s")
    served.open("bob", "t", permissions=("post_edit_any",))
    for number in range(1, 21):
        article = served.act("ann", "s", number, "article.create", title="T")["result"]
        served.act("bob", "t", number, "article.edit_start", **article)
    assert len(served.slice("ann", "s", "articles")["editors"]) == 20
    monkeypatch.setattr(appending, "LARGEST", 500)
    term = served.machine.instance.fold.term
    assert served.request("bob", "t", "session.close")["type"] == "session.closed"
    assert served.machine.instance.fold.term == term
    served.kill()
    served.start()
    assert served.slice("ann", "s", "articles")["editors"] == []


def test_a_process_that_does_not_serve_what_lives_says_so_and_ends(served: Served) -> None:
    served.open("ann", "s", kinds=["chat", "url"])
    served.kill()
    why = "the journal has live sessions of kinds that are not served: --kinds chat,url"
    assert served.launch("chat").ended == (78, why)
    assert served.launch("chat", "url").ended is None
    assert served.act("ann", "s", 1, "chat.send", content="hi")["status"] == "applied"


def test_a_process_in_which_a_session_cannot_live_on_ends(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.open("ann", "s")
    served.kill()

    def fails(*_: object) -> None:
        raise RuntimeError("no slice")

    monkeypatch.setattr("omnisession_reference.kinds.chat.Chat.build", fails)
    assert served.launch().ended == (70, "a session cannot live on: RuntimeError('no slice')")


@pytest.mark.parametrize("seed", range(20))
def test_the_next_process_shows_what_this_one_has_shown(served: Served, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 no secret
    story = Story(served, chance)
    for _ in range(60):
        story.go_on()
    before = story.shown()
    served.kill()
    served.start()
    assert story.shown() == before
    for _ in range(10):
        story.go_on()

"""The sequences of actions and what comes meanwhile that docs/spec/optimistic.md has tried."""

from __future__ import annotations

from tests.client.acts import (
    acks,
    ids,
    keeping,
    nacks,
    pending,
    refused,
    view,
)
from tests.client.bench import USER, Bench, Body, message, position
from tests.client.held import SLICES, showing, url


def said(bench: Bench) -> list[str]:
    """What stands in the chat, in its order."""
    return [one["content"] for one in view(bench)["chat"]["messages"]]


def brings(bench: Bench, seq: int, name: str, las: int = 0, cause: str | None = None) -> Body:
    """The event that puts a message into the chat, whose content is its name."""
    told = message(seq) | {"id": f"m-{name}", "content": name}
    event = bench.event(seq, "chat.message_added", las=las, message=told)
    named = {"action_id": cause, "session_id": bench.state.session_id, "client_seq": 1}
    return event | {"cause": named if cause else None}


def sends(bench: Bench, *names: str) -> None:
    for name in names:
        bench.dispatch(f"x-{name}", content=name)


def test_a_create_gives_way_to_what_it_has_made_in_one_step() -> None:
    bench = keeping().live()
    sends(bench, "A")
    acks(bench, "x-A", 1, 2, result={"message_id": "m-A"})
    assert ids(bench, "chat", "messages") == ["local:x-A"]
    bench.hears("events", brings(bench, 2, "A", las=1, cause="x-A"))
    assert ids(bench, "chat", "messages") == ["m-A"]
    assert pending(bench) == []


def test_a_create_whose_event_does_not_count_it_is_shown_once() -> None:
    bench = keeping().live()
    sends(bench, "A")
    bench.hears("events", brings(bench, 2, "A", cause="x-A"))
    assert (ids(bench, "chat", "messages"), len(pending(bench))) == (["m-A"], 1)
    bench.hears("state", bench.shown(3, las=1, messages=[message(7)]))
    assert (ids(bench, "chat", "messages"), pending(bench)) == (["m-7"], [])


def test_an_event_that_is_not_known_shows_nothing_whatever_caused_it() -> None:
    bench = keeping().live()
    sends(bench, "A")
    for seq, type_ in ((2, "chat.thing_done"), (3, "x-acme.thing_done")):
        bench.hears("events", brings(bench, seq, "A", cause="x-A") | {"type": type_})
        assert ids(bench, "chat", "messages") == ["local:x-A"]
    bench.hears("events", brings(bench, 4, "A", las=1, cause="x-A"))
    assert ids(bench, "chat", "messages") == ["m-A"]


def test_what_was_sent_offline_stays_above_what_others_have_sent() -> None:
    bench = keeping().live()
    bench.lost()
    sends(bench, "A", "B")
    bench.ready()
    bench.answers("session.resumed", mode="replay", messages=[brings(bench, 2, "C")], **position(2))
    assert said(bench) == ["B", "A", "C"]
    bench.hears("events", brings(bench, 3, "A", las=1, cause="x-A"))
    assert (said(bench), ids(bench, "chat", "messages")[1]) == (["B", "A", "C"], "m-A")


def test_the_order_of_the_server_wins() -> None:
    bench = keeping().live()
    sends(bench, "A", "B")
    assert said(bench) == ["B", "A"]
    bench.hears("events", brings(bench, 2, "A", las=1, cause="x-A"))
    assert said(bench) == ["B", "A"]
    bench.hears("events", brings(bench, 3, "C", las=1))
    assert said(bench) == ["B", "C", "A"]


def test_what_a_limit_has_cut_comes_back_after_a_nack() -> None:
    bench = showing("chat", chat_messages=3)
    bench.hears("state", bench.shown(2, messages=[message(n) for n in (3, 2, 1)]))
    sends(bench, "A")
    assert ids(bench, "chat", "messages") == ["local:x-A", "m-3", "m-2"]
    nacks(bench, "x-A", 1)
    assert ids(bench, "chat", "messages") == ["m-3", "m-2", "m-1"]


def test_two_urls_with_one_code() -> None:
    bench = showing("url")
    for name in ("x1", "x2"):
        data = {"target_url": "https://example.org/", "short_code": "go"}
        bench.dispatch(name, "url.create", **data)
    assert ids(bench, "url", "urls") == ["local:x2", "local:x1", "l-1", "l-2"]
    nacks(bench, "x2", 2)
    assert ids(bench, "url", "urls") == ["local:x1", "l-1", "l-2"]


def test_a_create_keeps_its_place_in_a_new_session() -> None:
    bench = showing("url")
    bench.dispatch("x1", "url.create", target_url="https://example.org/")
    before = view(bench)["url"]
    bench.rings("ping")
    bench.refuses(4041)
    bench.now -= 10**9
    bench.opens(actions=["url.create"])
    assert view(bench)["url"] == before
    made = url(3, created_at=1)
    bench.hears("state", bench.shown(1, type="url", urls=[*SLICES["url"]["urls"], made]))
    assert ids(bench, "url", "urls") == ["local:x1", "l-1", "l-2", "l-3"]
    acks(bench, "x1", 1, 9, status="duplicate", result={"url_id": "l-3"})
    assert ids(bench, "url", "urls") == ["l-1", "l-2", "l-3"]
    assert pending(bench) == [("x1", 1)]


def test_an_edit_of_what_another_session_deletes() -> None:
    bench = showing("chat")
    bench.dispatch("x1", "chat.edit", message_id="m-1", content="N")
    bench.hears("events", bench.event(2, "chat.message_deleted", message_id="m-1"))
    assert ids(bench, "chat", "messages") == ["m-2"]
    nacks(bench, "x1", 1, 4040)
    assert refused(bench) == [{"action_id": "x1", "code": 4040}]


def test_an_edit_a_delete_and_an_edit() -> None:
    bench = showing("chat")
    bench.dispatch("x1", "chat.edit", message_id="m-1", content="N")
    bench.dispatch("x2", "chat.delete", message_id="m-1")
    bench.dispatch("x3", "chat.edit", message_id="m-1", content="O")
    assert ids(bench, "chat", "messages") == ["m-2"]


def test_participants_stay_as_they_were() -> None:
    bench = showing("chat", "user")
    bench.dispatch("x1", "user.update", changes={"username": "Z", "password": "p"})
    assert view(bench)["user"]["user"] == {"id": USER, "username": "Z"}
    assert view(bench)["chat"]["participants"] == SLICES["chat"]["participants"]


def test_the_number_of_another_session_counts_nothing() -> None:
    bench = keeping().live()
    sends(bench, "A")
    event = brings(bench, 2, "B", cause="y")
    bench.hears("events", event | {"cause": {**event["cause"], "session_id": "s-other"}})
    assert (said(bench), len(pending(bench))) == (["A", "B"], 1)

"""What nobody may be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import article, chat_slice, editor, session, user, user_slice
from tests.kit.rules.builder import START_MS, Tape, clean, error, expect
from tests.kit.rules.story import ANN, BOB, EDITORS, story

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player

A1, B1 = "k7tag-aaaaaaaaaaaaaaaa01", "k7tag-bbbbbbbbbbbbbbbb01"


def two() -> tuple[Tape, Player, Player]:
    tape = Tape()
    return (
        tape,
        tape.opened(ANN, A1, features=("events",)),
        tape.opened(BOB, B1, features=("events",)),
    )


# -- forged replies --------------------------------------------------------------------------------------

FORGED = [
    f"session.{BOB}.{B1}.state",
    f"session.{BOB}.{B1}.events",
    f"session.{BOB}.{B1}.control",
    "chat.messages",
    "inbox.x",
    "_INBOXx.1",
]


@pytest.mark.parametrize("reply", FORGED)
def test_an_answer_on_a_forged_reply(reply: str) -> None:
    tape, ann, bob = two()
    request = ann.asks("session.ping", reply=reply)
    bob.state("articles")
    bob.acts("session.noop")
    clean(tape.judge())
    answer = ann.gets(request, "session.pong", {"position": ann.position()})
    found = tape.judge()
    assert "SEC-001" in found.broken, found.told()
    assert [o.records for o in found.of("SEC-001")] == [(answer.n, request.n)]


@pytest.mark.parametrize("reply", FORGED)
def test_an_outcome_on_a_forged_reply(reply: str) -> None:
    tape, ann, _ = two()
    copy = ann.sends("session.noop", reply=reply)
    ann.count = 1
    _, forged = ann.ack(copy)
    found = tape.judge()
    assert "SEC-001" in found.broken, found.told()
    assert forged.n in [o.records[0] for o in found.of("SEC-001")]


# -- sessions --------------------------------------------------------------------------------------------


def test_a_session_of_somebody_else_in_an_event() -> None:
    tape, ann, bob = two()
    done = ann.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[("article.updated", {"article": article("x")})],
    )
    event = done.of(bob)[0]
    event.body["ext"] = {"by": ann.id}
    expect(tape.judge(), "SEC-004", blamed=event)


def test_an_id_that_is_made_of_a_session_id() -> None:
    tape, ann, bob = two()
    done = ann.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[("article.updated", {"article": article("x")})],
    )
    for event in done.effects:
        event.body["event_id"] = f"e-{ann.id}-1"
    expect(tape.judge(), "SEC-004", blamed=done.of(bob)[0])


def test_what_the_answered_message_named_itself() -> None:
    tape, _, bob = two()
    request = bob.asks("session.resume", {"epoch": 1, "seq": 1, "of": A1})
    answer = bob.refused(request, 4001, details={"pointer": "/data", "named": A1})
    clean(tape.judge())
    del request.data["of"]
    expect(tape.judge(), "SEC-004", blamed=answer)


def test_a_session_id_in_a_hint() -> None:
    told = story()
    hint = told.tape.find("article.updated", on=".updates")[0]
    hint.data["by"] = told.a1.id
    expect(told.tape.judge(), "SEC-004", blamed=hint)


# -- tokens ----------------------------------------------------------------------------------------------


def test_an_open_that_is_echoed() -> None:
    tape, ann, _ = two()
    opened = tape.find("session.opened", ann)[0]
    opened.data["auth"] = ann.open_data()["auth"]
    expect(tape.judge(), "SEC-005", blamed=opened)


def test_a_token_of_the_fixture() -> None:
    tape, ann, _ = two()
    tokens = frozenset({"eyJhbGciOi.one.signature", "eyJhbGciOi.another.longer.signature", "x"})
    clean(tape.judge(tokens=tokens))
    refusal = ann.refused(ann.asks("session.sync", {"kinds": ["user"]}), 4220)
    refusal.data["error"]["message"] = "not with eyJhbGciOi.another.longer.signature!"
    expect(tape.judge(tokens=tokens), "SEC-005", blamed=refusal)


# -- emails ----------------------------------------------------------------------------------------------

EMAILS = {ANN: "ann@k7tag.example", BOB: "bob@k7tag.example"}


def test_an_email_in_its_owners_own_user_slice() -> None:
    tape = Tape()
    own = user_slice(user=user(ANN, email=EMAILS[ANN]), sessions=[session(A1)])
    player = tape.opened(ANN, A1, kinds=("user",), features=("events",), slices={"user": own})
    player.event("user.updated", {"user": user(ANN, "Another", email=EMAILS[ANN])})
    player.resume(1, 0, "replay")
    clean(tape.judge(emails=EMAILS))


def test_an_email_in_the_user_slice_of_somebody_else() -> None:
    tape = Tape()
    own = user_slice(user=user(BOB, email=EMAILS[ANN]), sessions=[session(B1)])
    player = tape.opened(BOB, B1, kinds=("user",), slices={"user": own})
    expect(tape.judge(emails=EMAILS), "USER-002", blamed=player.stream[0])


def test_an_email_among_the_participants() -> None:
    tape = Tape()
    slices = {"chat": chat_slice(participants=[user(ANN, email=EMAILS[ANN])])}
    player = tape.opened(ANN, A1, kinds=("chat",), slices=slices)
    found = tape.judge(emails=EMAILS)
    assert found.broken == {"USER-002"}, found.told()
    # Once by the schema, which knows no participant with an email, once by the marker.
    assert [o.records[0] for o in found.of("USER-002")] == [player.stream[0].n] * 2


def test_an_email_in_an_answer() -> None:
    tape, ann, _ = two()
    opened = tape.find("session.opened", ann)[0]
    opened.data["owner"] = EMAILS[ANN]
    expect(tape.judge(emails=EMAILS), "USER-002", blamed=opened)


def test_an_email_that_an_action_set() -> None:
    tape, ann, bob = two()
    copy = ann.sends("user.update", {"changes": {"email": "new@k7tag.example"}})
    ann.count = 1
    ann.ack(copy)
    event = bob.event("x-acme.renamed", {"to": "new@k7tag.example"})
    expect(tape.judge(), "USER-002", blamed=event)


def test_an_email_that_two_users_set() -> None:
    tape = Tape()
    for name, id_ in ((ANN, A1), (BOB, B1)):
        own = user_slice(user=user(name, email="both@k7tag.example"), sessions=[session(id_)])
        player = tape.opened(name, id_, kinds=("user",), slices={"user": own})
        copy = player.sends("user.update", {"changes": {"email": "both@k7tag.example"}})
        player.count = 1
        player.ack(copy)
    clean(tape.judge())


def test_an_id_that_looks_like_an_email() -> None:
    tape, _, bob = two()
    zoe = tape.opened("zoe@k7tag.example", "k7tag-zzzzzzzzzzzzzzzz01", features=("events",))
    copy = bob.sends("user.update", {"changes": {"email": zoe.user}})
    bob.count = 1
    bob.nack(copy, 4002)
    zoe.sync()
    clean(tape.judge())


def test_addresses_of_nobody() -> None:
    tape, ann, _ = two()
    ann.event("article.updated", {"article": article("x", title="mail me @home or a@b.example")})
    clean(tape.judge(emails=EMAILS))


# -- drafts ----------------------------------------------------------------------------------------------

DRAFT = article("d", author_id=ANN)


def drafted() -> tuple[Tape, Player, Player]:
    tape, ann, bob = two()
    ann.acts(
        "article.create",
        {"title": "D"},
        events=[("article.created", {"article": DRAFT})],
        seen_by=(ann,),
        result={"article_id": "d"},
    )
    return tape, ann, bob


def leak(bob: Player, what: str) -> Entry:
    if what == "in the list":
        bob.slices["articles"]["articles"] = [DRAFT]
        return bob.state("articles")
    if what == "an edit":
        bob.slices["articles"]["editors"] = [editor("d", ANN, START_MS)]
        return bob.state("articles")
    if what == "an event":
        return bob.event("article.updated", {"article": DRAFT})
    if what == "its end":
        return bob.event("article.deleted", {"article_id": "d"})
    body = {
        "v": "1.0",
        "type": "article.deleted",
        "event_id": "e-x",
        "article_id": "d",
        "timestamp": bob.tape.now(),
        "data": {"article_id": "d"},
    }
    return bob.tape.put("article.d.updates", body, Party.TARGET)


@pytest.mark.parametrize("what", ["in the list", "an edit", "an event", "its end", "a hint"])
def test_drafts(what: str) -> None:
    tape, _, bob = drafted()
    entry = leak(bob, what)
    found = tape.judge(editors=frozenset[str]())
    assert "ART-004" in found.broken, found.told()
    assert entry.n in [o.records[0] for o in found.of("ART-004")]


@pytest.mark.parametrize("editors", [frozenset({BOB}), None])
def test_drafts_are_told_to_those_who_may_read_them(editors: frozenset[str] | None) -> None:
    tape, _, bob = drafted()
    bob.event("article.created", {"article": DRAFT})
    bob.sync()
    assert "ART-004" not in tape.judge(editors=editors).broken


PRIVATE = ("mine.store",)
MARKED = {**DRAFT, "title": "title-k7tag0123456789abcdef", "slug": "slug-k7tag0123456789abcdef"}


def kept(body: Any, raw: bytes | None = None, *, prefixes: tuple[str, ...] = PRIVATE) -> set[str]:
    """What is broken where a target publishes something about a draft of ann below its own prefix."""
    tape, ann, _ = drafted()
    ann.event("article.created", {"article": MARKED})
    entry = tape.put("mine.store.copies", body, Party.TARGET)
    entry.raw = raw
    found = tape.judge(private_prefixes=prefixes, editors=frozenset[str]())
    assert (
        entry.n in [o.records[0] for name in found.broken for o in found.of(name)]
        or not found.broken
    )
    return found.broken


@pytest.mark.parametrize(
    "body",
    [
        {"any": MARKED["title"]},
        {"leak": f"{{'title': '{MARKED['title']}', 'x'"},
        {"slugs": [MARKED["slug"]]},
        {"user_id": BOB, "data": {"article": MARKED}},
    ],
)
def test_a_draft_below_a_private_prefix_is_told_to_everybody(body: Any) -> None:
    assert kept(body) == {"ART-004"}


def test_a_private_subject_is_searched_whatever_stands_there() -> None:
    title = MARKED["title"].encode()
    assert "ART-004" in kept({}, b"\x00\xff" + title + b"\xff")


def test_a_target_may_keep_what_it_tells_a_user() -> None:
    assert kept({"user_id": ANN, "session_id": A1, "data": {"article": MARKED}}) == set()
    assert kept({"any": "title"}) == set()


def test_a_session_of_somebody_below_a_private_prefix_is_told_to_everybody() -> None:
    assert kept({"sessions": [B1]}) == {"SEC-004"}
    assert kept({"user_id": ANN, "of": B1}) == {"SEC-004"}
    # What is no private subject is no subject of a server at all.
    assert "SUBJ-007" in kept({"sessions": [B1]}, prefixes=())


def test_what_was_published_later_is_no_draft() -> None:
    found = story().tape.judge(editors=EDITORS)
    assert "ART-004" not in found.broken
    assert found.seen("ART-004") > 5


def test_an_id_that_the_user_sent_is_no_leak() -> None:
    tape, _, bob = drafted()
    copy = bob.sends("article.delete", {"article_id": "d"})
    bob.count = 1
    told: dict[str, Any] = {**error(4040), "message": "There is no article d."}
    bob.outcome(copy, "action.nack", error=told)
    clean(tape.judge(editors=frozenset[str]()))

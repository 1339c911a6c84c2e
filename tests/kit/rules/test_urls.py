"""Whose short urls are, and in which order they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.model.values import url
from tests.kit.rules.builder import START_MS, Tape, clean, expect
from tests.kit.rules.story import ANN, BOB

if TYPE_CHECKING:
    from tests.kit.rules.builder import Done, Player

A1, A2 = "k7tag-aaaaaaaaaaaaaaaa01", "k7tag-aaaaaaaaaaaaaaaa02"
B1, B2 = "k7tag-bbbbbbbbbbbbbbbb01", "k7tag-bbbbbbbbbbbbbbbb02"
TARGET = "https://example.org/url-k7tag-0123456789ab"


def four() -> tuple[Tape, Player, Player, Player, Player]:
    """Two sessions of Ann and two of Bob, of each one with events and one without."""
    tape = Tape()
    players = [
        tape.opened(user, id_, kinds=("url",), features=features)
        for user, id_, features in (
            (ANN, A1, ("events",)),
            (ANN, A2, ()),
            (BOB, B1, ("events",)),
            (BOB, B2, ()),
        )
    ]
    return (tape, players[0], players[1], players[2], players[3])


def creates(ann: Player, id_: str, *seen_by: Player, target: str = TARGET, **members: Any) -> Done:
    made = url(
        id_, START_MS + ann.tape.ms, **{"created_by": ann.user, "target_url": target, **members}
    )
    return ann.acts(
        "url.create",
        {"target_url": target},
        events=[("url.created", {"url": made})],
        seen_by=seen_by,
        result={"url_id": id_},
    )


def test_urls_of_their_creators() -> None:
    tape, a1, a2, b1, b2 = four()
    creates(a1, "l-1", a1, a2)
    creates(b2, "l-2", b1, b2, target=f"{TARGET}-2")
    a2.acts(
        "url.delete",
        {"url_id": "l-1"},
        events=[("url.deleted", {"url_id": "l-1"})],
        seen_by=(a1, a2),
    )
    found = tape.judge()
    clean(found)
    assert found.seen("URL-001")
    assert found.seen("URL-003")


def test_a_url_with_another_creator() -> None:
    tape, a1, a2, *_ = four()
    done = creates(a1, "l-1", a1, a2, created_by=BOB)
    expect(tape.judge(), "URL-001", blamed=done.of(a1)[0], pointer="/data/url/created_by")
    expect(tape.judge(), "URL-001", blamed=done.of(a2)[0], pointer="/data/urls/0/created_by")


@pytest.mark.parametrize("place", [2, 3])
def test_a_url_in_a_session_of_somebody_else(place: int) -> None:
    tape, a1, *others = four()
    stranger = [a1, *others][place]
    done = creates(a1, "l-1", a1, stranger)
    found = tape.judge()
    leaked = done.of(stranger)[0]
    expect(found, "URL-003", blamed=leaked)
    assert {o.pointer for o in found.of("URL-003")} >= {
        "/data/url" if place == 2 else "/data/urls/0"
    }


def test_an_old_url_of_somebody_else() -> None:
    tape = Tape()
    urls = [url("l-0", START_MS - 9, created_by=BOB)]
    ann = tape.player(ANN, A1, kinds=("url",), slices={"url": {"type": "url", "urls": urls}})
    _, _, (state,) = ann.open()
    expect(tape.judge(), "URL-003", blamed=state, pointer="/data/urls/0")


def test_the_end_of_a_url_of_somebody_else() -> None:
    tape, a1, a2, b1, _ = four()
    creates(a1, "l-1", a1, a2)
    done = a1.acts(
        "url.delete",
        {"url_id": "l-1"},
        events=[("url.deleted", {"url_id": "l-1"})],
        seen_by=(a1, a2, b1),
    )
    expect(tape.judge(), "URL-003", blamed=done.of(b1)[0], pointer="/data/url_id")


def test_an_address_of_somebody_else_in_a_refusal() -> None:
    tape, a1, a2, b1, _ = four()
    creates(a1, "l-1", a1, a2)
    copy = b1.sends("url.create", {"target_url": f"{TARGET}/b", "short_code": "code-l-1"})
    b1.count = b1.sent
    pushed, _ = b1.nack(copy, 4220, details={"taken_for": TARGET})
    expect(tape.judge(), "URL-003", blamed=pushed)


def test_an_address_that_both_sent() -> None:
    tape, a1, a2, b1, b2 = four()
    creates(a1, "l-1", a1, a2)
    creates(b1, "l-2", b1, b2)
    creates(b1, "l-3", b1, b2, target=f"{TARGET}-that-goes-on")
    clean(tape.judge())


def test_one_id_that_two_acks_name() -> None:
    tape, a1, a2, b1, b2 = four()
    creates(a1, "l-1", a1, a2)
    creates(b1, "l-1", b1, b2, target=f"{TARGET}-2")
    clean(tape.judge())


def test_urls_out_of_order() -> None:
    tape, a1, a2, *_ = four()
    creates(a1, "l-1", a1, a2)
    tape.wait(5)
    creates(a1, "l-2", a1, a2)
    clean(tape.judge())
    _, _, (state,) = a2.sync()
    assert tape.judge().seen("URL-005")
    state.data["urls"].reverse()
    found = tape.judge()
    assert "URL-005" in found.broken, found.told()
    assert found.of("URL-005")[0].records == (state.n,)
    assert found.of("URL-005")[0].pointer == "/data/urls/1"


def test_urls_of_one_moment_are_ordered_by_id() -> None:
    tape = Tape()
    urls = [url(id_, START_MS, created_by=ANN) for id_ in ("l-2", "l-1")]
    ann = tape.player(ANN, A1, kinds=("url",), slices={"url": {"type": "url", "urls": urls}})
    _, _, (state,) = ann.open()
    found = tape.judge()
    expect(found, "URL-005", "STATE-010", blamed=state, pointer="/data/urls/1")

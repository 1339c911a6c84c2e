"""Short codes, each its creator's alone."""

from __future__ import annotations

import pytest
from tests.reference.bench import Bench, Body

from omnisession_reference.protocol import LIMITS

LONG = "https://example.org/a?b=<c>&d=é"


@pytest.fixture(name="bench")
def open_bench() -> Bench:
    """Ann sees her urls twice, once without events, and has a session without; bob sees his."""
    bench = Bench()
    bench.open("ann", "a1", ["events"], kinds=["url"])
    bench.open("ann", "a2", kinds=["url"], coalesce_ms=0)
    bench.open("ann", "a3", ["events"])
    bench.open("bob", "b1", ["events"], kinds=["url"])
    return bench


def create(bench: Bench, user: str, session: str, number: int, **members: str) -> str:
    data = {"target_url": LONG, **members}
    return bench.act(user, session, number, "url.create", **data)["result"]["url_id"]


def urls(bench: Bench, user: str = "ann", session: str = "a1") -> list[Body]:
    return bench.slice(user, session, "url")["urls"]


def test_a_url_shows_in_all_sessions_of_its_creator(bench: Bench) -> None:
    before = len(bench.stream("bob", "b1"))
    url_id = create(bench, "ann", "a3", 1)
    [url] = urls(bench)
    now = bench.clock.now_ms()
    assert url == {
        "id": url_id,
        "short_code": url["short_code"],
        "target_url": LONG,
        "created_by": "ann",
        "created_at": now,
        "updated_at": now,
        "access_count": 0,
        "is_active": True,
    }
    assert len(url["short_code"]) == 8
    assert urls(bench, "ann", "a2") == [url]
    [event] = bench.events("ann", "a1")
    assert event["cause"]["session_id"] == "a3"
    assert len(bench.stream("bob", "b1")) == before
    assert urls(bench, "bob", "b1") == []


def test_the_server_sets_what_is_not_given(bench: Bench) -> None:
    more: Body = {"created_by": "bob", "id": "x", "access_count": 9, "is_active": False}
    bench.act("ann", "a1", 1, "url.create", target_url=LONG, **more)
    [url] = urls(bench)
    assert (url["created_by"], url["access_count"], url["is_active"]) == ("ann", 0, True)
    create(bench, "ann", "a1", 2)
    assert len({url["short_code"] for url in urls(bench)}) == 2


def test_a_code_is_taken_whoever_has_it(bench: Bench) -> None:
    create(bench, "ann", "a1", 1, short_code="go")
    other = create(bench, "bob", "b1", 1, short_code="Go")
    before = len(bench.stream("ann", "a1")), urls(bench, "bob", "b1")
    refused = bench.act("bob", "b1", 2, "url.create", target_url=LONG, short_code="go")
    assert refused["error"]["code"] == 4220
    assert "details" not in refused["error"]
    renamed = {"url_id": other, "changes": {"short_code": "go", "is_active": False}}
    assert bench.code("bob", "b1", 3, "url.update", **renamed) == 4220
    assert (len(bench.stream("ann", "a1")), urls(bench, "bob", "b1")) == before
    own = {"url_id": other, "changes": {"short_code": "Go"}}
    assert bench.code("bob", "b1", 4, "url.update", **own) is None


def test_a_code_is_free_again_when_it_is_given_up(bench: Bench) -> None:
    url_id = create(bench, "ann", "a1", 1, short_code="one")
    bench.act("ann", "a1", 2, "url.update", url_id=url_id, changes={"short_code": "two"})
    create(bench, "bob", "b1", 1, short_code="one")
    bench.act("ann", "a1", 3, "url.update", url_id=url_id, changes={"is_active": False})
    taken = {"target_url": LONG, "short_code": "two"}
    assert bench.code("bob", "b1", 2, "url.create", **taken) == 4220
    bench.act("ann", "a1", 4, "url.delete", url_id=url_id)
    create(bench, "bob", "b1", 3, short_code="two")


@pytest.mark.parametrize("code", ["", "x" * 65])
def test_a_code_has_1_to_64_characters(bench: Bench, code: str) -> None:
    data = {"target_url": LONG, "short_code": code}
    assert bench.code("ann", "a1", 1, "url.create", **data) == 4001


def test_a_url_of_another_is_as_a_missing_one(bench: Bench) -> None:
    url_id = create(bench, "ann", "a1", 1)
    before = urls(bench)
    refused = [
        bench.act("bob", "b1", number, "url.update", url_id=id_, changes={})["error"]
        for number, id_ in enumerate((url_id, "none"), 1)
    ]
    refused += [
        bench.act("bob", "b1", number, "url.delete", url_id=id_)["error"]
        for number, id_ in enumerate((url_id, "none"), 3)
    ]
    assert refused == [refused[0]] * 4
    assert refused[0]["code"] == 4040
    assert urls(bench) == before


def test_update_changes_the_members_named_and_the_time(bench: Bench) -> None:
    url_id = create(bench, "ann", "a1", 1, short_code="go")
    [before] = urls(bench)
    bench.clock.move(5)
    changes = {"is_active": False, "target_url": "x:y", "created_by": "bob", "access_count": 7}
    bench.act("ann", "a2", 1, "url.update", url_id=url_id, changes=changes)
    after: Body = {**before, "is_active": False, "target_url": "x:y"}
    after["updated_at"] += 5
    assert urls(bench) == urls(bench, "ann", "a2") == [after]
    bench.clock.move(5)
    bench.act("ann", "a1", 2, "url.update", url_id=url_id, changes={})
    assert urls(bench) == [{**after, "updated_at": after["updated_at"] + 5}]
    assert before["is_active"]
    assert [e["type"] for e in bench.events("ann", "a1")[1:]] == ["url.updated"] * 2


def test_delete_removes_for_good(bench: Bench) -> None:
    url_id = create(bench, "ann", "a1", 1)
    bench.act("ann", "a1", 2, "url.delete", url_id=url_id)
    bench.open("ann", "a4", kinds=["url"])
    for session in ("a1", "a2", "a4"):
        assert urls(bench, "ann", session) == []
    assert bench.code("ann", "a1", 3, "url.delete", url_id=url_id) == 4040


@pytest.mark.parametrize(("letter", "quoted"), [("a", 1), ("é", 2)])
def test_a_target_is_limited_in_bytes(bench: Bench, letter: str, quoted: int) -> None:
    full = letter * ((LIMITS["target_url"] - 2) // quoted)
    url_id = create(bench, "ann", "a1", 1, target_url=full, short_code="go")
    over = {"target_url": full + letter}
    assert bench.code("ann", "a1", 2, "url.create", **over) == 4130
    assert bench.code("ann", "a1", 3, "url.update", url_id=url_id, changes=over) == 4130
    # Rules come before sizes.
    assert bench.code("ann", "a1", 4, "url.create", **over, short_code="go") == 4220
    assert [url["target_url"] for url in urls(bench)] == [full]


def test_the_latest_made_come_first_and_the_rest_is_cut(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "urls", 3)
    ids: list[str] = []
    for number in range(1, 5):
        ids.append(create(bench, "ann", "a1", number))
        bench.clock.move(number % 2)
    # The second and the third were made in one millisecond.
    order = [ids[3], *sorted(ids[1:3])]
    bench.act("ann", "a1", 5, "url.update", url_id=ids[0], changes={})
    bench.act("ann", "a1", 6, "url.update", url_id=ids[1], changes={})
    for session in ("a1", "a2"):
        assert [url["id"] for url in urls(bench, "ann", session)] == order
    # No server may tell of so short a list; this one was to be full soon.
    bench.judged = False
    bench.open("ann", "a4", kinds=["url"])
    assert [url["id"] for url in urls(bench, "ann", "a4")] == order

"""What a session must show: compared with slices, whatever only the server knows is learned once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.kit.generation.making import Bench, broken

from omnisession_conformance.roles.server.generation.shows import Comparison, Shown

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.generation.outcome import Finding

URL: dict[str, Any] = {
    "id": "made-u1",
    "short_code": "q",
    "target_url": "x",
    "created_by": "user-0",
    "created_at": 1,
    "updated_at": 1,
    "access_count": 0,
    "is_active": True,
}

PEOPLE = [{"id": f"user-{number}", "username": f"name {number}"} for number in range(4)]


def shown(bench: Bench, session: str, kind: str, **slice_: Any) -> list[Finding]:
    one = bench.world.sessions[session]
    return Comparison(bench.world, one, Shown({kind: slice_}), 10.0, 10.0).run()


def with_url() -> Bench:
    bench = Bench()
    bench.do("s0", "url.create", name="u1", give={"target_url": "x"})
    return bench


def test_what_the_server_decides_is_the_same_everywhere() -> None:
    bench = with_url()
    bench.open("t0", 0)
    assert not shown(bench, "s0", "url", urls=[URL])
    assert broken(shown(bench, "t0", "url", urls=[{**URL, "short_code": "r"}])) == {"URL-001"}


def test_a_url_is_its_creators_alone() -> None:
    assert broken(shown(with_url(), "s1", "url", urls=[URL])) == {"URL-003"}


def test_what_is_missing_and_what_nobody_made() -> None:
    bench = with_url()
    assert broken(shown(bench, "s0", "url", urls=[])) == {"URL-001"}
    twice = [URL, {**URL, "id": "another"}]
    assert broken(shown(bench, "s0", "url", urls=twice)) == {"URL-001"}


def lacking(bench: Bench, kind: str, name: str, early: set[str], later: set[str]) -> set[str]:
    """What is wrong with an empty list that was full of `early` and has held `later` since."""
    slice_: dict[str, Any] = {name: [], "participants": PEOPLE, "typing_indicators": []}
    full = Shown({kind: slice_}, {(kind, name): (frozenset(early), later)})
    found = Comparison(bench.world, bench.world.sessions["s0"], full, 0.0, 0.0).run()
    return {f"{one.requirement} {one.pointer.rpartition('/')[2]}" for one in found}


def with_many(letter: str, type_: str, member: str, limits: dict[str, int]) -> Bench:
    bench = Bench()
    bench.world.limits = {**bench.world.limits, **limits}
    for number in range(5):
        bench.do("s0", type_, name=f"{letter}{number}", give={member: "x"})
    return bench


def test_a_list_that_was_full_lacks_what_was_made_before_so_much_else() -> None:
    chat = with_many("m", "chat.send", "content", {"chat_messages": 3})
    ours = {f"made-m{number}" for number in range(5)}
    assert lacking(chat, "chat", "messages", {"one", "two", "three"}, ours) == {
        "CHAT-001 m2",
        "CHAT-001 m3",
        "CHAT-001 m4",
    }
    assert lacking(chat, "chat", "messages", {"one"}, {*ours, "other"}) == {
        "CHAT-001 m3",
        "CHAT-001 m4",
    }, "what others sent since may have come later"


def test_a_later_session_lacks_what_was_cut_before_it() -> None:
    chat = with_many("m", "chat.send", "content", {"chat_messages": 3})
    slice_: dict[str, Any] = {"messages": [], "participants": PEOPLE, "typing_indicators": []}
    one = chat.world.sessions["s0"]
    found = Comparison(chat.world, one, Shown({"chat": slice_}), 0.0, 0.0).run()
    assert {one.pointer.rpartition("/")[2] for one in found} == {"m2", "m3", "m4"}


def test_what_never_came_into_a_full_list_may_be_older_than_all_in_it() -> None:
    chat = with_many("m", "chat.send", "content", {"chat_messages": 3})
    assert not lacking(chat, "chat", "messages", {"one", "two", "three"}, set())
    assert lacking(chat, "chat", "messages", {"one", "two", "three"}, {"made-m3"}) == {
        "CHAT-001 m3",
        "CHAT-001 m4",
    }


def test_urls_of_one_millisecond_stand_in_any_order() -> None:
    urls = with_many("u", "url.create", "target_url", {"urls": 3})
    ours = {f"made-u{number}" for number in range(5)}
    for number in range(5):
        urls.world.known[f"u{number}", "created_at"] = number
    assert lacking(urls, "url", "urls", set(), ours) == {"URL-001 u2", "URL-001 u3", "URL-001 u4"}
    urls.world.known["u3", "created_at"] = 4
    assert lacking(urls, "url", "urls", set(), ours) == {"URL-001 u2", "URL-001 u3", "URL-001 u4"}
    urls.world.known.update({(f"u{number}", "created_at"): 1 for number in range(5)})
    assert not lacking(urls, "url", "urls", set(), ours)


def test_typing_ends_with_its_time_and_is_shown_to_others() -> None:
    bench = Bench()
    bench.do("s0", "chat.typing", give={"active": True})
    people = [{"id": f"user-{n}", "username": f"name {n}"} for n in range(4)]
    chat: dict[str, Any] = {"messages": [], "participants": people}
    one = bench.world.sessions["s1"]

    def at(second: float, *typing: str) -> set[str]:
        slice_: dict[str, Any] = {**chat, "typing_indicators": list(typing)}
        return broken(Comparison(bench.world, one, Shown({"chat": slice_}), second, second).run())

    assert not at(1.0, "user-0")
    assert at(1.0) == {"CHAT-008"}
    assert not at(7.0, "user-0"), "it may last a little longer"
    assert not at(7.0)
    assert at(9.0, "user-0") == {"CHAT-009"}
    assert at(1.0, "user-0", "user-1") == {"CHAT-008"}, "nobody is told of itself"


def test_messages_are_newest_first_and_those_of_others_do_not_matter() -> None:
    bench = Bench()
    for name in ("m1", "m2"):
        bench.do("s0", "chat.send", name=name, give={"content": name})
    people = [{"id": f"user-{n}", "username": f"name {n}"} for n in range(4)]
    entries = [
        {
            "id": f"made-{name}",
            "user_id": "user-0",
            "content": name,
            "sent_at": 1,
            "edited_at": None,
        }
        for name in ("m2", "m1")
    ]
    other = {"id": "z", "user_id": "somebody", "content": "hi", "sent_at": 1, "edited_at": None}
    chat: dict[str, Any] = {"participants": people, "typing_indicators": []}
    assert not shown(bench, "s1", "chat", messages=[other, *entries], **chat)
    assert broken(shown(bench, "s1", "chat", messages=entries[::-1], **chat)) == {"CHAT-003"}


def test_nothing_is_selected_unless_the_session_has_selected_it() -> None:
    bench = Bench()
    slice_: dict[str, Any] = {
        "articles": [],
        "current_article": {"id": "x"},
        "revisions": [],
        "editors": [],
    }
    assert broken(shown(bench, "s0", "articles", **slice_)) == {"ART-011"}


def test_permissions_stand_by_code_point_each_once() -> None:
    bench = Bench()
    user = {"id": "user-0", "username": "name 0"}
    entry = {"session_id": "id-s0", "opened_at": 1, "kinds": list(bench.world.sessions["s0"].kinds)}
    for permissions, good in ((["p10", "p2"], True), (["p2", "p10"], False), (["p", "p"], False)):
        found = shown(bench, "s0", "user", user=user, sessions=[entry], permissions=permissions)
        assert (broken(found) == set()) is good
        assert broken(found) <= {"USER-001"}

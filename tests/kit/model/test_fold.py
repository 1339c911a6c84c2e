from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.model.values import (
    NOW,
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

from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.model.fold import Folder, readable
from omnisession_conformance.protocol.model.order import first_misplacement
from omnisession_conformance.protocol.model.slices import empty_slice

LIMITS = {
    "articles": 3,
    "revisions": 2,
    "editors": 3,
    "urls": 3,
    "chat_messages": 3,
    "participants": 3,
}


def state(seq: int, data: dict[str, Any], epoch: int = 1) -> dict[str, Any]:
    return {
        "type": "session.state",
        "epoch": epoch,
        "seq": seq,
        "last_action_seq": 0,
        "data": data,
    }


def event(seq: int, type_: str, data: dict[str, Any], epoch: int = 1) -> dict[str, Any]:
    return {"type": type_, "epoch": epoch, "seq": seq, "last_action_seq": 0, "data": data}


def taken(*bodies: dict[str, Any] | None) -> Folder:
    folder = Folder(LIMITS)
    for body in bodies:
        folder.take(body)
    return folder


def test_a_state_replaces_its_slice_whole_and_no_other() -> None:
    one = articles_slice(articles=[article("a")])
    folder = taken(state(1, one), state(2, chat_slice()), state(3, articles_slice()))
    assert folder.slices == {"articles": articles_slice(), "chat": chat_slice()}
    assert folder.head == (1, 3)


def test_an_event_before_any_state_is_folded_over_the_empty_slice() -> None:
    folder = taken(event(1, "chat.message_added", {"message": message("m1")}))
    assert folder.slices == {"chat": chat_slice(messages=[message("m1")])}


def test_old_messages_are_dropped() -> None:
    folder = taken(
        state(2, chat_slice(messages=[message("m2")])),
        state(2, chat_slice()),
        event(1, "chat.message_deleted", {"message_id": "m2"}),
    )
    assert folder.slices == {"chat": chat_slice(messages=[message("m2")])}


def test_a_higher_epoch_starts_over_and_a_lower_one_is_dropped() -> None:
    folder = taken(
        state(9, articles_slice()), state(1, chat_slice(), epoch=3), state(99, user_slice())
    )
    assert folder.slices == {"chat": chat_slice()}
    assert folder.head == (3, 1)


@pytest.mark.parametrize(
    "body",
    [
        event(2, "x-acme.thing_done", {"message_id": "m1"}),
        event(2, "chat.pinned", {"message_id": "m1"}),
        state(2, {"type": "x-none", "messages": []}),
        event(2, "chat.message_deleted", {}),
    ],
)
def test_what_is_unknown_counts_in_seq_and_changes_nothing(body: dict[str, Any]) -> None:
    before = chat_slice(messages=[message("m1")])
    folder = taken(state(1, before), body)
    assert folder.slices == {"chat": before}
    assert folder.head == (1, 2)


@pytest.mark.parametrize("body", [None, {}, {"epoch": "1", "seq": 2, "last_action_seq": 0}])
def test_what_has_no_position_is_dropped(body: dict[str, Any] | None) -> None:
    assert taken(body).head == (0, 0)


def test_take_tells_the_kind() -> None:
    folder = Folder(LIMITS)
    assert folder.take(state(1, chat_slice())) == "chat"
    assert folder.take(event(2, "article.deleted", {"article_id": "a"})) == "articles"
    assert folder.take(event(3, "x-acme.done", {})) is None
    assert folder.take(state(3, chat_slice())) is None


def test_a_broken_state_is_made_readable() -> None:
    broken = {"type": "articles", "articles": None, "editors": [editor("a", "ann"), 5]}
    assert readable("articles", broken) == articles_slice(editors=[editor("a", "ann")])
    right = articles_slice(articles=[article("a")])
    assert readable("articles", right) is right


ids = st.sampled_from(["a", "b", "C", "d", "é"])
times = st.sampled_from([NOW, NOW + 1, NOW + 2])
articles = st.builds(
    article,
    ids,
    st.none() | times,
    revision=st.integers(1, 4),
    content=st.none() | st.just("It was dark."),
)
revisions = st.builds(revision, ids, st.integers(1, 4))
events = st.one_of(
    st.tuples(
        st.sampled_from(["article.created", "article.updated"]),
        st.fixed_dictionaries({"article": articles}),
    ),
    st.tuples(st.just("article.deleted"), st.fixed_dictionaries({"article_id": ids})),
    st.tuples(
        st.just("article.selected"),
        st.fixed_dictionaries({"article": st.none() | articles, "revisions": st.just([])}),
    ),
    st.tuples(st.just("article.revision_added"), st.fixed_dictionaries({"revision": revisions})),
    st.tuples(
        st.sampled_from(["article.edit_started", "article.edit_ended"]),
        st.builds(editor, ids, ids, times),
    ),
    st.tuples(
        st.sampled_from(["chat.message_added", "chat.message_edited"]),
        st.fixed_dictionaries({"message": st.builds(message, ids, st.text(max_size=2))}),
    ),
    st.tuples(st.just("chat.message_deleted"), st.fixed_dictionaries({"message_id": ids})),
    st.tuples(
        st.just("chat.participant_joined"),
        st.fixed_dictionaries({"user": st.builds(user, ids, st.text(max_size=2))}),
    ),
    st.tuples(st.just("chat.participant_left"), st.fixed_dictionaries({"user_id": ids})),
    st.tuples(
        st.just("chat.typing_changed"),
        st.fixed_dictionaries({"user_id": ids, "active": st.booleans()}),
    ),
    st.tuples(
        st.sampled_from(["url.created", "url.updated"]),
        # A url's created_at never changes, so one id has one time.
        st.fixed_dictionaries({"url": ids.map(lambda i: url(i, NOW + ord(i) % 3))}),
    ),
    st.tuples(st.just("url.deleted"), st.fixed_dictionaries({"url_id": ids})),
    st.tuples(st.just("user.updated"), st.fixed_dictionaries({"user": st.builds(user, ids)})),
    st.tuples(
        st.just("user.permissions_changed"),
        st.fixed_dictionaries({"permissions": st.lists(ids, unique=True).map(sorted)}),
    ),
    st.tuples(
        st.just("user.session_opened"),
        st.fixed_dictionaries({"session": ids.map(lambda i: session(i, NOW + ord(i) % 3))}),
    ),
    st.tuples(st.just("user.session_closed"), st.fixed_dictionaries({"session_id": ids})),
    st.tuples(st.just("x-acme.thing_done"), st.fixed_dictionaries({"article_id": ids})),
)


@given(st.lists(events, max_size=30))
def test_the_laws_of_the_fold(script: list[tuple[str, dict[str, Any]]]) -> None:
    given_script = copy.deepcopy(script)
    folder = taken(*(state(n, empty_slice(kind)) for n, kind in enumerate(NAMES, 1)))
    twice = copy.copy(folder)
    twice.slices = dict(folder.slices)
    for n, (type_, data) in enumerate(script):
        before = {kind: copy.deepcopy(s) for kind, s in folder.slices.items()}
        held = dict(folder.slices)
        folder.take(event(10 + n, type_, data))
        twice.take(event(10 + 2 * n, type_, data))
        twice.take(event(11 + 2 * n, type_, data))
        assert held == before, "what was held before an event is left as it was"
        assert twice.slices == folder.slices, "twice equals once"
    assert script == given_script, "events are left as they were"
    for kind, slice_ in folder.slices.items():
        assert first_misplacement(kind, slice_) is None, "ordered lists stay ordered"
        assert readable(kind, slice_) is slice_
        again = Folder(LIMITS)
        again.take(state(1, slice_))
        assert again.slices == {kind: slice_}, "the fold of a state is that state"
    assert all(
        len(folder.slices["articles"][name]) <= LIMITS[name] for name in ("articles", "editors")
    )

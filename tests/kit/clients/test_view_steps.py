"""What cases of the view are made of: slices, actions that are hard to fold, rows, local ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.clients.puppetbench import Bench

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.tables import ACTIONS, NAMES
from omnisession_conformance.protocol.model.order import first_misplacement
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.roles.client.puppet.effects import EFFECTS, TYPES, Act
from omnisession_conformance.roles.client.steps.deeds import FORMS, kind_of
from omnisession_conformance.roles.client.steps.furnished import CURRENT, furnished
from omnisession_conformance.roles.client.steps.hard_deeds import HARD, NOBODYS, SHOW_NOTHING
from omnisession_conformance.roles.client.steps.local_ids import (
    ids_in,
    named_in,
    own_local,
    renamed,
)
from omnisession_conformance.roles.client.steps.view_rows import CODES, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKER = Checker()
ALL = [
    (type_, data)
    for type_, made in {**{t: f("w") for t, f in HARD.items()}, **SHOW_NOTHING}.items()
    for data in made
]


def is_valid(type_: str, data: Mapping[str, Any]) -> bool:
    body = {
        "v": "1.0",
        "type": type_,
        "user_id": "ann",
        "session_id": "s",
        "timestamp": 1,
        "action_id": "x1",
        "client_seq": 1,
        "data": data,
    }
    return CHECKER.is_valid(f"action.schema.json#/$defs/{type_}", body)


def test_what_is_hard_to_fold_is_valid() -> None:
    assert [(type_, data) for type_, data in ALL if not is_valid(type_, data)] == []


def test_there_is_something_hard_of_each_type() -> None:
    assert set(HARD) == set(TYPES) == set(FORMS)
    assert set(SHOW_NOTHING) == {*ACTIONS} - set(TYPES)


def test_the_puppet_takes_nothing_that_a_page_does_not_name() -> None:
    # The author of one is that other user.
    theirs = {**NOBODYS, "author_id": "", "user_id": "", "x-mood": ""}
    for type_, data in ALL:
        if type_ not in EFFECTS:
            continue
        slices = {kind: furnished(kind, "ann") for kind in NAMES}
        effect = EFFECTS[type_](Act("ann", data, {}, slices, {}, "new", 1))
        for entity in (as_object(value) for _, event in effect.events for value in event.values()):
            taken = [name for name in entity if name in theirs and entity[name] == theirs[name]]
            assert taken == [], (type_, data)


@pytest.mark.parametrize("kind", NAMES)
def test_what_is_furnished_is_a_state_in_its_order(kind: str) -> None:
    bench, slice_ = Bench(), furnished(kind, "ann")
    # What a puppet says has to be valid.
    message = bench.puppet.state(bench.open(), kind, slice_)
    assert message.body["data"] == slice_
    assert first_misplacement(kind, slice_) is None


def test_rows_are_of_valid_actions_and_known_ends() -> None:
    for row in rows("w"):
        assert len(row.acts) == len(row.ends), row.shows
        for type_, data in row.acts:
            assert is_valid(type_, data), row.shows
            assert kind_of(type_) == row.kind, row.shows
        assert {*row.ends} <= {*CODES}, row.shows


def test_ids_that_an_action_names() -> None:
    body = {"data": {"article_id": "a", "changes": {"article_id": "b"}}}
    assert named_in("actions", body) == ["a"]
    assert named_in("edit", {"article_id": "c"}) == ["c"]
    assert named_in("actions", {"data": {"content": "local:x1"}}) == []
    assert named_in("actions", None) == []
    assert own_local(["a", "local:x2", "local:x1"], {"x1"}) == "local:x1"
    assert own_local(["local:of-a-server", "x1"], {"x1"}) is None
    assert renamed({"url_id": "a", "changes": {}}, "a", "b") == {"url_id": "b", "changes": {}}


def test_ids_of_entries() -> None:
    assert ids_in({"chat": {**furnished("chat", "ann"), "participants": []}}) >= {CURRENT}
    assert "" not in ids_in({"url": furnished("url", "ann")})


def test_parts_of_an_action_are_said_when_a_case_wants() -> None:
    bench = Bench()
    served = bench.open()
    bench.puppet.instead("actions", lambda asked: parts.append(bench.puppet.parts_of(asked)))
    parts: list[Any] = []
    named = {"action_id": "x1", "client_seq": 1}
    body = bench.body("chat.send", "s", {"content": "hi"}, **named)
    assert bench.hear("user.actions.Zo=C3=AB=2Ex", body) == []
    assert served.counted == 1
    parts[0].answer()
    assert [told["type"] for _, told in bench.said.take()] == ["action.ack", "action.ack"]
    assert [message.body["type"] for message in parts[0].stream] == ["chat.message_added"]

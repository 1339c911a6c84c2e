"""The declarations of kinds: they are those of the schemas, they are whole, and everything follows them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import pytest

from omnisession_conformance.protocol.json import as_object, is_list
from omnisession_conformance.protocol.kinds import KINDS
from omnisession_conformance.protocol.kinds.articles import ARTICLES
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind, Leftover
from omnisession_conformance.protocol.kinds.parts import Entity, ListOf, One, plain
from omnisession_conformance.protocol.kinds.tables import (
    ACTIONS,
    ACTIONS_OF_NO_KIND,
    EVENTS,
    NAMES,
    faults_of,
)
from omnisession_conformance.protocol.kinds.url import SHORT_URL, URL, URLS
from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.protocol.schemas.check import Checker

DOCUMENTS: dict[str, Any] = dict(Checker().documents)
TIME = "common.schema.json#/$defs/time_ms"


# -- the schemas ---------------------------------------------------------------------------------------


def definition(ref: str, document: str) -> tuple[dict[str, Any], str]:
    """What a `$ref` means, and the document that it stands in."""
    name, _, path = ref.partition("#")
    node: Any = DOCUMENTS[name or document]
    for step in path.split("/")[1:]:
        node = node[step]
    return node, name or document


def members_of(schema: dict[str, Any], document: str) -> dict[str, tuple[dict[str, Any], str]]:
    """The members that a schema names, through all references, each with its document."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    if "$ref" in schema:
        found |= members_of(*definition(schema["$ref"], document))
    for one in schema.get("anyOf", ()):
        found |= members_of(one, document)
    own = as_object(schema.get("properties"))
    return found | {name: (member, document) for name, member in own.items()}


def is_time(schema: dict[str, Any]) -> bool:
    return any(one.get("$ref") == TIME for one in (schema, *schema.get("anyOf", ())))


def entity_of(schema: dict[str, Any], document: str) -> tuple[set[str], set[str]]:
    """The names of an entity's members, and those of its times."""
    found = members_of(schema, document)
    return set(found), {name for name, (member, _) in found.items() if is_time(member)}


def declared(entity: Entity) -> tuple[set[str], set[str]]:
    return set(entity.members), set(entity.times)


def data_of(ref: str) -> dict[str, tuple[dict[str, Any], str]]:
    data, document = members_of(*definition(ref, ""))["data"]
    return members_of(data, document)


def test_every_kind_of_the_schemas_is_declared_and_no_other() -> None:
    common = DOCUMENTS["common.schema.json"]["$defs"]["kind"]
    assert NAMES == tuple(catalogue().row("session.state").definitions) == tuple(common["enum"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_slice_has_the_members_of_its_schema(kind: Kind) -> None:
    ref = catalogue().row("session.state").definitions[kind.name]
    told = data_of(ref)
    assert {"type", *(part.name for part in kind.members)} == set(told)
    for part in kind.members:
        schema, document = told[part.name]
        assert isinstance(part, ListOf) == (schema.get("type") == "array"), part.name
        inner = schema["items"] if isinstance(part, ListOf) else schema
        assert {*part.members} == entity_of(inner, document)[0], part.name
        if isinstance(part, One) or part.entity is not None:
            assert part.entity is not None
            assert declared(part.entity) == entity_of(inner, document), part.name


def test_every_type_of_event_belongs_to_exactly_one_kind() -> None:
    types = list(catalogue().row("session.events").definitions)
    assert [event.type for kind in KINDS for event in kind.events] == types


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.type)
def test_the_data_of_an_event_are_those_of_its_schema(event: Event) -> None:
    data = data_of(catalogue().row("session.events").definitions[event.type])
    if not event.within:
        times = {name for name, (member, _) in data.items() if is_time(member)}
        assert declared(event.entity) == (set(data), times)
    else:
        assert declared(event.entity) == entity_of(*data[event.within])


def test_every_type_of_action_belongs_to_exactly_one_kind_or_to_none() -> None:
    types = set(catalogue().row("user.actions").definitions)
    assert sorted([*ACTIONS, *ACTIONS_OF_NO_KIND]) == sorted(types)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_actions_name_what_they_are_about_as_their_kind_says(kind: Kind) -> None:
    ack, document = members_of(*definition("control.schema.json#/$defs/action.ack", ""))["data"]
    results = set(members_of(*members_of(ack, document)["result"]))
    all_ids = {other.id_member for other in KINDS} - {None}
    assert results == all_ids
    for action in kind.actions:
        data = data_of(catalogue().row("user.actions").definitions[action.type])
        assert all_ids & set(data) <= {kind.id_member}, action.type
        assert set(action.echoes) <= set(data), action.type
        assert not (action.creates and all_ids & set(data)), action.type


# -- what is not whole ---------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [Kind, Event, Action, Leftover, Abilities, ListOf, One])
def test_nothing_that_is_judged_can_be_left_out(part: type) -> None:
    """What may be left out makes the judge stricter, never blinder."""
    optional = {f.name for f in fields(part) if f.default is not MISSING}
    assert optional <= {"readers_differ", "nobody", "echoes", "reveals"}


WRONG_KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("another prefix", {"prefix": "short"}, "url.created is not of short"),
    ("no id", {"id_member": None}, "what its actions make has no id_member"),
    ("an action too few", {"actions": URL.actions[:2]}, "leftover names an action"),
    (
        "an ability of nothing",
        {"abilities": Abilities(makes="url.create", alters="url.change", shares=())},
        "abilities name an action",
    ),
    (
        "a time of nothing",
        {"events": (replace(URL.events[0], made_at="since"),)},
        "url.created names a member",
    ),
    (
        "an id of nothing",
        {"events": (replace(URL.events[2], entity=plain("code")),)},
        "url.deleted names a member",
    ),
]


@pytest.mark.parametrize(
    ("change", "why"), [row[1:] for row in WRONG_KINDS], ids=[row[0] for row in WRONG_KINDS]
)
def test_a_kind_that_contradicts_itself_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=f"kind url: {why}"):
        replace(URL, **change)


def other(**change: Any) -> Kind:
    """A kind that shares nothing with any other, but for what is changed."""
    bare = {"events": (), "actions": (), "members": (), "leftover": None, "abilities": None}
    return replace(URL, name="more", prefix="more", **{**bare, "disturbs": 99, **change})


OTHER_URL = Entity(("id",), ("id",))
WRONG_TOGETHER: list[tuple[str, Kind, str]] = [
    ("name", replace(other(), name="url"), "two have the name url"),
    ("prefix", replace(other(), prefix="url"), "two have the prefix url"),
    ("rank", other(disturbs=1), "two have the rank 1"),
    ("list", other(members=(URLS,)), "two have the list urls"),
    (
        "limit",
        other(members=(ListOf("things", None, key=None, limit="things"),)),
        "things has the limit things, which the protocol does not have",
    ),
    (
        "cause",
        other(actions=(replace(ACTIONS["url.update"], type="more.x", causes=("more.y",)),)),
        "more.x causes more.y, which no kind has",
    ),
    (
        "entity",
        other(events=(replace(EVENTS["url.updated"], type="more.x", entity=OTHER_URL),)),
        "holds another url than other events",
    ),
]


@pytest.mark.parametrize(
    ("kind", "why"), [row[1:] for row in WRONG_TOGETHER], ids=[row[0] for row in WRONG_TOGETHER]
)
def test_kinds_that_contradict_each_other_are_refused(kind: Kind, why: str) -> None:
    assert any(why in fault for fault in faults_of((*KINDS, kind)))


def test_the_kinds_of_the_protocol_contradict_nothing() -> None:
    assert list(faults_of(KINDS)) == []
    assert list(faults_of((*KINDS, other()))) == []


def test_a_list_without_order_takes_nothing_at_its_sorted_place() -> None:
    for list_ in (ListOf("x", SHORT_URL, None, None), ListOf("x", None, URLS.key, None)):
        with pytest.raises(ValueError, match="x is no sorted list of entities"):
            list_.put({"x": []}, {"id": "1"}, {})


def test_an_empty_slice_is_a_new_one_each_time() -> None:
    assert ARTICLES.empty() == ARTICLES.empty()
    lists = [value for value in ARTICLES.empty().values() if is_list(value)]
    assert len(lists) == len({id(value) for value in lists}) == len(ARTICLES.lists)


# -- one declaration is enough -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def todo() -> dict[str, Any]:
    """What the kit makes of the declaration of a made-up kind, and of nothing else."""
    program = Path(__file__).with_name("todo.py")
    ran = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_every_table_follows_the_declaration(todo: dict[str, Any]) -> None:
    members = ["id", "text", "due_at"]
    assert todo["tables"] == {
        "profile": True,
        "cheapest": "todo",
        "empty": {"type": "todo", "tasks": [], "next": None},
        "members": {"tasks": members, "next": members},
        "kind_of_event": "todo",
        "bounds": {"tasks": "tasks"},
        "orders": ["tasks"],
        "reducers": ["todo.added", "todo.swept"],
        "causes": ["todo.added"],
        "known": ["todo.added", "todo.swept"],
        "about": ["todo", "t-1"],
        "always": True,
        "nobody": True,
        "ids": "t-1",
        "leftovers": ["task_id"],
        "seen_after": "task_id",
    }


LAW = ["EVENT-001", "EVENT-002"]


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("nothing", []),
        ("one that somebody cannot see any more", []),
        ("an entry twice", ["STATE-002"]),
        ("an entry out of order", ["STATE-010"]),
        ("too many entries", ["STATE-012"]),
        ("a time in seconds", ["ENV-003"]),
        ("a time of an event in seconds", ["ENV-003", *LAW, "EVENT-004"]),
        ("a new thing of yesterday", ["ENV-003", *LAW]),
        ("a state that is no fold", LAW),
        ("an event of a kind that was not opened", ["STATE-001"]),
        ("an event that its action does not make", ["EVENT-005", "EVENT-006"]),
        ("an event that says the contrary", ["EVENT-005"]),
        ("an action without its event", ["EVENT-005"]),
        ("an actor where nobody acted", ["EVENT-006"]),
        ("other data under one id", ["EVENT-004"]),
        ("other plain data under one id", ["EVENT-004"]),
        ("one change under two ids", ["EVENT-004"]),
    ],
)
def test_the_rules_judge_the_kind(todo: dict[str, Any], what: str, broken: list[str]) -> None:
    assert todo["judged"][what] == broken

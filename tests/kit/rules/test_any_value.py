"""Whatever a target writes in whatever place, the rules judge it, and none of them fails on it."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.story import story

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.traffic import reader
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.rules.builder import Tape

Path = tuple[str, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a body; all entries of a list are one place."""
    if path:
        yield path
    if is_object(value):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    if is_list(value):
        for inner in value:
            yield from places(inner, (*path, "*"))


def put(value: Any, path: Path, new: Any) -> Any:
    """A body with another value at a place, wherever it has that place."""
    if not path:
        return new
    if is_object(value) and path[0] in value:
        return {**value, path[0]: put(value[path[0]], path[1:], new)}
    if is_list(value) and path[0] == "*":
        return [put(inner, path[1:], new) for inner in value]
    return value


def told(tape: Tape) -> dict[str, list[Path]]:
    """The places of all bodies of the target, by type; those of states by their kind."""
    found: defaultdict[str, dict[Path, None]] = defaultdict(dict)
    for entry in tape.entries:
        if entry.party is Party.TARGET:
            # As they go out, with what a replay repeats.
            found[sort_of(entry.body)] |= dict.fromkeys(places(json.loads(entry.encoded())))
    return {sort: list(paths) for sort, paths in found.items()}


def sort_of(body: dict[str, Any]) -> str:
    type_ = str(body.get("type"))
    return f"{type_} {body['data']['type']}" if type_ == "session.state" else type_


def no_definition(*_: object) -> None:
    """Stand in for the search of a body's schema."""


@pytest.mark.parametrize("value", [{}, pytest.param(True, marks=pytest.mark.dear)], ids=repr)
def test_no_rule_fails_on_a_value_of_another_type(
    value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one tape every type of body has the value in one of its places, in the next in another."""
    # What the schemas say of such bodies takes long to put into words, and is not asked here.
    monkeypatch.setattr(reader, "definition_for", no_definition)
    by_sort = told(story().tape)
    failed: dict[str, str] = {}
    for index in range(max(map(len, by_sort.values()))):
        now = {sort: paths[index] for sort, paths in by_sort.items() if index < len(paths)}
        tape = story().tape
        for entry in tape.entries:
            if entry.party is Party.TARGET and sort_of(entry.body) in now:
                path = now[sort_of(entry.body)]
                entry.body = put(json.loads(entry.encoded()), path, value)
                entry.replays = None
        try:
            tape.judge()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the places
            failed[repr(error)] = ", ".join(f"{s} /{'/'.join(p)}" for s, p in now.items())
    assert failed == {}

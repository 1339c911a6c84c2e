"""Actions that cases make: of whatever types a client takes, each valid, and found again on the wire."""

from __future__ import annotations

import itertools

import pytest

from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.roles.client.puppet.effects import EFFECTS
from omnisession_conformance.roles.client.steps.deeds import FORMS, Deed, Maker, kind_of, takes

CHECKER = Checker()


def made(type_: str) -> Deed:
    """An action of a type, about something that there is."""
    words = itertools.count()
    maker = Maker((type_,), lambda: f"w{next(words)}")
    return maker.next(lambda kind, list_: f"{kind}-{list_}-1")


def body(deed: Deed) -> dict[str, object]:
    """The body of an action as a client sends it."""
    return {
        "v": "1.0",
        "type": deed.type,
        "user_id": "ann",
        "session_id": "s",
        "timestamp": 1,
        "action_id": "x1",
        "client_seq": 1,
        "data": deed.data,
    }


def is_valid(deed: Deed) -> bool:
    """Whether the schema of its type takes it."""
    return CHECKER.is_valid(f"action.schema.json#/$defs/{deed.type}", body(deed))


def test_each_action_that_the_puppet_does_has_a_form() -> None:
    assert set(FORMS) == set(EFFECTS)


@pytest.mark.parametrize("type_", list(FORMS))
def test_each_is_valid_and_longer_and_wrong_where_it_can_be(type_: str) -> None:
    deed = made(type_)
    assert is_valid(deed)
    assert is_valid(deed.longer(100))
    assert is_valid(deed.with_more("-Zoë-日本-😀"))
    assert len(str(deed.longer(100).data)) >= len(str(deed.data)) + 100
    wrong = deed.invalid()
    assert wrong is None or not is_valid(wrong)
    assert (wrong is None) == (type_ == "session.noop")


@pytest.mark.parametrize("type_", list(FORMS))
def test_each_is_found_in_its_body_and_no_other_is(type_: str) -> None:
    words = itertools.count()
    maker = Maker((type_,), lambda: f"w{next(words)}")
    first, second = (maker.next(lambda kind, _: f"{kind}-{next(words)}") for _ in range(2))
    assert first.is_in(body(first))
    assert first.is_in({**body(first), "data": {**first.data, "more": None}})
    assert second.is_in(body(first)) == first.form.alike
    assert not first.is_in({**body(first), "type": "x.y"})
    assert not first.is_in({**body(first), "data": 7})


def test_types_that_a_client_takes() -> None:
    assert takes(["chat.edit", "article.publish", "session.noop"]) == ("chat.edit", "session.noop")
    assert takes(["chat.edit", "url.create", "session.noop"], ["url"]) == (
        "url.create",
        "session.noop",
    )
    assert [kind_of("chat.edit"), kind_of("session.noop")] == ["chat", None]

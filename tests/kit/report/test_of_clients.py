"""Reports on a client: what it left undeclared is told, and nothing is told of it that is about servers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from tests.kit.report.samples import TARGET, all_green, failures
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.protocol.roles import PROFILES_OF_CLIENTS
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.report.badge import badge
from omnisession_conformance.report.claim import claim
from omnisession_conformance.report.messages import by_hand
from omnisession_conformance.report.overview import about
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.terminal import compose
from omnisession_conformance.report.words import headline

if TYPE_CHECKING:
    from omnisession_conformance.results import Results

CLIENT = replace(
    TARGET,
    command="./adapter",
    name="example-client",
    version="1.0",
    profiles=("states", "chat"),
    kinds=("chat",),
    limits={},
    actions=(),
    hooks=(),
    role="client",
)
LEFT = "not declared: core, events, digests, articles, url, user, actions, hybrid, optimistic"


@pytest.fixture
def green() -> Results:
    return replace(all_green(), targets=(CLIENT,))


def test_what_it_does_not_declare_stands_wherever_it_is_green(green: Results) -> None:
    shown = badge(green)
    assert shown is not None
    assert shown.label == "Omnisession client 1.0"
    assert shown.message == f"conformant: states, chat (9 of 9); {LEFT}"
    assert headline(green).verdict == f"CONFORMANT: states, chat (9 of 9); {LEFT}"
    assert LEFT in " ".join(" ".join(line.plain.split()) for line in compose(green).lines)
    told = json.loads(summary(green))
    assert told["claim"]["undeclared"] == LEFT.removeprefix("not declared: ").split(", ")
    schema = json.loads((schemas_folder() / "kit" / "summary.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(told)  # pyright: ignore[reportUnknownMemberType]


def test_one_that_declares_all_leaves_nothing(green: Results) -> None:
    whole = replace(green, targets=(replace(CLIENT, profiles=PROFILES_OF_CLIENTS),))
    assert claim(whole).undeclared == ()
    assert "not declared" not in headline(whole).verdict


def test_no_hook_and_no_action_is_nothing_to_mark_in_a_client(green: Results) -> None:
    assert claim(green).marks == ()
    assert claim(green).whole


def test_profiles_of_two_roles_are_told_apart() -> None:
    found = claim(replace(all_green(), targets=(TARGET, replace(CLIENT, profiles=("core",)))))
    assert found.profiles == ("server:core", "server:events", "server:articles", "client:core")
    assert found.undeclared[:2] == ("client:states", "client:events")


def test_a_server_is_told_as_before() -> None:
    assert claim(all_green()).undeclared == ()
    assert "undeclared" not in json.loads(summary(all_green()))["claim"]


def test_an_adapter_that_came_to_no_session_has_not_simply_not_answered() -> None:
    nobody = replace(CLIENT, name=None, version=None)
    assert ("Target", "no session of it was judged; started with: ./adapter") in about(
        replace(all_green(), targets=(nobody,))
    )


def test_what_the_kit_said_as_a_server_is_not_repeated_by_hand() -> None:
    checks = [check for check in failures().checks if by_hand(check)]
    assert checks
    for check in checks:
        assert by_hand(replace(check, check="CLI-006@gap-is-closed")) is None


def test_the_whole_page(green: Results) -> None:
    text = "\n".join(line.plain for line in compose(green).lines) + "\n"
    matches_snapshot("client-green.txt", text)

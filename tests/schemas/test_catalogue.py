"""The two tables: subjects and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.protocol.schemas import Side, catalogue, definition_for

if TYPE_CHECKING:
    from omnisession_conformance.protocol.schemas.check import Checker


def test_the_rows_of_the_subject_table() -> None:
    assert {row.id: row.pattern for row in catalogue().subjects} == {
        "session.state": "session.{user_id}.{session_id}.state",
        "session.events": "session.{user_id}.{session_id}.events",
        "session.control.requests": "session.{user_id}.{session_id}.control",
        "session.control.pushes": "session.{user_id}.{session_id}.control",
        "user.actions": "user.actions.{user_id}",
        "chat.messages": "chat.messages",
        "article.edit.start": "article.edit.start",
        "article.updates": "article.{article_id}.updates",
        "reply": "_INBOX.>",
        "reply.import": "_R_.>",
    }


def test_what_clients_publish_the_server_takes_from_one_queue_group() -> None:
    for row in catalogue().subjects:
        from_client = row.publisher == ("client",)
        assert row.queue_group == ("omnisession" if from_client else None), row.id
        assert row.subscriber == (("server",) if from_client else ("client",))


def test_every_row_leads_to_definitions_that_exist(checker: Checker) -> None:
    for row in catalogue().subjects:
        for ref in (*row.schema, *row.definitions.values(), row.otherwise):
            assert not checker.is_valid(ref, {}), ref


def test_every_message_definition_is_reached_by_a_row(documents: dict[str, Any]) -> None:
    reached = {ref for row in catalogue().subjects for ref in row.definitions.values()}
    for name in ("event", "action", "control", "article.updates"):
        for key in documents[f"{name}.schema.json"]["$defs"]:
            if "." in key or key == "error":
                assert f"{name}.schema.json#/$defs/{key}" in reached


@pytest.mark.parametrize(
    ("family", "body", "ref"),
    [
        ("state", {"data": {"type": "chat"}}, "state.schema.json#/$defs/chat"),
        ("state", {"data": {"type": "calendar"}}, "state.schema.json#/$defs/envelope"),
        ("state", {"data": {"type": ["chat"]}}, "state.schema.json#/$defs/envelope"),
        ("state", {"data": None}, "state.schema.json#/$defs/envelope"),
        ("state", {}, "state.schema.json#/$defs/envelope"),
        ("events", {"type": "url.created"}, "event.schema.json#/$defs/url.created"),
        ("events", {"type": "x-acme.done"}, "event.schema.json#/$defs/unknown"),
        ("control", {"type": "action.ack"}, "control.schema.json#/$defs/action.ack"),
        ("control", {"type": "session.open"}, "control.schema.json#/$defs/push_envelope"),
        ("reply", {"type": "error"}, "control.schema.json#/$defs/error"),
        ("reply", {"type": 7}, "control.schema.json#/$defs/reply_envelope"),
        ("hint", {"type": "x"}, "article.updates.schema.json#/$defs/envelope"),
        ("actions", {"type": "session.noop"}, None),
        ("other", {}, None),
    ],
)
def test_the_definition_of_what_a_server_publishes(
    family: str, body: dict[str, Any], ref: str | None
) -> None:
    assert definition_for(family, body, Side.SERVER) == ref


def test_the_definition_of_what_a_client_publishes() -> None:
    ref = definition_for("control", {"type": "session.open"}, Side.CLIENT)
    assert ref == "control.schema.json#/$defs/session.open"
    assert definition_for("chat", {}, Side.CLIENT) == "chat.messages.schema.json"
    assert definition_for("state", {}, Side.CLIENT) is None


def test_rows_are_found_by_id_and_by_family() -> None:
    table = catalogue()
    assert table.row("user.actions").family == "actions"
    assert table.row_for("control", Side.SERVER) is table.row("session.control.pushes")
    assert table.row_for("reply", Side.SERVER) is table.row("reply")
    assert table.row_for("reply", Side.CLIENT) is None
    with pytest.raises(KeyError, match=r"no row 'session\.stat'"):
        table.row("session.stat")

"""The reference client shows what the rows of the optimistic view say, and each row shows a wrong one."""

from __future__ import annotations

import pytest
from tests.client.vectors.rows import ROWS, difference, shown

from omnisession_client_faults.faults import FAULTS
from omnisession_client_faults.places import in_force

WRONG = (
    "closes-what-is-current-with-any-delete",
    "folds-what-expects-this-revision",
    "keeps-revisions-of-any-article",
    "shows-a-selection-at-once",
    "shows-content-in-the-list",
    "shows-itself-as-typing",
    "shows-nothing-pending",
    "shows-the-next-revision",
    "shows-the-user-alone-that-it-made",
    "shows-what-is-not-there",
    "takes-all-that-changes-say",
)
"""Wrong cores, of which each row but the quiet ones shows at least one."""
QUIET = {
    "articles/nothing-pending",
    "articles/of-a-kind-that-is-not-open",
    "articles/what-shows-nothing",
    "chat/delete-of-what-is-not-there",
    "chat/nothing-pending",
    "url/delete-of-what-is-not-there",
}
"""Rows in which nothing changes, and none of these cores changes anything."""


def wrong() -> set[str]:
    """The rows that the client as it is now does not show rightly."""
    return {name for name, row in ROWS.items() if difference(row, shown(row)) is not None}


def test_the_client_shows_what_the_rows_say() -> None:
    found = {name: difference(row, shown(row)) for name, row in ROWS.items()}
    assert {name: where for name, where in found.items() if where} == {}


def test_each_row_shows_a_wrong_core() -> None:
    found = set[str]()
    for name in WRONG:
        with in_force(FAULTS[name].replacements):
            caught = wrong()
        assert caught, name
        found |= caught
    assert ROWS.keys() - found == QUIET


@pytest.mark.parametrize(
    ("type_", "value", "fits"),
    [("integer", 7, True), ("integer", True, False), ("string", None, False), ("string", "", True)],
)
def test_a_member_of_the_clients_choice_has_its_type(type_: str, value: object, fits: bool) -> None:
    row = {"view": {}, "types": {"/chat/messages/0/sent_at": type_}}
    view = {"chat": {"messages": [{"sent_at": value}]}}
    assert (difference(row, view) is None) == fits
    assert difference(row, {"chat": {"messages": []}}) is not None


def test_what_must_never_be_shown_may_be_absent_or_another() -> None:
    row = {"view": {}, "never": {"/user/user/password": "secret"}}
    assert difference(row, {"user": {"user": {"password": "secret"}}}) is not None
    assert difference(row, {"user": {"user": {"password": "other"}}}) is None
    assert difference(row, {"user": {"user": {}}}) is None

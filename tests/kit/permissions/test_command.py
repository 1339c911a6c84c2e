"""What the command prints, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kit.report.snapshot import matches_snapshot

from omnisession_conformance.protocol.permissions import roles
from omnisession_deployments.tokens import ACCOUNT, Key
from omnisession_deployments.tokens import USER as OF_USER

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

USER = ("--user", "Zo\u00eb *\n> b")
"""An id that would be a pattern, and a line of its own in a file."""
CALLS = {
    "client": ("client", *USER),
    "client-session": ("client", "--user", "ann", "--session", "s.1", "--shared"),
    "server-journal": ("server", "--journal"),
    **{role: (role,) for role in roles() if role != "client"},
}


@pytest.mark.parametrize("name", CALLS)
def test_lines_of_the_configuration(inside: Inside, name: str) -> None:
    ran = inside.omnisession("permissions", "--role", *CALLS[name])
    assert ran.code == 0
    matches_snapshot(f"permissions-{name}.conf", ran.out)
    if "--shared" in CALLS[name]:
        matches_snapshot("permissions-shared.txt", ran.err)
    else:
        assert not ran.err


@pytest.mark.parametrize("form", ["json", "jwt"])
def test_json_for_programs(inside: Inside, form: str) -> None:
    ran = inside.omnisession("permissions", "--role", "client", *USER, "--format", form)
    assert ran.code == 0
    matches_snapshot(f"permissions-{form}.json", ran.out)
    told = json.loads(ran.out)
    assert USER[1] == told.get("user_id", told.get("name", "").removeprefix("client "))


REFUSED = {
    "no user": (("client",), "--user is missing"),
    "an empty user": (("client", "--user", ""), "an empty id has no token"),
    "an empty session": (("client", "--user", "a", "--session", ""), "--session: an empty id"),
    "a user that is no text": (("client", "--user", "\udcff"), "is no Unicode text"),
    "too long a user": (("client", "--user", "\u00e9" * 17), "the id has 102 bytes"),
    "too long a session": (("client", "--user", "a", "--session", "x" * 65), "refuse more than 64"),
    "a user of a role that has none": (("server", "--user", "a"), "it is for client."),
    "a session of the kit": (("kit", "--session", "a"), "it is for client."),
    "shared subjects for the server": (("server", "--shared"), "it is for client and bridge."),
    "a journal of a client": (("client", "--user", "a", "--journal"), "it is for server."),
    "a life of lines": (("server", "--expires", "1h"), "it is for --format jwt"),
    "a life of claims": (
        ("server", "--format", "jwt", "--expires", "1h"),
        "nothing is there to sign",
    ),
    "a file that is not there": (
        ("server", "--format", "jwt", "--signing-seed-file", "gone"),
        "No such file",
    ),
    "an unknown role": (("nobody",), "'nobody' is not one of"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_told_with_a_way_out(inside: Inside, what: str) -> None:
    call, told = REFUSED[what]
    ran = inside.omnisession("permissions", "--role", *call)
    assert (ran.code, ran.out) == (4, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_without_a_role_the_roles_are_told(inside: Inside) -> None:
    ran = inside.omnisession("permissions")
    assert (ran.code, ran.out) == (4, "")
    assert "one of client, server, bridge, auditor, kit" in ran.err


def test_the_longest_ids_are_taken(inside: Inside) -> None:
    ran = inside.omnisession(
        "permissions", "--role", "client", "--user", "x" * 96, "--session", "y" * 64
    )
    assert ran.code == 0
    assert f"session.{'x' * 96}.{'y' * 64}.control" in ran.out


def test_a_life_that_is_no_time_and_a_key_that_is_none(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNISESSION_SIGNING_SEED", Key.new(ACCOUNT).seed)
    call = ("permissions", "--role", "server", "--format", "jwt")
    for more, told in (
        (("--expires", "soon"), "--expires takes a length of time"),
        (("--expires", "0s"), "--expires takes a length of time"),
        (("--account", "A"), "is no public key of an account"),
        (("--account", Key.new(OF_USER).public), "is no public key of an account"),
    ):
        ran = inside.omnisession(*call, *more)
        assert (ran.code, ran.out) == (4, ""), more
        assert told in ran.err

"""Where clients of the kit ask to be answered."""

from __future__ import annotations

from typing import Any

import pytest

from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.roles.server.asking import LONGEST, user_token

LONG = "x" * LONGEST


@pytest.mark.parametrize(
    ("subject", "body", "token"),
    [
        ("session.ann.s1.control", {"user_id": "bob"}, "ann"),
        ("session.=2a.s1.control", b"{", "=2a"),
        ("session.=61nn.s1.control", {}, "=61nn"),
        ("user.actions.Zo=c3=ab", {"user_id": "bob"}, "Zo=c3=ab"),
        ("chat.messages", {"user_id": "a.b *"}, "a=2eb=20=2a"),
        ("article.edit.start", {"user_id": "bob"}, "bob"),
        # Where nobody can be read, it is for the session to say.
        ("chat.messages", {}, None),
        ("chat.messages", {"user_id": ""}, None),
        ("chat.messages", {"user_id": 7}, None),
        ("chat.messages", {"user_id": "\ud800"}, None),
        ("chat.messages", b'{"user_id":"bob"}', None),
        ("elsewhere", {"user_id": "bob"}, None),
        ("session.ann.control", {}, None),
        ("", {}, None),
        # What would be no subject, or cost the connection.
        ("session.*.s1.control", {}, None),
        ("user.actions.>", {}, None),
        ("session.a b.s1.control", {}, None),
        ("session..s1.control", {}, None),
        (f"user.actions.{LONG}", {}, LONG),
        (f"user.actions.{LONG}x", {}, None),
        ("chat.messages", {"user_id": f"{LONG}x"}, None),
    ],
)
def test_whom_a_message_names(subject: str, body: dict[str, Any] | bytes, token: str) -> None:
    assert user_token(subject, body) == token


@pytest.mark.parametrize("seed", range(12))
def test_inboxes_of_each_client_program_lie_below_the_user(seed: int) -> None:
    draws = Draws(seed)
    for app in draws.apps:
        for user in ("ann", "a=2eb"):
            inbox = draws.inbox(app, user)
            replies = [draws.reply(app, inbox) for _ in range(3)]
            assert len({inbox, *replies}) == 4
            assert all(r.startswith(f"_INBOX.{user}.") and r.count(".") <= 3 for r in replies)
            assert all(draws.marks.among(r) for r in replies), "known for the run's own"
    draws.inboxes = "_INBOX.kit"
    assert draws.inbox(draws.apps[0], "ann").startswith("_INBOX.kit.ann.")
    assert draws.inbox(draws.apps[0]).count(".") == 2

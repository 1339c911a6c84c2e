"""Steps of cases that need no client: ids in subjects."""

from __future__ import annotations

import json

import pytest

from omnisession_conformance.environment.proxy.operations import Pub, Sub
from omnisession_conformance.protocol.subjects import MAX_USER_BYTES, tok
from omnisession_conformance.roles.client.gate.seen import Seen
from omnisession_conformance.roles.client.steps.subjects import misnamed, odd_ids

USER, SESSION = "Zoë.x*", "s.1"
OWN = f"session.{tok(USER)}.{tok(SESSION)}"


def subscribed(subject: str) -> Seen:
    return Seen(0, 0.0, Sub(b"", subject.encode(), b"", b"1"))


def published(subject: str, session_id: str = SESSION) -> Seen:
    body = json.dumps({"session_id": session_id}).encode()
    raw = body + b"\r\n"
    return Seen(0, 0.0, Pub(raw, subject.encode(), b"", 0, 0))


@pytest.mark.parametrize(
    "one",
    [
        subscribed(f"{OWN}.*"),
        subscribed(f"session.{tok(USER)}.*.*"),
        subscribed(f"session.{tok(USER)}.>"),
        subscribed("session.>"),
        subscribed("session.*.*.state"),
        subscribed("article.a=2e1.updates"),
        subscribed("_INBOX.é.x"),
        published(f"{OWN}.control"),
        published(f"user.actions.{tok(USER)}"),
        published("chat.messages"),
    ],
    ids=lambda one: one.subject,
)
def test_subjects_of_tokens_are_right(one: Seen) -> None:
    assert misnamed([one], USER) == []


@pytest.mark.parametrize(
    "one",
    [
        subscribed(f"session.{USER}.s=2e1.*"),
        subscribed(f"{OWN.replace('=2e', '=2E')}.*"),
        subscribed(f"session.{tok(USER)}.s.1.*"),
        subscribed("article.a.1.updates"),
        published(f"session.{tok(USER)}.s.1.control"),
        published(f"{OWN}.control", "another"),
        published(f"session.*.{tok(SESSION)}.control"),
        published(f"user.actions.{USER}"),
        published(f"user.actions.{tok('Zoe.x*')}"),
    ],
    ids=lambda one: one.subject,
)
def test_other_subjects_are_not(one: Seen) -> None:
    assert misnamed([one], USER) == [one]


def test_a_star_as_a_user_is_no_wildcard() -> None:
    assert misnamed([subscribed("session.*.s.*"), subscribed("session.=2a.s.*")], "*") == [
        subscribed("session.*.s.*")
    ]


def test_odd_ids_are_different_and_fit_into_a_token() -> None:
    ids = odd_ids("u-0123456789ab")
    assert len({tok(one) for one in ids}) == len(ids)
    assert max(len(tok(one)) for one in ids) == MAX_USER_BYTES
    assert all(ascii(one[-1]) for one in ids)

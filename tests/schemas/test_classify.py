"""What a subject says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.protocol.subjects import (
    MAX_ARTICLE_BYTES,
    MAX_SESSION_BYTES,
    MAX_USER_BYTES,
    Address,
    classify,
    tok,
)

IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("subject", "address"),
    [
        ("session.ann.s1.state", Address("state", "ann", "s1")),
        ("session.ann.s1.events", Address("events", "ann", "s1")),
        ("session.a=2eb.s=20.control", Address("control", "a.b", "s ")),
        ("user.actions.=c3=a9", Address("actions", "é")),
        ("chat.messages", Address("chat")),
        ("article.edit.start", Address("edit")),
        ("article.edit.updates", Address("hint", article="edit")),
        ("_INBOX.abc.1", Address("reply")),
        ("_R_.x", Address("reply")),
        ("session.ann.s1", Address("other")),
        ("session.ann.s1.state.x", Address("other")),
        ("session.ann.s1.STATE", Address("other")),
        ("user.actions", Address("other")),
        ("_INBOX", Address("other")),
        ("$SYS.ACCOUNT", Address("other")),
        ("", Address("other")),
    ],
)
def test_families_and_ids(subject: str, address: Address) -> None:
    assert classify(subject) == address


@pytest.mark.parametrize(
    ("subject", "flaw"),
    [
        ("session.=61.s1.state", "user: the token '=61' escapes a byte that needs none"),
        ("session.ann..state", "session: the token is empty"),
        ("user.actions.=ff", "user: the token '=ff' does not decode to UTF-8"),
        (f"user.actions.{'u' * 97}", "the user token has 97 bytes, the limit is 96"),
        (f"session.ann.{'s' * 65}.control", "the session token has 65 bytes, the limit is 64"),
        (f"article.{'a' * 97}.updates", "the article token has 97 bytes, the limit is 96"),
        (f"user.actions.{tok('é' * 17)}", "the user token has 102 bytes, the limit is 96"),
    ],
)
def test_a_bad_token_is_a_flaw_of_the_address(subject: str, flaw: str) -> None:
    address = classify(subject)
    assert address.flaw == flaw
    assert address.family != "other"


def test_the_good_id_beside_a_bad_one_is_kept() -> None:
    assert classify("session.ann.=2E.state").user == "ann"
    assert classify("session.ann.=2E.state").session is None


def test_limits_are_those_of_the_subject_table() -> None:
    assert dict(catalogue().token_limits) == {
        "user_id": MAX_USER_BYTES,
        "session_id": MAX_SESSION_BYTES,
        "article_id": MAX_ARTICLE_BYTES,
    }
    assert classify(f"session.{'u' * 96}.{'s' * 64}.state").flaw is None


@given(IDS, IDS, IDS)
def test_the_patterns_of_the_subject_table(user: str, session: str, article: str) -> None:
    for row in catalogue().subjects:
        subject = (
            row.pattern.replace("{user_id}", tok(user))
            .replace("{session_id}", tok(session))
            .replace("{article_id}", tok(article))
            .replace(">", "x.1")
        )
        address = classify(subject)
        assert address.family == row.family
        assert address.user == (user if "{user_id}" in row.pattern else None)
        assert address.session == (session if "{session_id}" in row.pattern else None)
        assert address.article == (article if "{article_id}" in row.pattern else None)


@given(st.text())
def test_no_text_makes_it_raise(subject: str) -> None:
    assert classify(subject).family

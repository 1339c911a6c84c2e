"""Which tokens are taken, and what those that are not are told; tests of the server in Go have the same."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from tests.reference.bench import SECRET

from omnisession_reference.auth import Auth
from omnisession_reference.errors import Refusal
from omnisession_reference.token_keys import Ring

NOW = 1_790_000_000.25
FAR = 2**33


def part(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(payload: str, **header: Any) -> str:
    """A token with a right signature over any text, under any header."""
    head = json.dumps({"alg": "HS256", **header})
    text = f"{part(head.encode())}.{part(payload.encode())}"
    return f"{text}.{part(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())}"


GOOD = signed(json.dumps({"sub": "ann", "exp": FAR}))


def code_of(token: str, now: float = NOW) -> int | None:
    """The code that an open of ann's is refused with; None if it is taken."""
    try:
        Auth(Ring(SECRET), lambda: int(now * 1_000)).grant(
            {"scheme": "bearer", "token": token}, "ann"
        )
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({}, None),
        ({"iat": NOW}, None),
        ({"iat": NOW + 5}, None),
        ({"iat": NOW + 50.5}, None),
        ({"iat": NOW + 3_600}, 4010),
        ({"iat": "now"}, 4010),
        ({"iat": None}, 4010),
        ({"iat": True}, 4010),
        ({"nbf": NOW + 5}, None),
        ({"nbf": NOW + 3_600}, 4010),
        ({"nbf": "now"}, 4010),
        ({"aud": "elsewhere"}, None),
        ({"aud": ["elsewhere", "here"]}, None),
        ({"aud": 5}, None),
        ({"iss": 5, "jti": 5}, None),
        ({"exp": NOW - 1}, 4011),
        ({"exp": 0}, 4011),
        ({"exp": -5}, 4011),
        ({"exp": "4000000000"}, 4010),
        ({"exp": True}, 4010),
        ({"exp": None}, 4010),
        ({"exp": NOW - 1, "iat": NOW + 3_600}, 4010),
        ({"sub": ""}, 4010),
        ({"sub": 5}, 4010),
        ({"sub": "bob"}, 4031),
        ({"sub": "bob", "exp": 1}, 4011),
    ],
)
def test_claims(claims: dict[str, Any], code: int | None) -> None:
    assert code_of(signed(json.dumps({"sub": "ann", "exp": FAR} | claims))) == code


@pytest.mark.parametrize(
    "payload", ['{"exp": 8589934592}', '{"sub": "ann"}', "[]", "5", "{", "{} {}"]
)
def test_what_is_no_object_with_both_claims_is_not_accepted(payload: str) -> None:
    assert code_of(signed(payload)) == 4010


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1e12", None),
        ("1e20", None),
        ("1e30", None),
        ("1e300", None),
        ("9223372036854775808", None),
        ("1" * 100, None),
        ("1e400", 4010),
        ("1" * 400, 4010),
        ("-1e30", 4011),
        ("NaN", 4010),
    ],
)
def test_an_end_may_be_as_far_away_as_it_likes(number: str, code: int | None) -> None:
    assert code_of(signed(f'{{"sub":"ann","exp":{number}}}')) == code


@pytest.mark.parametrize("crit", [["x"], [], None, ["b64"], ["exp"], "x"])
def test_nothing_critical_is_understood(crit: Any) -> None:
    payload = json.dumps({"sub": "ann", "exp": FAR})
    assert code_of(signed(payload, x=1, b64=True)) is None
    assert code_of(signed(payload, crit=crit, x=1, b64=True)) == 4010


def spoilt() -> dict[str, str]:
    """The good token with something more, or with other characters for the same bytes."""
    header, payload, signature = GOOD.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 32 bytes are 43 characters, the last of which has two bits that stand for nothing.
    other = letters[letters.index(signature[-1]) ^ 1]
    return {
        "a line feed behind": f"{GOOD}\n",
        "a carriage return within": f"{header}.{payload}.{signature[:9]}\r{signature[9:]}",
        "a space behind": f"{GOOD} ",
        "a space in front": f" {GOOD}",
        "a scheme in front": f"Bearer {GOOD}",
        "a dot behind": f"{GOOD}.",
        "a fourth part": f"{GOOD}.{signature}",
        "padding": f"{GOOD}=",
        "padding within": f"{header}=.{payload}.{signature}",
        "a character that is none of base64": f"{GOOD}!",
        "a NUL": f"{GOOD}\0",
        "bits behind the end": f"{GOOD[:-1]}{other}",
        "no signature": f"{header}.{payload}.",
    }


@pytest.mark.parametrize("what", spoilt())
def test_a_token_is_what_its_encoder_writes(what: str) -> None:
    assert code_of(GOOD) is None
    assert code_of(spoilt()[what]) == 4010


def test_a_token_that_was_taken_once_ends_all_the_same() -> None:
    end = NOW + 600
    token = signed(json.dumps({"sub": "ann", "exp": end}))
    assert code_of(token) is None
    assert code_of(token, end) == 4011


def test_a_token_is_of_no_use_from_the_millisecond_on_in_which_it_ends() -> None:
    """A session that ends with it would be over at once."""
    token = signed(json.dumps({"sub": "ann", "exp": NOW + 0.0009}))
    assert code_of(token, NOW - 0.001) is None
    assert code_of(token) == 4011

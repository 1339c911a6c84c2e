from __future__ import annotations

import base64
import json
import string
import time
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from omnisession_conformance.environment.secrets import in_environment, in_words
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.redact import MASK, Redactor

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWEtdGVzdA"
SECRET = 'top "secret" of ann/é'
NKEY = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        tok(SECRET),
    ],
)
def test_a_known_secret_is_hidden_in_every_form_it_takes(form: str) -> None:
    shown = Redactor([SECRET]).text(f"before {form} after")
    assert shown.startswith("before [redacted]")
    assert shown.endswith(" after")
    assert form[:8] not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"token is {JWT}.", "token is [redacted]"),
        (f"cut off: {JWT[:31]}…", "cut off: [redacted]…"),
        ("nats://ann:s3cr3t@host:4222", "nats://[redacted]@host:4222"),
        ("nats://host:4222", "nats://host:4222"),
        (f"seed {NKEY}!", "seed [redacted]!"),
        ("bearer:abcdefgh12", "bearer:[redacted]"),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [redacted]"),
        ("token=abcdefgh12&x=1", "token=[redacted]&x=1"),
        ('{"token":"opaque-credential"}', '{"token":"[redacted]"}'),
        (r'"{\"password\": \"hunter2\"}"', r'"{\"password\": \"[redacted]\"}"'),
    ],
)
def test_what_looks_like_a_credential_is_hidden_too(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "the bearer understands basic authentication by password",
        "a token of at most 96 bytes: =61",
        '{"error":{"code":4004,"details":{"token":"=61"}}}',
        "session.ann.s-7Hq2mWc9TzK4pXvB1nRd0A.control",
        "STATE-003@open-order",
        "expected epoch 1, seen epoch 2",
        f"session.cus_XYZ{NKEY}XYZ.s-1.control",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Redactor(["quite-another-secret"]).text(text) == text


def test_a_text_that_was_cut_within_a_long_secret_is_hidden() -> None:
    secret = "opaque-credential-of-a-listed-user"
    assert Redactor([secret]).text(f"got {secret[:-3]}") == "got [redacted]"
    assert Redactor([secret]).text("an opaque-credential") == "an opaque-credential"


def test_a_short_secret_is_hidden_as_a_word_only() -> None:
    assert Redactor(["an"]).text("an banana") == f"{MASK} banana"
    assert Redactor(["a"]).text("a banana") == "a banana"
    assert Redactor(["a"]).text("nats://u:a@host") == f"nats://{MASK}@host"


def test_secrets_can_be_learned_while_a_run_goes_on() -> None:
    redactor = Redactor(["first-secret"])
    redactor.learn(["second-secret", ""])
    assert redactor.text("first-secret second-secret") == f"{MASK} {MASK}"


def test_bytes_are_hidden_in_place_and_otherwise_untouched() -> None:
    redactor = Redactor(["ünlock-me-please"])
    secret = "ünlock-me-please".encode()
    assert redactor.data(b"\xff\x00" + secret + b"\xfe") == b"\xff\x00[redacted]\xfe"
    assert redactor.data(b'{"a":' + secret) == b'{"a":[redacted]'


def test_values_are_hidden_in_texts_names_and_secret_members() -> None:
    value = {
        "auth": {"scheme": "bearer", "token": "opaque-credential", "password": "pw"},
        "list": [JWT, 5, None, True],
        f"x{JWT}": 1.5,
    }
    assert Redactor().value(value) == {
        "auth": {"scheme": "bearer", "token": MASK, "password": MASK},
        "list": [MASK, 5, None, True],
        f"x{MASK}": 1.5,
    }


def test_commands_hide_what_secret_options_were_given() -> None:
    shown = Redactor(["known-secret"]).command(
        [
            "omnisession",
            "check",
            "--secret",
            "abc",
            "--omni-token=xyz",
            "OMNISESSION_SECRET=q",
            "--nats",
            "nats://u:p@h:1",
            "known-secret",
            "a b",
        ]
    )
    assert shown == (
        "omnisession check --secret [redacted] '--omni-token=[redacted]' "
        "'OMNISESSION_SECRET=[redacted]' --nats 'nats://[redacted]@h:1' [redacted] 'a b'"
    )


SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40)


@given(SECRETS, st.text(max_size=40), st.text(max_size=40))
def test_no_known_secret_ever_survives(secret: str, before: str, after: str) -> None:
    assume(secret not in MASK)
    shown = Redactor([secret]).text(before + secret + after)
    # The mask itself may complete what stands beside it, which tells nobody anything.
    assert secret not in shown.replace(MASK, "\x00")


@given(st.binary(max_size=60))
def test_bytes_without_secrets_pass_unchanged(data: bytes) -> None:
    plain = data.translate(None, delete=b":=@")
    assert Redactor(["never-in-this-text"]).data(plain) == plain


@given(SECRETS, st.lists(st.none() | st.integers() | st.text(string.ascii_letters)))
def test_hiding_twice_changes_nothing_more(secret: str, value: object) -> None:
    redactor = Redactor([secret])
    once = redactor.value(value)
    assert redactor.value(once) == once


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(
    "entry", [f'"access_token":"{"a1" * 8}"', f'"x":"Bearer {"b2" * 8}"', f'"x":"{JWT}"']
)
def test_an_entry_of_a_long_text_whose_other_entries_are_known(place: int, entry: str) -> None:
    redactor = Redactor()
    entries = [f'"id":"entry-{n}","content":"{"x" * 900}"' for n in range(3)]
    clean = '{"list":[{' + "},{".join(entries) + "}]}"
    assert redactor.text(clean) == clean
    entries.insert(place, entry)
    leaky = '{"list":[{' + "},{".join(entries) + "}]}"
    for _ in range(2):
        shown = redactor.text(leaky)
        assert MASK in shown
        assert len(shown) < len(leaky)
        assert redactor.text(clean) == clean


@pytest.mark.parametrize(
    "text", ["\\", '"', "://", "bearer ", "eyJ", "token=", "token:eyJ", 'key":"']
)
def test_no_text_is_searched_anew_from_each_of_its_places(text: str) -> None:
    def seconds(times: int) -> float:
        redactor, long = Redactor(["a-secret-of-the-run"]), f"password key {text * times}"
        started = time.process_time()
        redactor.text(long)
        return max(time.process_time() - started, 1e-3)

    assert min(seconds(8_000) / seconds(2_000) for _ in range(3)) < 9


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("server", "--seed", "7"), "server --seed 7"),
        (("server", "--seed=7"), "server --seed=7"),
        (("PYTHONHASHSEED=0", "server"), "PYTHONHASHSEED=0 server"),
        (("server", "--nkey-seed", "SUAB"), "server --nkey-seed [redacted]"),
        (("server", "--seed", "SUAB"), "server --seed [redacted]"),
        (("server", "--password", "7"), "server --password [redacted]"),
        (("KIT_SEED=SUAB", "server"), "'KIT_SEED=[redacted]' server"),
    ],
)
def test_a_seed_for_what_is_drawn_is_no_secret(words: tuple[str, ...], shown: str) -> None:
    assert Redactor().command(words) == shown
    hidden = set(in_words(words))
    assert bool(hidden) == (MASK in shown)
    assert "0" not in in_environment({"PYTHONHASHSEED": "0"})

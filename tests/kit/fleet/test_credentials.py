"""`omnisession credentials`: what it writes and prints, and what it says of what cannot be used."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.kit.fleet.conftest import SERVED

from omnisession_conformance.environment.keys import read_credentials
from omnisession_conformance.environment.user_jwt import claims_of, subject_of
from omnisession_conformance.errors import UsageError
from omnisession_conformance.fleet.handing import URL
from omnisession_conformance.fleet.keyring import FOLDER, SIGNING, keyring
from omnisession_conformance.fleet.place import secret_of
from omnisession_conformance.protocol.permissions import granted, roles

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

MADE = ("credentials", "--data", "data")


def said(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType]


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_two_files_are_written_that_their_owner_alone_may_read(inside: Inside, data: Path) -> None:
    ran = inside.omnisession(*MADE, "--user", "Zoë.*", "--expires", "10m")
    named = "data/credentials/Zo=c3=ab=2e=2a"
    assert (ran.code, ran.out, ran.err) == (0, f"{named}.json\n{named}.creds\n", "")
    files = [inside.folder / line for line in ran.out.splitlines()]
    assert [mode(file) for file in files] == [0o600, 0o600]
    assert mode(files[0].parent) == 0o700
    told = json.loads(files[0].read_text("utf-8"))
    login = jwt.decode(told["token"], secret_of(data, None), algorithms=["HS256"])  # pyright: ignore[reportUnknownMemberType]
    assert {**login, "iat": 0, "jti": ""} == {
        "sub": "Zoë.*",
        "perm": [],
        "exp": told["expires"],
        "iat": 0,
        "jti": "",
    }
    assert login["iat"] <= time.time()
    assert len(login["jti"]) == 16
    assert 0 < told["expires"] - time.time() <= 600
    assert {name: told[name] for name in told if name not in ("token", "expires")} == {
        "url": SERVED,
        "ca": str(data / "ca.pem"),
        "credentials": str(files[1]),
        "inbox_prefix": "_INBOX.Zo=c3=ab=2e=2a",
        "user_id": "Zoë.*",
    }


def test_the_token_is_the_row_of_the_user_signed_for_the_account(
    inside: Inside, data: Path
) -> None:
    ran = inside.omnisession(*MADE, "--user", "ann", "-o", "-")
    assert (ran.code, ran.err) == (0, "")
    file = inside.folder / "ann.creds"
    file.write_text(ran.out, "utf-8")
    token = read_credentials(file, "a test").jwt
    assert token is not None
    keys, found = keyring(data), said(token)
    assert found["iss"] == keys.signing.public
    assert found["exp"] - found["iat"] == 3_600
    # One revocation reaches these and those that `omnisession permissions` prints.
    assert found["sub"] == subject_of(keys.account.public, "client", "ann")
    row = claims_of(granted(roles()["client"], user_id="ann"))["nats"]
    assert found["nats"] == {**row, "issuer_account": keys.account.public}


@pytest.mark.parametrize(
    ("words", "name", "inbox"),
    [
        (("--user", "ann", "--session", "s1"), "ann.s1", "_INBOX.ann.s1"),
        (("--user", "kit"), "kit", "_INBOX.kit"),
        (("--role", "kit"), "~kit", "_INBOX.~kit"),
        (("--role", "auditor"), "~auditor", "_INBOX.~audit"),
    ],
)
def test_no_two_have_the_same_files(
    inside: Inside, data: Path, words: tuple[str, ...], name: str, inbox: str
) -> None:
    ran = inside.omnisession(*MADE, *words, "-o", "made")
    assert ran.out == f"made/{name}.json\nmade/{name}.creds\n", data
    told = json.loads((inside.folder / "made" / f"{name}.json").read_text("utf-8"))
    assert told["inbox_prefix"] == inbox
    assert ("token" in told) is ("--user" in words)


def test_shared_subjects_are_granted_with_a_warning(inside: Inside, data: Path) -> None:
    ran = inside.omnisession(*MADE, "--user", "ann", "--shared")
    assert ran.code == 0, data
    assert ran.err.startswith("warning: whoever learns a session id chats")
    token = read_credentials(inside.folder / ran.out.splitlines()[1], "a test").jwt
    assert "chat.messages" in said(token or "")["nats"]["pub"]["allow"]


ANN = ("--user", "ann")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--user is missing: the role client is granted to one user after the other"),
        ((*ANN, "--expires", "1d"), "--expires takes a length of time such as 90s, 10m or 1h"),
        ((*ANN, "--expires", "721h"), "--expires: a token holds for 30 days (720h) at most"),
        ((*ANN, "--expires", "0s"), "--expires takes a length of time"),
        ((*ANN, "--role", "kit"), "--user: the role kit has no such thing"),
        ((*ANN, "--role", "server"), "'server' is not one of 'client', 'bridge', 'auditor', 'kit'"),
        (("--user", ""), "--user: "),
        ((*ANN, "-o", "data/secret"), "--out: 'data/secret/ann.json' cannot be written: "),
    ],
)
def test_what_cannot_be_used_has_a_sentence(
    inside: Inside, data: Path, words: tuple[str, ...], told: str
) -> None:
    ran = inside.omnisession(*MADE, *words)
    assert (ran.code, ran.out) == (4, ""), data
    assert told in ran.err
    assert not (data / "credentials").exists()


def test_without_a_folder_it_says_which_one(inside: Inside) -> None:
    ran = inside.omnisession("credentials", *ANN)
    assert (ran.code, ran.out) == (4, "")
    assert "--data is missing: name the folder of an `omnisession up --secure`." in ran.err
    (inside.folder / "data").mkdir()
    ran = inside.omnisession(*MADE, *ANN)
    assert (ran.code, ran.out) == (4, "")
    assert "'data' has no keys: it is not the folder of an `omnisession up --secure`" in ran.err
    assert list((inside.folder / "data").iterdir()) == []


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (URL, "nobody is served from 'data'"),
        ("secret", "was given to `omnisession up` by OMNISESSION_SECRET. Set it here as well."),
    ],
)
def test_what_is_not_there_has_a_sentence(inside: Inside, data: Path, gone: str, told: str) -> None:
    (data / gone).unlink()
    ran = inside.omnisession(*MADE, *ANN)
    assert (ran.code, ran.out) == (4, "")
    assert told in ran.err
    # Of neither is anything in what is printed.
    assert inside.omnisession(*MADE, *ANN, "-o", "-").code == 0


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_the_secret_of_the_servers_can_be_told(inside: Inside, data: Path) -> None:
    (data / "secret").unlink()
    ran = inside.omnisession(*MADE, *ANN, "--secret", "short")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads((inside.folder / ran.out.splitlines()[0]).read_text("utf-8"))
    assert jwt.decode(told["token"], "short", algorithms=["HS256"])["sub"] == "ann"  # pyright: ignore[reportUnknownMemberType]


def test_keys_that_others_may_read_are_not_used(inside: Inside, data: Path) -> None:
    file = data / FOLDER / SIGNING
    file.chmod(0o640)
    ran = inside.omnisession(*MADE, *ANN)
    assert (ran.code, ran.out) == (4, "")
    assert f"others may read or write '{Path('data') / FOLDER / SIGNING}'" in ran.err


def test_keys_are_made_once_and_their_owner_alone_may_read_them(data: Path) -> None:
    files = {file: file.read_text("utf-8") for file in (data / FOLDER).iterdir()}
    assert len(files) == 5
    assert {mode(file) for file in files} == {0o600}
    assert mode(data / FOLDER) == 0o700
    keyring(data)
    assert {file: file.read_text("utf-8") for file in (data / FOLDER).iterdir()} == files


def test_a_key_of_another_kind_is_not_taken(data: Path) -> None:
    file = data / FOLDER / "operator.seed"
    file.write_text((data / FOLDER / SIGNING).read_text("utf-8"), "utf-8")
    with pytest.raises(UsageError, match="that of an operator is needed, which begins with SO"):
        keyring(data)

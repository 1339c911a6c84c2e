"""Tokens by keys of files: every vector is answered as it says, and no bad file is started with."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_reference import token_keys
from omnisession_reference.auth import Auth
from omnisession_reference.errors import Refusal
from omnisession_reference.keys import AccessError
from omnisession_reference.log import Log
from omnisession_reference.reread import LOOK_S
from omnisession_reference.token_keys import Ring, TokenRules
from omnisession_reference.validate import schemas_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VECTORS: dict[str, Any] = json.loads(
    (schemas_folder() / "vectors" / "credentials.json").read_text("utf-8")
)
TOKENS: dict[str, str] = {one["name"]: one["token"] for one in VECTORS["tokens"]}
TOLD_OF_KEYS = 12


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def code_of(auth: Auth, token: str) -> int | None:
    try:
        auth.grant({"scheme": "bearer", "token": token}, VECTORS["user"])
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.fixture(name="auths", scope="module")
def start_all(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Auth]:
    folder = tmp_path_factory.mktemp("keys")
    for name, text in VECTORS["files"].items():
        (folder / name).write_text(text, "utf-8")
    return {
        name: Auth(
            Ring(one["secret"] or "", [folder / file for file in one["files"]]),
            wall_ms,
            TokenRules(audience=one.get("audience"), issuer=one.get("issuer")),
        )
        for name, one in VECTORS["sets"].items()
    }


@pytest.mark.parametrize("row", VECTORS["tokens"], ids=lambda row: f"{row['set']}: {row['name']}")
def test_a_token_is_answered_as_its_vector_says(
    auths: dict[str, Auth], row: dict[str, Any]
) -> None:
    assert code_of(auths[row["set"]], row["token"]) == row["code"]


@pytest.mark.parametrize("row", VECTORS["refused_files"], ids=lambda row: row["name"])
def test_no_server_starts_with_such_keys(tmp_path: Path, row: dict[str, Any]) -> None:
    files = [tmp_path / name for name in row["files"]]
    for path in files:
        path.write_text(row["files"][path.name], "utf-8")
    with pytest.raises(AccessError) as caught:
        Ring("", files)
    told = str(caught.value)
    assert told.startswith(f"--keys: {tmp_path}")
    # What is told holds no part of a key that is long enough to be one.
    texts = [text for text in row["files"].values() if len(text) > TOLD_OF_KEYS]
    members = [value for text in texts for value in text.split('"') if len(value) > TOLD_OF_KEYS]
    assert not [value for value in members if value.strip() and value in told]


def test_what_is_no_file_is_said_so(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(AccessError, match=f"{path}: cannot be read: {told}"):
            Ring("", [path])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-----BEGIN CERTIFICATE-----\n", "is a certificate"),
        ("-----BEGIN RSA PUBLIC KEY-----\n", "`openssl rsa -RSAPublicKey_in -pubout` makes"),
        (" " * (1 << 20) + "{}", "is above"),
    ],
)
def test_what_cannot_be_keys_is_said_so(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "keys.pem"
    path.write_text(text, "utf-8")
    with pytest.raises(AccessError, match=told):
        Ring("", [path])


class Time:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def written(path: Path, text: str, at: int) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, ns=(at, at))


def test_keys_are_read_again_when_they_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, clock = tmp_path / "keys.json", Time()
    written(path, VECTORS["files"]["one.json"], 1)
    ring = Ring("", [path], Log(), clock)

    def kids() -> set[str]:
        clock.now += LOOK_S
        return {kid for kid in ("rsa-1", "ed-1", "ec-1") if ring.key({"kid": kid})}

    assert kids() == {"ed-1"}
    written(path, VECTORS["files"]["several.json"], 2)
    assert kids() == {"rsa-1", "ed-1", "ec-1"}
    written(path, "{", 3)
    assert kids() == {"rsa-1", "ed-1", "ec-1"}
    path.unlink()
    assert kids() == {"rsa-1", "ed-1", "ec-1"}
    written(path, VECTORS["files"]["one.json"], 4)
    assert kids() == {"ed-1"}
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == [
        *("keys_read", "keys_kept", "keys_kept", "keys_read")
    ]
    assert "no such file" in events[2]["why"].lower()


def test_what_could_not_be_read_is_tried_again_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where nothing of the file has changed since: what failed may be elsewhere."""
    path, clock = tmp_path / "keys.json", Time()
    written(path, VECTORS["files"]["one.json"], 1)
    ring = Ring("", [path], Log(), clock)
    written(path, VECTORS["files"]["several.json"], 2)

    def is_read() -> bool:
        clock.now += LOOK_S
        return ring.key({"kid": "rsa-1"}) is not None

    for why in ("Permission denied", "Permission denied", "Input/output error"):
        with monkeypatch.context() as patch:
            patch.setattr(token_keys, "_read", refusing(why))
            assert not is_read()
    assert is_read()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line.get("why")) for line in lines] == [
        ("keys_kept", "Permission denied"),
        ("keys_kept", "Input/output error"),
        ("keys_read", None),
    ]


def refusing(why: str) -> Callable[[object], None]:
    def read(_path: object) -> None:
        raise AccessError(why)

    return read


def test_a_file_that_tells_its_old_time_and_size_is_read_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "keys.json", Time()
    text = VECTORS["files"]["one.json"]
    written(path, text, 1)
    changed_ns = path.stat().st_ctime_ns
    ring = Ring("", [path], None, clock)
    for _ in range(1_000_000):  # clocks of files have ticks of some milliseconds
        written(path, text.replace("ed-1", "ed-2"), 1)
        if path.stat().st_ctime_ns != changed_ns:
            break
    clock.now += LOOK_S
    assert ring.key({"kid": "ed-1"}) is None
    assert ring.key({"kid": "ed-2"}) is not None


def test_a_key_that_is_taken_away_verifies_nothing_more(tmp_path: Path) -> None:
    """What was verified once is not remembered longer than its key."""
    path = tmp_path / "keys.json"
    written(path, VECTORS["files"]["several.json"], 1)
    clock = Time()
    auth = Auth(Ring("", [path], None, clock), wall_ms)
    token = TOKENS["RS256 by its kid, several"]
    assert code_of(auth, token) is None
    written(path, VECTORS["files"]["one.json"], 2)
    assert code_of(auth, token) is None
    clock.now += LOOK_S
    assert code_of(auth, token) == 4010

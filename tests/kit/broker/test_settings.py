"""Settings of `[broker]`: what cannot be used is refused by name, and a started server is told the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.kit.broker.making import Authority, Tenant, private_pem

from omnisession_conformance.environment.settings import Settings, read_settings
from omnisession_conformance.errors import UsageError
from omnisession_deployments.tokens import ACCOUNT, USER, Key

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.environment.access import Access

URL = {"url": "nats://h"}
A_USER = Key.new(USER).seed


def read(folder: Path, broker: dict[str, object], url: str | None = None) -> Settings:
    lines = [f"{name} = {json.dumps(value)}" for name, value in broker.items()]
    file = folder / "omnisession.toml"
    file.write_text("\n".join(["[broker]", *lines, ""]), "utf-8")
    return read_settings(file, url, None, None)[0]


def access(folder: Path, broker: dict[str, object], url: str | None = None) -> Access:
    found = read(folder, broker, url).access
    assert found is not None
    return found


FILES = {
    "missing": None,
    "empty": b"",
    "noise": b"\xff\xfe\x00 no text",
    "text": b"hello\n",
    "seed of an account": Key.new(ACCOUNT).seed.encode(),
    "broken seed": (A_USER[:20] + ("A" if A_USER[20] != "A" else "B") + A_USER[21:]).encode(),
    "short seed": A_USER[:-2].encode(),
    "other user": Tenant.new().credentials(seed=Key.new(USER).seed).encode(),
    "no token": Tenant.new().credentials().replace("eyJ", "xxx").encode(),
    "half": Tenant.new().credentials().split("***")[0].encode(),
    "certificate": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
}
WRONG_FILES = [
    ("nkey_seed_file", "missing", "cannot read the file: No such file"),
    ("nkey_seed_file", "empty", "holds no seed of an nkey"),
    ("nkey_seed_file", "noise", "holds no seed of an nkey"),
    ("nkey_seed_file", "short seed", "holds no seed of an nkey"),
    ("nkey_seed_file", "seed of an account", "is that of an account"),
    ("nkey_seed_file", "broken seed", "a character of it is wrong or missing"),
    ("credentials", "missing", "cannot read the file: No such file"),
    ("credentials", "text", "is no credentials file"),
    ("credentials", "half", "is no credentials file"),
    ("credentials", "no token", "is no JSON Web Token"),
    ("credentials", "other user", "is not of the user that its token is for"),
    ("ca_file", "missing", "cannot read the file: No such file"),
    ("ca_file", "empty", "holds no certificate in PEM form"),
    ("ca_file", "noise", "holds no certificate in PEM form"),
    ("ca_file", "text", "holds no certificate in PEM form"),
    ("ca_file", "certificate", "holds no certificate in PEM form"),
]


@pytest.mark.parametrize(("setting", "kind", "told"), WRONG_FILES)
def test_a_wrong_file_is_named_with_its_setting(
    setting: str, kind: str, told: str, tmp_path: Path
) -> None:
    path, content = tmp_path / "the file", FILES[kind]
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(tmp_path, {**URL, setting: str(path)})
    assert f"omnisession.toml: broker.{setting}: " in str(caught.value)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert A_USER not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    for setting in ("ca_file", "credentials", "nkey_seed_file"):
        with pytest.raises(UsageError, match=f"broker.{setting}: cannot read the file"):
            read(tmp_path, {**URL, setting: str(tmp_path)})


def test_certificate_and_key_belong_together(tmp_path: Path) -> None:
    ours = Authority(tmp_path, "ours")
    (cert, key), (_, other) = ours.issue("one"), ours.issue("two")
    locked, text = tmp_path / "locked.pem", tmp_path / "text.pem"
    locked.write_bytes(private_pem(ec.generate_private_key(ec.SECP256R1()), b"open sesame"))
    text.write_text("hello")
    wrong = {
        (cert, None): "broker.cert_file: 'key_file' is missing",
        (None, key): "broker.key_file: 'cert_file' is missing",
        (cert, other): f"broker.key_file: {other} is not the key of the certificate in {cert}",
        (key, cert): f"broker.cert_file: {key} holds no certificate",
        (cert, text): f"broker.key_file: {text} holds no private key",
        (cert, locked): f"broker.key_file: {locked} is encrypted",
        (cert, tmp_path / "none"): "broker.key_file: cannot read the file: No such file",
    }
    for (cert_file, key_file), told in wrong.items():
        given = {"cert_file": cert_file, "key_file": key_file}
        with pytest.raises(UsageError) as caught:
            read(tmp_path, {**URL, **{n: str(path) for n, path in given.items() if path}})
        assert told in str(caught.value)


CONTRADICTIONS: list[tuple[dict[str, object], str]] = [
    ({**URL, "user": "u"}, "broker.user: 'password' is missing"),
    ({**URL, "password": "p"}, "broker.password: 'user' is missing"),
    ({**URL, "user": "u", "password": "p", "token": "t"}, "broker.token: there is 'user' already"),
    (
        {**URL, "token": "t", "nkey_seed_file": "x"},
        "broker.nkey_seed_file: there is 'token' already",
    ),
    ({"token": "t"}, "broker.token: this is for a broker that is running"),
    ({"tls_first": True}, "broker.tls_first: this is for a broker that is running"),
    ({**URL, "tls_first": "yes"}, "broker.tls_first: true or false is needed here"),
    ({"url": []}, "broker.url: a text that is not empty, or a list of such"),
    ({"url": ["nats://h", 5]}, "broker.url[1]: a text that is not empty"),
    ({"url": "nats://h:x"}, "broker.url: this is no address of a broker"),
    ({**URL, "token": "a\0b"}, "broker.token: a NUL character stands in it"),
]


@pytest.mark.parametrize(("broker", "told"), CONTRADICTIONS)
def test_what_contradicts_itself_is_told(
    broker: dict[str, object], told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, broker)
    assert told in str(caught.value)


def test_the_address_of_the_command_line_brings_its_own_credentials(tmp_path: Path) -> None:
    table: dict[str, object] = {"url": "nats://file", "user": "u", "password": "p"}
    told = access(tmp_path, table, "nats://a:b@option").variables({})
    assert told == {"NATS_URL": "nats://a:b@option", "NATS_USER": "a", "NATS_PASSWORD": "b"}
    told = access(tmp_path, table, "nats://option").variables({})
    assert told == {"NATS_URL": "nats://u:p@option", "NATS_USER": "u", "NATS_PASSWORD": "p"}


def test_a_server_with_credentials_of_its_own_is_told_none_of_the_kit(tmp_path: Path) -> None:
    table: dict[str, object] = {"url": ["nats://h:1", "nats://t@h:2"], "token": "k/t"}
    found = access(tmp_path, table)
    assert found.variables({})["NATS_URL"] == "nats://k%2Ft@h:1,nats://t@h:2"
    told = found.variables({"NATS_USER": "srv", "NATS_PASSWORD": "x", "MORE": "1"})
    assert told == {
        "NATS_URL": "nats://h:1,nats://h:2",
        "NATS_USER": "srv",
        "NATS_PASSWORD": "x",
        "MORE": "1",
    }


def test_files_are_told_by_their_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.nk").write_text(A_USER)
    ours = Authority(tmp_path, "ours")
    cert, key = ours.issue("kit")
    table: dict[str, object] = {
        "nkey_seed_file": "my.nk",
        "ca_file": "ours.pem",
        "cert_file": cert.name,
        "key_file": key.name,
        "server_name": "n.example",
        "tls_first": True,
    }
    assert access(tmp_path, {**URL, **table}).variables({}) == {
        "NATS_URL": "nats://h",
        "NATS_NKEY": str(tmp_path / "my.nk"),
        "NATS_CA": str(ours.file),
        "NATS_CERT": str(cert),
        "NATS_KEY": str(key),
        "NATS_TLS_SERVER_NAME": "n.example",
        "NATS_TLS_FIRST": "true",
    }

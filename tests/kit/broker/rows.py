"""The rows of the table in the page on configuration: a broker, and what the kit is told of it.

A `Row` is what works; each of its `twins` is one thing wrong in it, with what the user then reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.kit.broker.making import Authority, Tenant
from tests.kit.command.tool import SECRET

from omnisession_deployments.tokens import USER, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ODD_USER = "k i@t:1"
ODD = "p/a@s:s#w%r?d 'ü\"$\\,[x]&+"
"""A password of the characters that have a meaning in addresses, shells, TOML and patterns."""
NAME = "broker.example"
"""What a certificate is for that is not for the address of the tests."""
DEAD = "127.0.0.1:1"

Settings = dict[str, "str | bool | list[str]"]


@dataclass(frozen=True)
class Twin:
    """Settings in the place of right ones, and the sentence that is read then."""

    settings: Settings
    told: str
    configuration: str | None = None
    """Of another broker, where that is what is wrong."""


@dataclass(frozen=True)
class Row:
    """Lines of nats-server, and settings of `[broker]` that fit; `{nats}` stands for HOST:PORT."""

    configuration: str
    settings: Settings
    twins: Mapping[str, Twin] = field(default_factory=dict[str, Twin])


REFUSED = "refused the credentials"
NONE_GIVEN = "asks for credentials, and none were given"
NATS = "nats://{nats}"


def toml(settings: Settings, places: Mapping[str, str]) -> str:
    """The table `[broker]`; TOML reads what JSON writes."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    text = "\n".join(["[broker]", *lines, ""])
    for name, place in places.items():
        text = text.replace("{" + name + "}", place)
    return text


def write(folder: Path, settings: Settings, places: Mapping[str, str]) -> None:
    """Write the configuration file of a run."""
    text = toml(settings, places) + f"[fixture]\nsecret = '{SECRET}'\n"
    (folder / "omnisession.toml").write_text(text, "utf-8")


def _written(value: object) -> str:
    """As nats-server reads it, which knows no escapes of Unicode."""
    return json.dumps(value, ensure_ascii=False)


def _user() -> Row:
    accounts = _written([{"user": ODD_USER, "password": ODD}])
    return Row(
        f"authorization {{ users: {accounts} }}\n",
        {"url": NATS, "user": ODD_USER, "password": ODD},
        {
            "wrong password": Twin(
                {"url": NATS, "user": ODD_USER, "password": "other"},
                f"{REFUSED}: check user and password",
            ),
            "wrong user": Twin(
                {"url": NATS, "user": "other", "password": ODD},
                f"{REFUSED}: check user and password",
            ),
            "nobody": Twin({"url": NATS}, NONE_GIVEN),
        },
    )


def _in_address() -> Row:
    row = _user()
    user, password = quote(ODD_USER, safe=""), quote(ODD, safe="")
    return Row(
        row.configuration,
        {"url": f"nats://{user}:{password}@{{nats}}"},
        {
            "encoded twice": Twin(
                {"url": f"nats://{user}:{quote(password)}@{{nats}}"},
                f"{REFUSED}: check user and password",
            )
        },
    )


def _token() -> Row:
    return Row(
        f"authorization {{ token: {_written(ODD)} }}\n",
        {"url": NATS, "token": ODD},
        {
            "wrong token": Twin({"url": NATS, "token": "other"}, f"{REFUSED}: check the token"),
            "nobody": Twin({"url": NATS}, NONE_GIVEN),
        },
    )


def _token_in_address() -> Row:
    return Row(
        f"authorization {{ token: {_written(ODD)} }}\n",
        {"url": f"nats://{quote(ODD, safe='')}@{{nats}}"},
        {"wrong token": Twin({"url": "nats://other@{nats}"}, f"{REFUSED}: check the token")},
    )


def _nkey(folder: Path) -> Row:
    right, wrong = Key.new(USER), Key.new(USER)
    for name, key in (("right", right), ("wrong", wrong)):
        (folder / f"{name}.nk").write_text(f"{key.seed}\n")
    return Row(
        f"authorization {{ users: [ {{ nkey: {right.public} }} ] }}\n",
        {"url": NATS, "nkey_seed_file": str(folder / "right.nk")},
        {
            "wrong nkey": Twin(
                {"url": NATS, "nkey_seed_file": str(folder / "wrong.nk")},
                f"{REFUSED}: check that it knows the nkey {wrong.public}",
            ),
            "nobody": Twin({"url": NATS}, NONE_GIVEN),
        },
    )


def _credentials(folder: Path) -> Row:
    tenant = Tenant.new()
    files = {
        "right": tenant.credentials(),
        "expired": tenant.credentials(seconds=-60),
        "foreign": Tenant.new().credentials(),
    }
    for name, text in files.items():
        (folder / f"{name}.creds").write_text(text)
    return Row(
        tenant.configuration(),
        {"url": NATS, "credentials": str(folder / "right.creds")},
        {
            "expired": Twin(
                {"url": NATS, "credentials": str(folder / "expired.creds")}, "expired at 2"
            ),
            "of another account": Twin(
                {"url": NATS, "credentials": str(folder / "foreign.creds")},
                "are of an account that it trusts",
            ),
            "nobody": Twin({"url": NATS}, NONE_GIVEN),
        },
    )


def _tls(cert: Path, key: Path, more: str = "") -> str:
    return f'tls {{ cert_file: "{cert}", key_file: "{key}", timeout: 5{more} }}\n'


def _ca(folder: Path) -> Row:
    ours, foreign = Authority(folder, "ours"), Authority(folder, "foreign")
    right = _tls(*ours.issue("right", "127.0.0.1"))
    trusting: Settings = {"url": NATS, "ca_file": str(ours.file)}
    return Row(
        right,
        trusting,
        {
            "foreign CA": Twin(
                {"url": NATS, "ca_file": str(foreign.file)},
                f"is not signed by the CA in {foreign.file}",
            ),
            "no CA": Twin({"url": NATS}, "set ca_file in [broker]"),
            "expired": Twin(
                trusting, "has expired", _tls(*ours.issue("old", "127.0.0.1", ended=True))
            ),
            "another name": Twin(
                trusting, "is not for 127.0.0.1: set server_name", _tls(*ours.issue("other", NAME))
            ),
            "no TLS": Twin(trusting, "offers no TLS", ""),
            "no TLS, by the address": Twin({"url": "tls://{nats}"}, "offers no TLS", ""),
        },
    )


def _server_name(folder: Path) -> Row:
    ours = Authority(folder, "ours")
    named: Settings = {"url": "tls://{nats}", "ca_file": str(ours.file), "server_name": NAME}
    return Row(
        _tls(*ours.issue("right", NAME)),
        named,
        {"wrong name": Twin({**named, "server_name": "x.example"}, "is not for x.example")},
    )


def _tls_first(folder: Path) -> Row:
    ours = Authority(folder, "ours")
    files = ours.issue("right", "127.0.0.1")
    first: Settings = {"url": NATS, "ca_file": str(ours.file), "tls_first": True}
    return Row(
        _tls(*files, ", handshake_first: true"),
        first,
        {
            "TLS comes later": Twin(first, "does not begin with TLS", _tls(*files)),
            "no TLS": Twin(first, "does not begin with TLS", ""),
            "the kit waits": Twin({**first, "tls_first": False}, "needs tls_first = true"),
        },
    )


def _mutual(folder: Path, *, first: bool = False) -> Row:
    ours, foreign = Authority(folder, "ours"), Authority(folder, "foreign")
    more = f', ca_file: "{ours.file}", verify: true' + (", handshake_first: true" if first else "")
    theirs = ours.issue("right", "127.0.0.1")

    def by(files: tuple[Path, Path] | None) -> Settings:
        shown = {} if files is None else {"cert_file": str(files[0]), "key_file": str(files[1])}
        return {"url": NATS, "ca_file": str(ours.file), "tls_first": first, **shown}

    refused = "refused the client certificate"
    return Row(
        _tls(*theirs, more),
        by(ours.issue("kit")),
        {
            "no client certificate": Twin(by(None), "asks for a client certificate"),
            "foreign client certificate": Twin(by(foreign.issue("stranger")), refused),
            "expired client certificate": Twin(by(ours.issue("late", ended=True)), refused),
        },
    )


def _mapped(folder: Path) -> Row:
    ours = Authority(folder, "ours")
    more = f', ca_file: "{ours.file}", verify_and_map: true'
    known, unknown = ours.issue("known"), ours.issue("unknown")

    def by(files: tuple[Path, Path]) -> Settings:
        cert, key = map(str, files)
        return {"url": NATS, "ca_file": str(ours.file), "cert_file": cert, "key_file": key}

    return Row(
        _tls(*ours.issue("right", "127.0.0.1"), more)
        + 'authorization { users: [ { user: "CN=known" } ] }\n',
        by(known),
        {"no such user": Twin(by(unknown), "knows a user of the certificate")},
    )


def _several() -> Row:
    accounts = _written([{"user": "kit", "password": ODD}])
    dead, right = f"nats://{DEAD}", f"nats://kit:{quote(ODD, safe='')}@{{nats}}"
    return Row(
        f"authorization {{ users: {accounts} }}\n",
        {"url": f"{dead},{right}"},
        {
            "all are wrong": Twin(
                {"url": [dead, "nats://kit:other@{nats}"]}, f"{REFUSED}: check user and password"
            )
        },
    )


def _listed() -> Row:
    row = _several()
    assert isinstance(row.settings["url"], str)
    return Row(row.configuration, {"url": row.settings["url"].split(",")})


def _web_socket() -> Row:
    accounts = _written([{"user": "kit", "password": ODD}])
    return Row(
        f'websocket {{ listen: "127.0.0.1:-1", no_tls: true }}\nauthorization {{ users: {accounts} }}\n',
        {"url": f"ws://kit:{quote(ODD, safe='')}@{{websocket}}"},
        {
            "wrong password": Twin(
                {"url": "ws://kit:other@{websocket}"}, f"{REFUSED}: check user and password"
            ),
            "no WebSocket": Twin({"url": "ws://{nats}"}, "Cannot connect to the broker"),
        },
    )


def _web_socket_over_tls(folder: Path) -> Row:
    ours, foreign = Authority(folder, "ours"), Authority(folder, "foreign")
    cert, key = ours.issue("right", NAME)
    trusting: Settings = {
        "url": "wss://{websocket}",
        "ca_file": str(ours.file),
        "server_name": NAME,
    }
    return Row(
        f'websocket {{ listen: "127.0.0.1:-1", tls {{ cert_file: "{cert}", key_file: "{key}" }} }}\n',
        trusting,
        {
            "foreign CA": Twin(
                {**trusting, "ca_file": str(foreign.file)},
                f"is not signed by the CA in {foreign.file}",
            ),
            "another name": Twin(
                {"url": "wss://{websocket}", "ca_file": str(ours.file)},
                "is not for 127.0.0.1: set server_name",
            ),
        },
    )


ROWS: dict[str, Callable[[Path], Row]] = {
    "user and password": lambda _: _user(),
    "user and password in the address": lambda _: _in_address(),
    "token": lambda _: _token(),
    "token in the address": lambda _: _token_in_address(),
    "nkey": _nkey,
    "credentials": _credentials,
    "private CA": _ca,
    "server name": _server_name,
    "TLS first": _tls_first,
    "client certificate": _mutual,
    "client certificate, TLS first": lambda folder: _mutual(folder, first=True),
    "client certificate as the user": _mapped,
    "several addresses": lambda _: _several(),
    "list of addresses": lambda _: _listed(),
    "WebSocket": lambda _: _web_socket(),
    "WebSocket over TLS": _web_socket_over_tls,
}

"""An address of a broker is read as the nats CLI reads it, and no error shows a part of it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.environment import address
from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.address import Address, Login, read_addresses
from omnisession_conformance.errors import UsageError

READ = {
    "demo.example": Address("nats://demo.example"),
    "demo.example:4333": Address("nats://demo.example:4333"),
    "NATS://demo.example": Address("nats://demo.example"),
    "nats://demo.example:4222/": Address("nats://demo.example:4222"),
    "tls://[::1]:4222": Address("tls://[::1]:4222"),
    "nats://u:p@h": Address("nats://h", Login("u", "p")),
    "u:p@h:1": Address("nats://h:1", Login("u", "p")),
    "nats://u:p@q@h": Address("nats://h", Login("u", "p@q")),
    "nats://u:a:b@h": Address("nats://h", Login("u", "a:b")),
    "nats://u:@h": Address("nats://h", Login("u", "")),
    "nats://:p@h": Address("nats://h", Login("", "p")),
    "nats://t%2Fo@h": Address("nats://h", Login(token="t/o")),
    "nats://@h": Address("nats://h"),
    "nats://k%C3%BC:%25+@h": Address("nats://h", Login("kü", "%+")),
    "wss://u:p@h/nats": Address("wss://h/nats", Login("u", "p")),
}
SECRET = "hunter2"
WRONG = [
    *("", "nats://", "nats://:4222", "nats://h:port", "nats://h:0", "nats://h:65536", "http://h"),
    *("nats://h ost", "nats://h\n:1", "nats://[::1", "a,,b"),
    *(f"nats://u:{SECRET}/x@h", f"nats://u:12/{SECRET}@h", f"nats://u:{SECRET}#x@h"),
    *(f"nats://u:{SECRET}?x@h", f"nats://u:{SECRET}%zz@h", f"nats://u:{SECRET}%@h"),
    *(f"nats://u:{SECRET},x@h", f"nats://u:{SECRET}%ff@h", f"nats://u:{SECRET}%00@h"),
    *(f"ws://u:1/{SECRET}@h", f"nats://u:{SECRET}", f"{SECRET}://h"),
]


@pytest.mark.parametrize(("text", "meant"), READ.items())
def test_what_an_address_means(text: str, meant: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "find_spec", str)  # the library for WebSockets is there
    assert read_addresses((text,), "--nats") == (meant,)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_address_is_told_without_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_addresses((text,), "--nats")
    told = str(caught.value)
    assert told.startswith("--nats: ")
    assert SECRET not in told


def test_several_are_in_their_order() -> None:
    found = read_addresses(("nats://a:1, b:2", "nats://u:p@c:3"), "--nats")
    assert [one.url for one in found] == ["nats://a:1", "nats://b:2", "nats://c:3"]
    assert Access(found).url == "nats://a:1,nats://b:2,nats://c:3"


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(user=words, password=words)
def test_any_user_and_password_come_through(user: str, password: str) -> None:
    text = f"nats://{quote(user, safe='')}:{quote(password, safe='')}@h:1"
    [found] = read_addresses((text,), "--nats")
    assert found.login == Login(user, password)
    assert found.url == "nats://h:1"
    assert at(found.with_login(found.login)).addresses == (found,)


def test_nothing_of_credentials_is_in_a_repr() -> None:
    assert SECRET not in repr(at(f"nats://u:{SECRET}@h"))
    assert SECRET not in repr(at(f"nats://{SECRET}@h"))


def test_a_missing_library_for_web_sockets_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        assert name == "aiohttp"

    monkeypatch.setattr(address, "find_spec", missing)
    with pytest.raises(
        UsageError, match=r"ws:// needs a library .*pip install 'omnisession\[ws\]'"
    ):
        at("ws://h:80")
    assert at("nats://h").url == "nats://h"

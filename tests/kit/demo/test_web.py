"""What serves the demo's page: its files and nothing else, to a browser that asks for this host."""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING

import jwt
import pytest
from tests.kit.demo.asking import ask

from omnisession_conformance.demo.files import TYPES, page_files
from omnisession_conformance.demo.people import with_tokens
from omnisession_conformance.demo.web import Page
from omnisession_conformance.errors import KitError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FILES = {name: f"what is in {name}".encode() for name in TYPES}
BROKER = "ws://127.0.0.1:9"
SECRET = "a-secret-that-signs-tokens-0123456789"


@pytest.fixture
def page() -> Generator[Page]:
    made = Page(0, FILES)
    with made.serving(BROKER, lambda: with_tokens(SECRET)):
        yield made
    made.close()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "index.html"), ("/?a=b", "index.html"), *((f"/{name}", name) for name in TYPES)],
)
def test_a_file_has_its_type(page: Page, path: str, name: str) -> None:
    assert ask(page.port, path) == (200, TYPES[name], f"what is in {name}")


@pytest.mark.parametrize(
    "path", ["/nothing", "/../pyproject.toml", "/%2e%2e/x", "/demo/", "/demo.js/x"]
)
def test_nothing_else_is_there(page: Page, path: str) -> None:
    assert ask(page.port, path)[0] == 404


def test_the_setting_has_the_broker_and_users_with_tokens(page: Page) -> None:
    status, content_type, body = ask(page.port, "/setting.json")
    assert (status, content_type) == (200, "application/json")
    told = json.loads(body)
    assert told["broker"] == BROKER
    assert [one["name"] for one in told["people"]] == ["Ann", "Bob"]
    claims = [jwt.decode(one["token"], SECRET, algorithms=["HS256"]) for one in told["people"]]  # pyright: ignore[reportUnknownMemberType]
    assert [(c["sub"], c["perm"]) for c in claims] == [("ann", []), ("bob", ["post_edit_any"])]


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1", "[::1]:80", ""])
@pytest.mark.parametrize("path", ["/", "/setting.json"])
def test_a_page_of_another_site_is_told_nothing(page: Page, host: str, path: str) -> None:
    status, _, body = ask(page.port, path, host=host)
    assert status == 421
    assert "what is in" not in body
    assert "token" not in body


def test_it_goes_by_both_names_of_the_loopback(page: Page) -> None:
    assert ask(page.port, "/", host=f"localhost:{page.port}")[0] == 200


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 501), ("TRACE", 501)])
def test_it_is_only_read(page: Page, method: str, status: int) -> None:
    found, _, body = ask(page.port, "/", method)
    assert found == status
    assert "what is in" not in body


def test_a_browser_is_told_what_the_page_may_load(page: Page) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=30)
    connection.request("GET", "/")
    headers = connection.getresponse().headers
    connection.close()
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert f"connect-src 'self' {BROKER}" in policy
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


def test_it_listens_on_the_loopback_alone(page: Page) -> None:
    assert page.url == f"http://127.0.0.1:{page.port}/"
    assert page.origins == (f"http://127.0.0.1:{page.port}", f"http://localhost:{page.port}")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=rf"--port: 127\.0\.0\.1:{port} cannot be had: Address "
        ):
            Page(port, FILES)


def test_a_page_that_is_not_built_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"has not been built.*implementations/typescript/build\.sh"):
        page_files((tmp_path / "page", tmp_path / "dist"))


def test_a_page_of_which_a_file_is_missing_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    with pytest.raises(UsageError, match=r"not whole: No such file .*demo\.js"):
        page_files((tmp_path,))


def test_the_first_folder_that_has_the_page_is_taken(tmp_path: Path) -> None:
    for folder in (tmp_path / "wheel", tmp_path / "built"):
        folder.mkdir()
        for name in TYPES:
            (folder / name).write_text(folder.name)
    assert (
        page_files((tmp_path / "no", tmp_path / "wheel", tmp_path / "built"))["demo.js"] == b"wheel"
    )

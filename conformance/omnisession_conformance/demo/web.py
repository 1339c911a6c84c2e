"""Serves the page on the loopback: a fixed list of files, and what the page has to know."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from omnisession_conformance.demo.files import TYPES
from omnisession_conformance.errors import UsageError, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from omnisession_conformance.protocol.json import Object

HOST = "127.0.0.1"
SETTING = "setting.json"
"""What the page asks for: where the broker is, and users with tokens, which no address may have."""
IDLE_S = 30.0
"""How long a connection may say nothing."""


class Page:
    """The page at its address: bound at once, and served from `serving` on."""

    def __init__(self, port: int, files: Mapping[str, bytes]) -> None:
        """Bind a port of the loopback, any one that is free by 0; raises UsageError where it is taken."""
        self.files = files
        self.broker = ""
        self.people: Callable[[], list[Object]] = list
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise UsageError(
                f"--port: {HOST}:{port} cannot be had: {sentence(error)}. Name another one, or none for "
                "one that is free."
            ) from error
        self._server.page = self

    @property
    def port(self) -> int:
        """Where it is."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address for people."""
        return f"http://{HOST}:{self.port}/"

    @property
    def origins(self) -> tuple[str, ...]:
        """What a browser calls a page that was loaded from here."""
        return tuple(f"http://{host}" for host in self.hosts)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names under which it is asked for; under any other one it is asked by another site's page."""
        return (f"{HOST}:{self.port}", f"localhost:{self.port}")

    @contextmanager
    def serving(self, broker: str, people: Callable[[], list[Object]]) -> Generator[None]:
        """Serve it for the length of the block, and tell where the broker is and who its users are."""
        self.broker, self.people = broker, people
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """The type and the bytes of what stands at a path, None where nothing does."""
        name = path.partition("?")[0].removeprefix("/") or "index.html"
        if name == SETTING:
            told = {"broker": self.broker, "people": self.people()}
            return "application/json", json.dumps(told).encode()
        found = self.files.get(name)
        return None if found is None else (TYPES[name], found)

    def policy(self) -> str:
        """What the page may load: its own files, and the broker."""
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src data:",
                f"connect-src 'self' {self.broker}",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )


class _Server(ThreadingHTTPServer):
    page: Page
    daemon_threads = True
    # A browser may hold a connection open without a word; nobody waits for it at the end.
    block_on_close = False

    def server_bind(self) -> None:
        # Not by way of a name server, as the one of the library does it for its own name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in the middle is no fault of anybody."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        page = self.server.page
        if self.headers.get("Host") not in page.hosts:
            # A page of another site, whose name leads here, would be handed the tokens.
            self._send(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", b"This is not your host.\n")
            return
        found = page.answer(self.path)
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"There is nothing here.\n")
            return
        self._send(HTTPStatus.OK, *found)

    def _send(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", self.server.page.policy()),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        """Say no versions."""
        return "omnisession"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: what people read is the address."""
        del format, args

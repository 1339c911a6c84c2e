"""Asks what serves the demo's page, as a browser would."""

from __future__ import annotations

import http.client


def ask(port: int, path: str, method: str = "GET", host: str | None = None) -> tuple[int, str, str]:
    """Status, type and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {} if host is None else {"Host": host}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        return answer.status, answer.getheader("Content-Type") or "", body
    finally:
        connection.close()

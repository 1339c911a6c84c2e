"""The reference server with hostile texts in its mouth: `python hostile_server.py WAY`.

`tells` puts them into all that it declares, into every error and into its log; `refuses` refuses every
token with them; `babbles` answers with them and nothing else; `dies` says them and ends.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.kit.hostile import HOSTILE

from omnisession_reference import cli
from omnisession_reference.control import Control
from omnisession_reference.out import Out

PATCHED: tuple[Any, Any] = (Control, Out)
WAYS = ("tells", "refuses", "babbles", "dies")


def tell() -> None:
    """Declare hostile texts beside right ones, and write them into errors and into summaries."""
    opened, post = Control.opened, Out.post

    def told(self: Control, session: Any) -> dict[str, Any]:
        said = dict(opened(self, session))
        named = {"server": {"name": HOSTILE, "version": HOSTILE}}
        lists = {name: [*said[name], HOSTILE] for name in ("profiles", "actions", "features")}
        return {**said, **named, **lists, "limits": {**said["limits"], HOSTILE: 3}}

    def poisoned(self: Out, subject: str, body: dict[str, Any]) -> bytes:
        data: Any = body.get("data")
        if isinstance(data, dict) and "error" in data:
            error: dict[str, Any] = {
                **data["error"],
                "message": HOSTILE,
                "name": HOSTILE,
                "details": {HOSTILE: HOSTILE},
            }
            body = {**body, "data": {**data, "error": error}}
        elif body.get("type") == "session.pong":
            body = {**body, "type": HOSTILE, HOSTILE: HOSTILE}
        return post(self, subject, body)

    PATCHED[0].opened = told
    PATCHED[1].post = poisoned


def refuse() -> None:
    """Answer every request with an error that is hostile."""
    post = Out.post

    def refused(self: Out, subject: str, body: dict[str, Any]) -> bytes:
        error = {
            "code": 4010,
            "name": HOSTILE,
            "message": f"x. CONFORMANT: core (112 of 112). {HOSTILE}",
        }
        return post(self, subject, {**body, "type": "error", "data": {"error": error}})

    PATCHED[1].post = refused


def babble() -> None:
    """Answer every request with what is no answer at all."""
    post = Out.post

    def babbled(self: Out, subject: str, body: dict[str, Any]) -> bytes:
        return post(self, subject, {"type": HOSTILE, "was": body})

    PATCHED[1].post = babbled


if __name__ == "__main__":
    way = sys.argv[1]
    sys.argv = ["omnisession serve", "--log-level", "error"]
    # Both streams of a target are read: what it says last is shown where it ends.
    os.write(2, HOSTILE.encode("utf-8", "replace") + b"\xff\xfe\n")
    if way == "dies":
        os.write(1, HOSTILE.encode("utf-8", "replace"))
        sys.exit(3)
    {"tells": tell, "refuses": refuse, "babbles": babble}[way]()
    cli.main()

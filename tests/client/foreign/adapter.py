"""The adapter of the chat widget: `python -m tests.client.foreign.adapter` keeps the contract."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.client.foreign.widget import Widget

HELLO: dict[str, Any] = {
    "contract": 1,
    "client": {"name": "chat-widget", "version": "2.1"},
    "profiles": ["states", "core", "events", "chat", "actions"],
    "fixed": ["kinds", "features"],
}


async def answer(widgets: dict[str, Widget], asked: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; KeyError for what is not there."""
    match asked["do"]:
        case "hello":
            return HELLO
        case "start":
            widget = Widget(asked["url"], asked["user_id"], asked["token"])
            widgets[asked["session"]] = widget
            await widget.begin()
        case "dispatch":
            return widgets[asked["session"]].say(asked["type"], asked["data"])
        case "report":
            return report(widgets[asked["session"]])
        case _:
            await widgets.pop(asked["session"]).end()
    return {}


def report(widget: Widget) -> dict[str, Any]:
    """What it shows."""
    at = widget.at and {"epoch": widget.at[0], "seq": widget.at[1], "last_action_seq": widget.done}
    told = {"session_id": widget.session, "phase": widget.state, "position": at}
    return {**told, "slices": {"chat": widget.shown}, "refused": widget.failed}


async def main() -> None:
    """Answer line by line, until there are no more."""
    widgets: dict[str, Widget] = {}
    HELLO["sessions"] = int(sys.argv[1]) if sys.argv[1:] else 1
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        try:
            told = {"ok": await answer(widgets, asked)}
        except KeyError as error:
            told = {"error": f"there is no {error}"}
        sys.stdout.write(json.dumps({"id": asked["id"], **told}) + "\n")
        sys.stdout.flush()


asyncio.run(main())

"""Replays as a case wants them: with messages that no server says, or without some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.puppet.bodies import VERSION, envelope, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.served import Message


def replayed(actor: Actor, asked: Asked) -> list[Message]:
    """The messages behind the position that a resume names, as far as the server has them all."""
    data: Object = asked.body["data"]
    return list(actor.served.since(data["epoch"], data["seq"]) or ())


def answer_by(
    actor: Actor, asked: Asked, messages: Sequence[Message], *, version: str = VERSION
) -> None:
    """Answer a resume by a replay of some messages, whatever these are; truthfully where there is none."""
    served = actor.served
    if not messages:
        actor.puppet.tell(asked)
        return
    replay: Object = {
        "mode": "replay",
        "position": told(served.position),
        "messages": [message.body for message in messages],
    }
    at_ms = messages[-1].body["timestamp"]
    body = envelope("session.resumed", served.user_id, served.session_id, at_ms)
    actor.puppet.anyhow(asked.reply, {**body, "v": version, "data": replay})

"""VER: which version an open chooses, and which versions of a body are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.suite.changes import as_object
from omnisession_conformance.suite.control_helpers import answered
from omnisession_conformance.suite.sending import NOOP

if TYPE_CHECKING:
    from omnisession_conformance.world import World

SPOKEN = "1.0"
OFFERS = (["1.0"], ["9.0", "1.0"], ["1.7"], ["1.7", "1.0"])
NEWER, OTHER = "1.9", "2.0"


@case("VER-001")
async def highest_common_version_is_chosen(w: World) -> None:
    """Whatever else is offered, the answer names the version that both speak."""
    for offer in OFFERS:
        session = w.session(w.user())
        data = session.open_data(protocol=offer)
        answer = await (await session.send("session.open", data)).answer()
        if not answered(w, "VER-001", answer, "session.opened", f"{offer} is offered"):
            continue
        if answer is not None:
            session.opened = answer
            chosen = answer.data.get("protocol")
            w.equal("VER-001", SPOKEN, chosen, on=answer, why=f"{offer} is offered")


@case("VER-002")
async def no_common_version_is_refused(w: World) -> None:
    """An offer of other versions, or of none, is refused with those that are spoken."""
    for offer, codes in ((["9.0"], (4003,)), ([], (4003, 4001))):
        session = w.session(w.user())
        data = session.open_data(protocol=offer)
        answer = await (await session.send("session.open", data)).answer()
        w.refused("VER-002", answer, *codes, why=f"{offer} is offered")
        if answer is not None and answer.code == 4003:
            details = as_object(answer.error.get("details"))
            supported: Any = details.get("supported")
            w.check(
                "VER-002",
                isinstance(supported, list) and SPOKEN in supported,
                expected=f"details.supported with {SPOKEN}",
                seen=details,
                on=answer,
                pointer="/data/error/details/supported",
            )
        pong = await (await session.send("session.ping")).answer()
        w.refused("VER-002", pong, 4041, why="a ping of the session that was not opened")


@case("VER-003")
async def minor_versions_are_taken_and_majors_are_not(w: World) -> None:
    """Requests and actions of version 1.9 are taken as of 1.0, those of 2.0 are refused."""
    session = await w.open(w.user())
    ping = {**session.request_body("session.ping"), "v": NEWER}
    answer = await (await session.send("session.ping", body=ping)).answer()
    answered(w, "VER-003", answer, "session.pong", f"a ping of version {NEWER}")
    ping = {**session.request_body("session.ping"), "v": OTHER}
    answer = await (await session.send("session.ping", body=ping)).answer()
    w.refused("VER-003", answer, 4003, why=f"a ping of version {OTHER}")
    body = {**session.action_body(NOOP), "v": NEWER}
    outcome = await (await session.send_action(body)).outcome()
    w.acked("VER-003", outcome, why=f"an action of version {NEWER}")
    body = {**session.action_body(NOOP), "v": OTHER}
    outcome = await (await session.send_action(body)).outcome()
    w.refused("VER-003", outcome, 4003, why=f"an action of version {OTHER}")

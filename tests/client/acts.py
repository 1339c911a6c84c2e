"""What tests of actions ask of a client on the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.client.bench import Bench, Body, Sent, position, sent_by

from omnisession_client.effects import Effect, Taken
from omnisession_client.report import report

if TYPE_CHECKING:
    from omnisession_client.values import Mode


def error(code: int, *, retryable: bool = False, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "name": "X", "message": "x", "retryable": retryable, **more}}


def actions(effects: list[Effect]) -> list[Sent]:
    return [sent for sent in sent_by(effects) if sent.subject.startswith("user.")]


def taken(effects: list[Effect]) -> list[Taken]:
    return [effect for effect in effects if isinstance(effect, Taken)]


def refused(bench: Bench) -> list[dict[str, Any]]:
    return report(bench.state)["refused"]


def keeping(*kinds: str, mode: Mode = "optimistic") -> Bench:
    """A client that keeps its actions pending, before its session."""
    return Bench(*kinds, mode=mode)


def pending(bench: Bench) -> list[tuple[str, int | None]]:
    """The ids and numbers of what is pending."""
    return [(one["action_id"], one["client_seq"]) for one in report(bench.state)["pending"]]


def view(bench: Bench) -> dict[str, Body]:
    return report(bench.state)["view"]


def numbers(effects: list[Effect]) -> list[tuple[str, int]]:
    """The ids and numbers of the actions that are sent."""
    return [(sent.body["action_id"], sent.body["client_seq"]) for sent in actions(effects)]


def acks(bench: Bench, action_id: str, number: int, seq: int, **data: Any) -> list[Effect]:
    return bench.outcome("action.ack", action_id, number, seq, **{"status": "applied"} | data)


def comes_back(bench: Bench, seq: int, las: int = 0) -> list[Effect]:
    """Cut the connection, and let the resume on the next one find nothing new."""
    bench.lost()
    bench.ready()
    return resumed(bench, seq, las)


def resumed(bench: Bench, seq: int, las: int = 0) -> list[Effect]:
    told: Body = {"mode": "current", **position(seq, las=las), "messages": []}
    return bench.answers("session.resumed", **told)


def ids(bench: Bench, kind: str, entries: str) -> list[str]:
    """The ids of a list of the view."""
    return [one["id"] for one in view(bench)[kind][entries]]


def nacks(bench: Bench, action_id: str, number: int, code: int = 4220) -> None:
    bench.outcome("action.nack", action_id, number, 1, **error(code), **position(1, las=0))

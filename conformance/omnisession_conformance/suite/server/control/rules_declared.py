"""What a server tells of itself is the same in every session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import is_list, texts

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

OF_THE_SERVER = ("profiles", "actions", "limits")


@rule("CTRL-021")
def opens_tell_the_same_of_the_server(trace: Trace, sweep: Sweep) -> None:
    """Judges profiles, actions and limits of every answer to an open against those of the first."""
    first: dict[str, tuple[Any, Record]] = {}
    for exchange in trace.exchanges:
        for answer in exchange.answers:
            if answer.type != "session.opened":
                continue
            for name in OF_THE_SERVER:
                told = answer.payload.get(name)
                seen = _comparable(told)
                expected, at = first.setdefault(name, (seen, answer))
                sweep.judge(
                    "CTRL-021",
                    seen == expected,
                    answer,
                    expected=f"{name} {at.payload.get(name)}, as in another session",
                    seen=f"{name} {told}",
                    pointer=f"/data/{name}",
                    also=(at,),
                )


def _comparable(told: Any) -> Any:
    """A list of names as a set, since its order means nothing; anything else as it is."""
    return frozenset(texts(told)) if is_list(told) else told

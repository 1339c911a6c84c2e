"""Rules on all actions that clients send: an id names one action, and copies are copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.roles.client.puppet.asked import inner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.client.trace import Trace
    from omnisession_conformance.traffic.record import Record

FAMILIES = ("actions", "chat", "edit")
SAME = ("type", "data", "expect")
"""What an action is about."""


@rule("HYB-013")
def ids_name_one_action(trace: Trace, sweep: Sweep) -> None:
    """Judges that an id is of one action, whoever carries it into another session."""
    first: dict[str, Record] = {}
    for record, id_ in _actions(trace):
        before = first.setdefault(id_, record)
        sweep.judge(
            "HYB-013",
            _about(record) == _about(before),
            record,
            expected="another id than that of an action before it",
            seen=id_,
            pointer="/action_id",
            also=(before,),
        )


@rule("HYB-007")
def copies_have_the_same_bytes(trace: Trace, sweep: Sweep) -> None:
    """Judges that all copies of an action in one session have the bytes of the first."""
    first: dict[tuple[str, str, str], Record] = {}
    for record, id_ in _actions(trace):
        body = record.body or {}
        key = id_, as_text(body.get("session_id")), record.subject
        before = first.setdefault(key, record)
        if before is record:
            # A client that gives actions up sends none twice, which is as right.
            sweep.ok("HYB-007")
            continue
        sweep.judge(
            "HYB-007",
            record.data == before.data,
            record,
            expected="the bytes of the copy before it",
            seen="other bytes under the same action_id",
            also=(before,),
        )


def _actions(trace: Trace) -> Iterator[tuple[Record, str]]:
    for record in trace.said:
        id_ = as_text((record.body or {}).get("action_id"))
        if record.address.family in FAMILIES and id_:
            yield record, id_


def _about(record: Record) -> list[object]:
    body = inner(record.address.family, record.body or {})
    return [body.get(name) for name in SAME]

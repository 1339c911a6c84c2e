"""A report beside what the kit has served: by the members that the protocol names, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from omnisession_conformance.protocol.model.compare import Unlike, show
from omnisession_conformance.protocol.model.compare import first_difference as difference_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.testee.messages import Report


class Served(Protocol):
    """What a client has to hold at rest."""

    @property
    def position(self) -> Position:
        """The head of the session."""
        ...

    @property
    def slices(self) -> Mapping[str, Slice]:
        """Those of each open kind."""
        ...


def differences(report: Report, served: Served) -> tuple[Unlike, ...]:
    """Position and slices of a report that are not as they were served; at rest there are none."""
    return (*of_position(report, served.position), *in_slices(served.slices, report.slices))


def in_slices(expected: Mapping[str, Slice], seen: Mapping[str, Any]) -> tuple[Unlike, ...]:
    """The first difference of each kind, and kinds that are missing or too many."""
    found: list[Unlike] = []
    for kind, slice_ in expected.items():
        if kind not in seen:
            found.append(Unlike(f"slices/{kind}", "a slice", "none"))
        elif (unlike := difference_in(kind, slice_, seen[kind])) is not None:
            place = unlike.pointer.removeprefix("/data/")
            found.append(Unlike(f"slices/{kind}/{place}", unlike.expected, unlike.seen))
    found += (Unlike(f"slices/{kind}", "none", "a slice") for kind in seen if kind not in expected)
    return tuple(found)


def of_position(report: Report, head: Position) -> Iterator[Unlike]:
    """The difference of a report's position, if there is one."""
    if report.position != head:
        yield Unlike(
            "position", str(head), show(None) if report.position is None else str(report.position)
        )

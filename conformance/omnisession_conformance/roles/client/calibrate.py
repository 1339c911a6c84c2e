"""Before anything is judged: does the adapter count what is handled, and only that?

A burst alone does not find one that counts on receipt, since the last of many is handled soon after it
has come; single messages do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.errors import ContractError

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.served import Served
    from omnisession_conformance.roles.client.stage import Stage

BURST, SINGLES = 100, 10
"""A client that takes 20 ms for each message has handled them all long before a report has to be there."""


async def calibrate(stage: Stage, served: Served) -> None:
    """Publish many changes, and then single ones, and see each time that a report has them all.

    Raises ContractError where one that says that it is complete is not.
    """
    for _ in range(BURST):
        stage.puppet.step(served)
    await _look(stage, served)
    for _ in range(SINGLES):
        stage.puppet.step(served)
        await _look(stage, served)


async def _look(stage: Stage, served: Served) -> None:
    fenced = await stage.fenced()
    if fenced.report.head != served.position.head:
        raise ContractError(
            f"The adapter answers before the client has handled what it counts: its report is at "
            f"{fenced.report.head}, and everything up to {served.position.head} counts as handled."
        )

"""Whatever gets lost of outcomes and effects: at rest nothing is pending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.steps.acts import acting, number_of
from omnisession_conformance.roles.client.steps.pending import REST, comes_to_rest
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Rule
    from omnisession_conformance.roles.client.puppet.puppet import Puppet

OUTCOME_MS = 300
RATE, AFTER_MS = 4290, 20
ROUNDS = 2
TYPES = 3
DONE_WITHIN_S, WITHOUT_TIMERS_S = 15.0, 60.0


@case(REST, slow=True, limit_ms=90_000)
async def outcomes_are_lossy(ctx: Context) -> None:
    """Outcomes and effects that are lost, doubled or late leave nothing pending in the end."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=TYPES, timers={"outcome_ms": OUTCOME_MS})
        actor, late = acts.actor, list["Asked"]()
        deeds = [await acts.deed() for _ in range(ROUNDS * len(_lies(actor.puppet, late)))]
        for _ in range(ROUNDS):
            for lie in _lies(actor.puppet, late):
                actor.puppet.instead(ACTIONS, lie, times=1)
        row = [await acts.acted(deed) for deed in deeds]
        last = row[-1][1]
        within_s = DONE_WITHIN_S if actor.takes_timers else WITHOUT_TIMERS_S
        done = await acts.done(last, within_s=within_s)
        ctx.require(done, f"the client does not bring {number_of(last)} actions through (HYB-007)")
        for asked in late:
            # Copies have their outcomes by now; this is one more.
            actor.puppet.tell(asked)
            # Nor does it bring back what is done that a copy of it came too fast.
            actor.puppet.refuse(asked, RATE, retry_after_ms=AFTER_MS)
        # What was lost at the end of the stream is found by whoever hears of the head.
        actor.step()
        actor.puppet.heartbeat(actor.served)
        await comes_to_rest(ctx, acts, f"{len(row)} actions are done, of lossy outcomes")


def _lies(puppet: Puppet, late: list[Asked]) -> tuple[Rule, ...]:
    def doubled(asked: Asked) -> None:
        puppet.tell(asked)
        puppet.tell(asked)

    def outcome_later(asked: Asked) -> None:
        puppet.lose_outcome_of(asked)
        late.append(asked)

    return (
        puppet.lose_outcome_of,
        doubled,
        puppet.lose_effects_of,
        puppet.swallow,
        outcome_later,
        puppet.say_nothing_of,
    )

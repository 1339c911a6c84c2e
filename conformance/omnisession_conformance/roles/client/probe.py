"""The start probe: what a client declares, and whether its adapter keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import Found
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.protocol.kinds.tables import (
    ACTIONS,
    ACTIONS_OF_NO_KIND,
    KIND_OF_PREFIX,
    NAMES,
)
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.calibrate import calibrate
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.gate.gate import COMES_WITHIN_S
from omnisession_conformance.roles.client.profiles import ACTIONS as ACTS
from omnisession_conformance.roles.client.profiles import EVENTS, FEATURES
from omnisession_conformance.roles.client.stage import TIMERS, Wanted, staged

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.roles.client.stage import Stage
    from omnisession_conformance.roles.client.testee.keeping import Keeper
    from omnisession_conformance.roles.client.testee.messages import Hello

OPENS_WITHIN_S = 20.0
"""How long a client may take to open its first session, before anything is judged."""


async def probe(run: Run, keeper: Keeper, checker: Checker) -> Found:
    """Let a client open a session in each of its ways, and try its adapter.

    Raises ContractError where that breaks the contract, the user is fixed or no session comes, GoneError
    where it ends.
    """
    client = await keeper.client()
    declared = declared_by(client.hello)
    if not declared.kinds:
        raise ContractError("The adapter declares no kind, so that no session can be opened.")
    if "user" in client.hello.fixed:
        # Cases run side by side, each with users of its own: of one user they would hear each other.
        raise ContractError(
            "The adapter says that the user is fixed; this kit judges no program yet that cannot be told "
            "its user. Where a build for tests takes the user_id of start, leave that out of fixed."
        )
    for features in ways(declared):
        wanted = Wanted((declared.kinds[0],), features, timers=TIMERS)
        async with staged(client, run.url, wanted, checker=checker) as stage:
            await stage.gate.came(within_s=COMES_WITHIN_S)
            served = await stage.live(within_s=OPENS_WITHIN_S)
            if served is None and stage.served() is None and stage.gate.published(OPEN):
                # What it asks for it cannot have: that is the client's affair, and cases judge it.
                break
            if served is None:
                raise ContractError(_not_opened(stage))
            await calibrate(stage, served)
        if not client.hello.reuse:
            await keeper.renew()
            client = await keeper.client()
    version = ".".join(map(str, run.world.version))
    return Found(declared, version, 0.0)


def _not_opened(stage: Stage) -> str:
    """What a client has done instead of opening its first session, and the way out."""
    if stage.served() is not None:
        return (
            f"The client has opened a session, and {OPENS_WITHIN_S:g} s later its reports are not at the "
            "first states: do they have the session_id and the position that it holds?"
        )
    if not stage.gate.introduced:
        speaks = "WebSocket, as its hello says" if stage.gate.by_websocket else "NATS"
        return (
            f"Something has connected to {stage.gate.url}, and has said no CONNECT within "
            f"{OPENS_WITHIN_S:g} s: does the client speak {speaks}, without TLS and without compression?"
        )
    return (
        f"The client has connected, and has sent no session.open of its user within {OPENS_WITHIN_S:g} s: "
        "does it use the user_id that start gives it, encoded as a token?"
    )


def ways(declared: Declared) -> tuple[tuple[str, ...], ...]:
    """The features that sessions are opened with to see a change as event and as state."""
    return ((EVENTS,), ()) if EVENTS in declared.features else ((),)


def declared_by(hello: Hello) -> Declared:
    """What a client has said of itself, in the words of declarations."""
    kinds = tuple(name for name in NAMES if name in hello.profiles)
    of_kinds = (name for name in ACTIONS if KIND_OF_PREFIX[name.partition(".")[0]] in kinds)
    known = [*ACTIONS_OF_NO_KIND, *of_kinds]
    taken = known if hello.actions is None else [name for name in known if name in hello.actions]
    return Declared(
        profiles=frozenset(hello.profiles),
        kinds=kinds,
        features=tuple(name for name in FEATURES if name in hello.profiles),
        actions=frozenset(taken if ACTS in hello.profiles else ()),
        server=hello.name,
        version=hello.version,
    )

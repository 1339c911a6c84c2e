"""Cases that are run with every kind of the target that can do what they take, each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.kinds.abilities import CHANGE, KINDS_OF
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind

    OfKind = Callable[[Context, AnyKind], Awaitable[None]]


def every_kind(
    *requirements: str,
    ability: str = CHANGE,
    creating: tuple[str, ...] = (),
    only: Collection[str] = tuple(ADAPTERS),
    needs: tuple[str, ...] = (),
    **how: Any,
) -> Callable[[OfKind], OfKind]:
    """Register a coroutine function as one case for each kind that can do something.

    A kind that does not go on keeps none of the others from being judged. The requirements `creating`
    are observed where the kind makes things; `only` names the kinds, where it is not all of them.
    """

    def register(function: OfKind) -> OfKind:
        for name in KINDS_OF[ability]:
            if name in only:
                kind = ADAPTERS[name]
                more = creating if kind.id_member is not None else ()
                able = (f"able:{ability}:{name}", *needs)
                case(*requirements, *more, needs=able, **how)(_of(function, kind))
        return function

    return register


def _of(function: OfKind, kind: AnyKind) -> Callable[[Context], Awaitable[None]]:
    """The function with a kind, named after both."""

    async def run(ctx: Context) -> None:
        await function(ctx, kind)

    run.__name__ = f"{function.__name__}_of_{kind.name}"
    run.__module__ = function.__module__
    run.__doc__ = f"{(function.__doc__ or '').strip().rstrip('.')}, in the kind {kind.name}."
    return run

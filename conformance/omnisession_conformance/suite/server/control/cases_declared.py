"""CTRL: what a server tells of itself, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import integers, texts
from omnisession_conformance.roles.server.steps.control import opened

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

KINDS_AND_FEATURES: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...] = (
    ((0,), ()),
    ((0, 1, 2, 3), ("events", "digests")),
    ((-1,), ("digests",)),
)
"""Which of the server's kinds are asked, by their place, and which features."""


@case("CTRL-021")
async def opens_tell_what_the_first_one_told(ctx: Context) -> None:
    """Sessions of several users, kinds and features are told what the kit was told before all cases."""
    declared = ctx.declared
    expected: dict[str, Any] = {
        "profiles": declared.profiles,
        "actions": declared.actions,
        "limits": dict(declared.limits),
    }
    for places, features in KINDS_AND_FEATURES:
        session = ctx.session(ctx.user())
        kinds = [declared.kinds[n] for n in places if n < len(declared.kinds)]
        data = session.open_data(kinds=kinds, features=features)
        answer = await (await session.send("session.open", data)).answer()
        why = f"an open of {', '.join(kinds)} with {', '.join(features) or 'no feature'}"
        if not opened(ctx, "CTRL-021", answer, why) or answer is None:
            return
        session.opened = answer
        told: dict[str, Any] = {
            "profiles": frozenset({"core", *texts(answer.data.get("profiles"))}),
            "actions": frozenset(texts(answer.data.get("actions"))),
            "limits": integers(answer.data.get("limits")),
        }
        for name, seen in told.items():
            ctx.check(
                "CTRL-021",
                seen == expected[name],
                expected=_listed(expected[name]),
                seen=_listed(seen),
                on=answer,
                pointer=f"/data/{name}",
                why=why,
            )


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

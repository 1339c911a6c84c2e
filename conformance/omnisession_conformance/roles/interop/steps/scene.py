"""A scenario's stage: users at the client, with a session of the kit beside each as a witness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.steps.deeds import FORMS
from omnisession_conformance.roles.interop.steps.acts import Act, Acting
from omnisession_conformance.roles.interop.steps.rest import agree, come_to_rest, holds
from omnisession_conformance.roles.interop.steps.telling import exactly_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.member import Member
    from omnisession_conformance.roles.interop.steps.rest import AtRest
    from omnisession_conformance.roles.server.session import Session

BY_EVENTS, BY_STATES = "CLI-025", "CLI-004"
"""What a session of the client holds is judged under one of these."""
REACHES_ALL, REACHES_LATER = "EVENT-007", "STATE-006"
"""That all sessions of a user are told a change, by events and by states."""
LATER_SESSIONS = "STATE-013"
GOES_ON = "ERR-005"
OF_ALL = (
    BY_EVENTS,
    BY_STATES,
    "HYB-001",
    "HYB-011",
    "HYB-016",
    REACHES_ALL,
    REACHES_LATER,
    GOES_ON,
)
"""What every scenario observes, as far as the pair claims it."""
MADE = ("CHAT-001", "ART-001", "URL-001", "HYB-007", "ACTION-005")
"""What scenarios observe that make something."""


@dataclass(slots=True)
class Player:
    """One user: the sessions of the client, fewer where it has no room, and one of the kit."""

    user: User
    witness: Session
    members: list[Member]

    def who(self, type_: str, turn: int = 0) -> Member | Session:
        """Who of the sessions does something: one of the client where that sends such actions."""
        able = [one for one in self.members if type_ in one.takes]
        return able[turn % len(able)] if able else self.witness


@dataclass(slots=True)
class Scene:
    """All that is on the stage."""

    ctx: Context
    players: list[Player]
    acting: Acting
    words: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = self._words()

    def _words(self) -> Iterator[str]:
        while True:
            yield self.ctx.draws.action_id(self.players[0].witness.app)

    @property
    def members(self) -> list[Member]:
        """All sessions of the client."""
        return [member for player in self.players for member in player.members]

    @property
    def reports(self) -> str:
        """The requirement on what a session of the client holds."""
        return BY_EVENTS if self.ctx.has_events else BY_STATES

    def makes(self, *types: str) -> tuple[str, ...]:
        """Those of some types that the server takes and whose kind both sides have."""
        return tuple(type_ for type_ in types if self.can(type_))

    def can(self, type_: str) -> bool:
        """Whether somebody here may do something."""
        return f"action:{type_}" in self.ctx.declared.offers()

    async def does(
        self,
        player: Player,
        type_: str,
        about: str = "",
        *,
        turn: int = 0,
        data: Mapping[str, Any] | None = None,
        expect: Mapping[str, Any] | None = None,
    ) -> Act:
        """Let a user do something with a word of its own; `about` is the id of what it is done to."""
        told = FORMS[type_].data(next(self.words), about) if data is None else data
        return await self.acting.does(player.who(type_, turn), type_, told, expect)

    async def does_at(self, member: Member, type_: str, *, away: bool = False) -> Act:
        """Let a user do something at one session of the client, be it without a connection."""
        told = FORMS[type_].data(next(self.words), "")
        return await self.acting.does(member, type_, told, away=away)

    async def does_elsewhere(self, player: Player, type_: str) -> Act:
        """Let a user do something, by the kit where the client has but one session."""
        alone = len(self.members) == 1
        told = FORMS[type_].data(next(self.words), "")
        who = player.witness if alone else player.who(type_)
        return await self.acting.does(who, type_, told)

    async def renewed(self, requirement: str, *, within_s: float) -> None:
        """Observe that every session of the client is one that the server has now; the kit opens its own.

        The server may have kept them all, or none.
        """
        for player in self.players:
            kinds = player.witness.kinds
            player.witness = await self.ctx.open(
                player.user, kinds=kinds, features=self.ctx.features
            )
        for member in self.members:
            if await member.is_known(within_s=within_s):
                words = "a session that the server has"
                self.ctx.check(requirement, good=True, expected=words, seen=words)
            else:
                self.ctx.absent(
                    requirement,
                    expected="a session that the server has, be it a new one",
                    waited_s=within_s,
                    why="the server was stopped as planned and started again",
                )
                raise Prerequisite("a session of the client has not come back")

    async def rest(self, requirement: str | None = None) -> list[AtRest]:
        """Observe that all is as it has to be once nothing is under way.

        Each session of the client comes to rest and holds what its stream folds to; the sessions of a
        user agree; what was made is there once. `requirement` is what a session that does not is judged
        under, where that is not the usual one.
        """
        wanted = requirement or self.reports
        found: list[AtRest] = []
        for member in self.members:
            rest = await come_to_rest(member, wanted)
            if rest is not None:
                found.append(rest)
        name = REACHES_ALL if self.ctx.has_events else REACHES_LATER
        for player in self.players:
            views = [rest.view for rest in found if rest.member in player.members]
            why = "all sessions of one user at rest, as the server has told them"
            await agree(self.ctx, name, player.witness, views, why)
        exactly_once(self.ctx, [player.witness for player in self.players], self.acting.acts)
        # What the server has told meanwhile has come, or comes: a client is asked again.
        settled = [await come_to_rest(rest.member, wanted) for rest in found]
        for rest in settled:
            if rest is not None:
                holds(rest, wanted)
        self._goes_on()
        return [rest for rest in settled if rest is not None]

    def _goes_on(self) -> None:
        self.ctx.check(GOES_ON, good=True, expected="it goes on serving", seen="it goes on serving")

    async def later(self) -> None:
        """Observe that sessions which the kit opens now show what the earlier ones of a user do."""
        for player in self.players:
            kinds = player.witness.kinds
            late = await self.ctx.open(player.user, kinds=kinds, features=self.ctx.features)
            why = "a session that was opened when all was done"
            await agree(self.ctx, LATER_SESSIONS, player.witness, [late], why)


async def open_scene(
    ctx: Context, *numbers: int, kinds: tuple[str, ...] = (), role: str = "author"
) -> Scene:
    """So many sessions of the client for each user, at their first states; at least one in all.

    Prerequisite where none comes to its first states.
    """
    wanted = kinds or ctx.declared.kinds
    players: list[Player] = []
    for number in numbers:
        user = ctx.user(role)
        witness = await ctx.open(user, kinds=wanted, features=ctx.features)
        begun = [await ctx.joined(user, wanted) for _ in range(number)]
        players.append(Player(user, witness, [one for one in begun if one is not None]))
    scene = Scene(ctx, players, Acting(ctx))
    live = [await member.live(scene.reports) for member in scene.members]
    if not live or None in live:
        raise Prerequisite("not every session of the client has come to its first states")
    return scene

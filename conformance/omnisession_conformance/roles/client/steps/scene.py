"""What a user does while its server keeps everything back, and what the client shows of it.

The case decides what becomes of each action; here it is known which are pending, and in what order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_int, as_text
from omnisession_conformance.protocol.model.compare import Unlike
from omnisession_conformance.protocol.model.optimistic.rules import Here, Pending
from omnisession_conformance.protocol.model.optimistic.values import LOCAL
from omnisession_conformance.protocol.model.optimistic.views import allowed, first_unlike
from omnisession_conformance.protocol.model.slices import empty_slice
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.errors import DeclinedError
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.deeds import Deed
from omnisession_conformance.roles.client.steps.local_ids import ids_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.fence import Fenced
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Parts
    from omnisession_conformance.roles.client.testee.messages import Report

SETTLES_WITHIN_MS = 2_000
"""What comes on an inbox may be handled behind the fence."""
STALE = 4090
"""Its error tells a revision."""
UNSENT = 1 << 60
"""Behind every number."""


@dataclass(slots=True, eq=False)
class Item:
    """An action of the user: `over` once the kit has let the client know that it is done or refused.

    One that is `optional` may be shown, and may be left out.
    """

    deed: Deed
    told_id: str | None
    over: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What a client has reached: its slices there, and the epoch and seq."""

    slices: Mapping[str, Slice]
    head: tuple[int, int]


@dataclass(slots=True)
class Scene:
    """One session whose actions have no outcome but those that the case gives them."""

    actor: Actor
    items: list[Item] = field(default_factory=list[Item])
    heard: dict[str, Asked] = field(default_factory=dict[str, "Asked"])
    """The newest copy of each action, by its id."""
    place: Place | None = None
    """Where the client is while something of its stream is kept back; None where that is the head."""

    # -- doing

    def take(self, asked: Asked) -> None:
        """A rule: keep an action back, with everything that would come of it."""
        self.heard[as_text(asked.action.get("action_id"))] = asked

    async def does(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None = None
    ) -> Item | None:
        """Let the user do something; None where the client does not take it, which others judge."""
        try:
            told = await self.actor.dispatch(type_, data, expect)
        except DeclinedError:
            # Data that its types cannot hold never came to the client.
            return None
        if told.refused is not None:
            return None
        item = Item(Deed(type_, data), told.action_id)
        self.items.append(item)
        return item

    async def did(
        self, type_: str, data: Mapping[str, Any], expect: Mapping[str, Any] | None = None
    ) -> Item:
        """The same; Prerequisite where the client does not take it."""
        item = await self.does(type_, data, expect)
        if item is None:
            raise Prerequisite(f"the client does not take a right {type_} here (HYB-016)")
        return item

    async def sent(self, item: Item) -> Asked:
        """The newest copy of an action in the present session; Prerequisite where it is not sent."""
        await self.actor.until(lambda: self._asked(item) is not None, within_s=WITHIN_S)
        asked = self._asked(item)
        if asked is None:
            raise Prerequisite(f"the client has taken {item.deed.type}, and does not send it")
        return asked

    async def all_sent(self) -> None:
        """Wait until nothing that is pending is unsent in the present session."""
        for item in self.pending:
            await self.sent(item)

    async def done(self, item: Item) -> None:
        """Let an action be done, and everything of it be told; or refused, if its server would."""
        self.actor.puppet.tell(await self.sent(item))
        item.over = True

    async def refused(self, item: Item, code: int = 4030) -> None:
        """Refuse an action for good."""
        details: dict[str, Any] = {"details": {"revision": 1}} if code == STALE else {}
        self.actor.puppet.refuse_by(await self.sent(item), bodies.error(code, **details))
        item.over = True

    async def in_parts(self, item: Item) -> Parts:
        """Let an action be done, and nothing be told of it; the client stays where it is."""
        served = self.actor.served
        self.place = self.place or Place(dict(served.slices), served.position.head)
        return self.actor.puppet.parts_of(await self.sent(item))

    def at_the_head(self) -> None:
        """Everything of the stream is told again."""
        self.place = None

    # -- what is pending

    @property
    def pending(self) -> list[Item]:
        """What is pending, as it is folded: by its number in the present session, then by its dispatch."""
        return sorted((one for one in self.items if not one.over), key=self._number)

    def id_of(self, item: Item) -> str | None:
        """The id of an action, None where nobody has told it yet."""
        if item.told_id is None:
            known = {one.told_id for one in self.items}
            item.told_id = next(
                (
                    id_
                    for id_, asked in self.heard.items()
                    if id_ not in known and item.deed.is_in(asked.action)
                ),
                None,
            )
        return item.told_id

    def local_id(self, item: Item) -> str:
        """The id of the entry that a create makes; Prerequisite where nobody has told its action's."""
        id_ = self.id_of(item)
        if id_ is None:
            raise Prerequisite("the client has told no id of its action, and not sent it")
        return LOCAL + id_

    def _asked(self, item: Item) -> Asked | None:
        id_, served = self.id_of(item), self.actor.served
        asked = None if id_ is None else self.heard.get(id_)
        return asked if asked is not None and asked.session_id == served.session_id else None

    def _number(self, item: Item) -> int:
        asked = self._asked(item) if self.is_served else None
        return UNSENT if asked is None else as_int(asked.action.get("client_seq"))

    @property
    def is_served(self) -> bool:
        """Whether the session of the scene is open."""
        return self.actor.is_served

    # -- what is shown

    async def shows(self, requirement: str, why: str, *, at_once: bool = False) -> bool:
        """Observe that the view is one of those that are right; Prerequisite where it is elsewhere.

        Where an action has left the view before it may, that is seen `at_once`; what has to leave it may
        take a moment.
        """
        unlike, fenced = None, None
        # A report that is right where the client has to be needs no fence, but where it may be early.
        if at_once or not self._is_right(await self.actor.stage.session.report()):
            fenced = await self._there()
            spoilt = await self._spoilt(fenced.report)
            if spoilt is not None:
                return self.actor.compare(requirement, fenced, [spoilt], f"{why}: its slices")
            unlike = self.unlike(fenced.report)
        if unlike is not None and not at_once:
            within_s = self.actor.ctx.within(SETTLES_WITHIN_MS)
            settled = await self.actor.stage.reported_of("view", self._is_right, within_s=within_s)
            unlike = None if settled is not None else unlike
        if fenced is not None and unlike is not None:
            return self.actor.compare(requirement, fenced, [unlike], why)
        right = "the fold of what is pending"
        return self.actor.ctx.check(requirement, good=True, expected=right, seen=right, why=why)

    def unlike(self, report: Report) -> Unlike | None:
        """Where the view of a report is none of those that are right."""
        if report.view is None:
            return Unlike("view", "what is shown", "null")
        pending = [(one, self._as_pending(one)) for one in self.pending]
        optional = [found for one, found in pending if one.optional]
        views = allowed(self._slices(report), [one for _, one in pending], self._here, optional)
        found = first_unlike(views, report.view)
        return None if found is None else Unlike(found.where, found.expected, found.seen)

    def _as_pending(self, item: Item) -> Pending:
        return Pending(item.deed.type, item.deed.data, self.id_of(item))

    @property
    def _here(self) -> Here:
        limits = self.actor.served.limits if self.is_served else None
        return Here(self.actor.user_id, limits)

    def _slices(self, report: Report) -> Mapping[str, Slice]:
        if self.place is not None:
            return self.place.slices
        if self.is_served:
            return self.actor.served.slices
        # A client may be fixed in the kinds that it opens.
        return {kind: empty_slice(kind) for kind in report.slices or report.view or {}}

    def _is_there(self, report: Report) -> bool:
        if not self.is_served:
            return report.position is None
        served = self.actor.served
        head = served.position.head if self.place is None else self.place.head
        return report.session_id == served.session_id and report.head == head

    def _is_right(self, report: Report) -> bool:
        # Some looks are at the view alone.
        slices = report.slices or self._slices(report)
        sound = self._is_there(report) and not in_slices(self._slices(report), slices)
        return sound and self.unlike(report) is None

    async def _there(self) -> Fenced:
        """A report of the place where the client has to be."""
        fenced = await self.actor.fenced()
        if not self._is_there(fenced.report):
            await self.actor.reported(self._is_there, within_s=WITHIN_S)
            fenced = await self.actor.fenced()
        if not self._is_there(fenced.report):
            raise Prerequisite("the client has not come to where its server is")
        return fenced

    async def _spoilt(self, report: Report) -> Unlike | None:
        """What of the slices is wrong because something was folded into them; None where all is right.

        Prerequisite where they are wrong, and it need not be for that: others judge it then.
        """
        wrong = in_slices(self._slices(report), report.slices)
        if not wrong or await self._is_of_its_own(report):
            return wrong[0] if wrong else None
        raise Prerequisite(f"the client does not hold what it was served: {wrong[0]}")

    async def _is_of_its_own(self, report: Report) -> bool:
        """Whether what is wrong in the slices comes of the actions of the user."""
        own = {LOCAL + id_ for one in self.items if (id_ := self.id_of(one)) is not None}
        if not self.is_served or own & ids_in(report.slices):
            return True
        if self.place is not None or not self.pending:
            return False
        # A state puts everything right that has come of the stream.
        for kind in self.actor.served.kinds:
            self.actor.puppet.state(self.actor.served, kind)
        again = (await self._there()).report
        return bool(in_slices(self._slices(again), again.slices))

"""Draws programs: what a target offers is done by several users in many sessions, in any order.

Written by hand rather than with hypothesis: a program is drawn in a millisecond where its engine takes
tens, the weights follow what has happened seldom, and the same seed gives the same program whatever
version of a library is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.bends import REQUESTS, bends
from omnisession_conformance.roles.server.generation.hand import WITHIN, Hand
from omnisession_conformance.roles.server.generation.motifs import motif
from omnisession_conformance.roles.server.generation.near_users import draw_way
from omnisession_conformance.roles.server.generation.offering import KINDS, MOST_LIVE, ROLES
from omnisession_conformance.roles.server.generation.sketch import SessionS
from omnisession_conformance.roles.server.generation.words import ASKED, PLACES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from random import Random

    from omnisession_conformance.roles.server.generation.offering import Offer

SHORT = (("heartbeat_ms", 200), ("resume_window_ms", 1_000))
SESSIONS = (6, 8)
TYPED_MS = 1_750
"""Behind the end of a session this is enough for what somebody typed before to be over."""
IN_FLIGHT = (3, 8)
OTHERS = {
    "copy": 5.0,
    "ask": 4.0,
    "sync": 1.5,
    "resume": 2.5,
    "reopen": 1.5,
    "open": 1.5,
    "close": 1.2,
    "swap": 1.0,
    "row": 1.4,
    "flight": 4.0,
    "bend": 2.5,
}
ACTIONS = 22.0
FEW_MOTIFS, MANY_MOTIFS = 0.02, 0.22
"""The share of motifs in programs of every run, and where there is time."""
LOOK_AFTER = (2, 5)
DISTURB_AFTER = (4, 9)
LEFT_OUT = 0.15
"""So many rows lack an action at first."""
RESTART_OF = 0.2
"""So many disturbances are restarts: what was before one is of no use to what comes behind it."""


@dataclass(slots=True)
class Drawer:
    """Draws one program after the other."""

    rng: Random
    offer: Offer
    seen: Counter[str] | None = None
    """What has happened so far: what is rare is drawn more often."""
    pairs: Counter[tuple[str, str]] | None = None
    """The same of one thing behind another."""
    texts: tuple[str, ...] = ()
    """Texts that are given beside those of the kit."""
    motifs: float = FEW_MOTIFS
    """Of how many steps that are drawn a motif comes instead, against all of them."""
    _due: list[s.Step] = field(default_factory=list[s.Step])
    """What of a motif is still to come."""
    hand: Hand = field(init=False)

    def __post_init__(self) -> None:
        self.hand = Hand(self.rng, self.offer, self.seen, self.pairs, self.texts)

    def program(self, length: int, *, expiring: bool = False, disturbed: bool = False) -> s.Program:
        """A program with so many steps behind its first opens.

        In a `disturbed` one wires fail and the server is started again, as far as the offer has it.
        """
        self.hand.begin()
        roles = ROLES if self.rng.random() < 0.8 else tuple(self.rng.sample(ROLES, 4))
        self.hand.sketch.roles = roles
        steps: list[s.Step] = list(self._opens())
        if expiring:
            steps += self._expiring()
        left = self.rng.randint(*LOOK_AFTER)
        quiet = self.rng.randint(*DISTURB_AFTER)
        while len(steps) < length or self._due:
            quiet -= 1
            disturbs = disturbed and quiet <= 0 and not self._due
            step = self._disturbance() if disturbs else self._step()
            if disturbs:
                quiet = self.rng.randint(*DISTURB_AFTER)
            if step is None:
                continue
            if isinstance(step, s.Look) and isinstance(steps[-1], s.Look):
                continue
            steps.append(step)
            # A motif looks where there is something to be seen.
            left -= not self._due
            if isinstance(step, s.Flight):
                left = self.rng.randint(*LOOK_AFTER)
            elif left <= 0:
                steps.append(s.Look())
                self.hand.last = s.rule_of(steps[-1])
                left = self.rng.randint(*LOOK_AFTER)
        if expiring:
            steps += self._typed()
            steps += self._expiry()
        near = self.offer.mints and self.rng.random() < 2 * self.motifs
        return s.Program(roles, tuple(steps), draw_way(self.rng) if near else "")

    # -- sessions --------------------------------------------------------------------------------------

    def _opens(self) -> list[s.Step]:
        count = self.rng.randint(*SESSIONS)
        users = [0, 1, 2, 3, 0, 1, *(self.rng.randrange(4) for _ in range(count - 6))]
        return [self.hand.open(user, everything=at < 3) for at, user in enumerate(users)]

    def _expiring(self) -> list[s.Step]:
        """A session with a short window, and one of its user that sees it end."""
        kinds = tuple(kind for kind in KINDS if kind in self.offer.kinds)
        name, other = self.hand.sketch.label("s"), self.hand.sketch.label("s")
        self.hand.sketch.sessions.append(SessionS(other, 0, kinds))
        self.hand.sketch.sessions.append(SessionS(name, 0, kinds, short=True))
        return [
            s.Open(other, 0, kinds, self.offer.features),
            s.Open(name, 0, kinds, (), SHORT),
        ]

    def _typed(self) -> list[s.Step]:
        """A user who types for a short while, and is seen to type."""
        chats = [one for one in self.hand.sketch.live() if "chat" in one.kinds and not one.short]
        if "chat.typing" not in self.offer.actions or not chats:
            return []
        give = (("active", "true"), ("ttl_ms", "ms 200"))
        name = self.hand.sketch.label("x")
        return [s.Act(name, chats[-1].name, "chat.typing", give=give)]

    def _expiry(self) -> list[s.Step]:
        short = [one for one in self.hand.sketch.live() if one.short]
        steps: list[s.Step] = [s.Expire(one.name) for one in short]
        if "chat" in self.offer.kinds:
            steps.append(s.Rest(TYPED_MS))
        return [*steps, s.Look(), *(s.Ask(one.name, "ended") for one in short)]

    # -- one step --------------------------------------------------------------------------------------

    def _step(self) -> s.Step | None:
        if not self._due and self.rng.random() < self.motifs:
            self._due = motif(self.hand, slow=self.motifs >= MANY_MOTIFS)
        if self._due:
            step = self._due.pop(0)
            self.hand.last = s.rule_of(step)
            return step
        names = ["act", *OTHERS]
        weights = [
            self.hand.weight("act", ACTIONS),
            *(self.hand.weight(name, usual) for name, usual in OTHERS.items()),
        ]
        how = self.rng.choices(names, weights)[0]
        make: dict[str, Callable[[], s.Step | None]] = {
            "act": self._any_act,
            "copy": self._copy,
            "ask": self._ask,
            "sync": self._sync,
            "resume": self._resume,
            "reopen": self._reopen,
            "open": self._more,
            "close": self._close,
            "swap": self._swap,
            "row": self._row,
            "flight": self._flight,
            "bend": self._bend,
        }
        step = make[how]()
        if step is not None:
            self.hand.last = s.rule_of(step)
        return step

    def _any_act(self) -> s.Act | None:
        session = self.hand.session()
        return None if session is None else self.hand.act(session)

    # -- the other steps -------------------------------------------------------------------------------

    def _copy(self) -> s.Copy | None:
        if not self.hand.sketch.acts:
            return None
        acts = self.hand.sketch.acts[-12:] if self.rng.random() < 0.7 else self.hand.sketch.acts
        of, session, _ = self.rng.choice(acts)
        user = self.hand.sketch.user_of(session)
        number = self.rng.choices((s.SAME, s.NEXT, s.AHEAD), (4, 5, 1))[0]
        change = self.rng.random() < 0.3
        if self.pairs is not None and self.rng.random() < 0.5:
            rule = self.hand.rare(WITHIN["copy"], "{}")
            number, change = rule.rpartition(" ")[2], rule.startswith("changed")
        if number != s.SAME:
            others = [one.name for one in self.hand.sketch.live() if one.user == user]
            if not others:
                return None
            session = self.rng.choice(others)
        shared = self.rng.random() < 0.3
        return s.Copy(of, session, number, change, shared)

    def _ask(self) -> s.Ask | None:
        over = self.hand.sketch.over()
        if over and self.rng.random() < 0.5:
            return s.Ask(self.rng.choice(over).name, "ended")
        how = self.hand.rare([one for one in ASKED if one != "ended"], "ask {}")
        live = self.hand.sketch.live()
        return s.Ask(self.rng.choice(live).name, how) if live else None

    def _bend(self) -> s.Bend | s.Act | None:
        """A request or an action with one change by its schema."""
        live = self.hand.sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        if self.rng.random() < 0.35:
            type_ = self.rng.choice(REQUESTS)
            return s.Bend(session.name, type_, self.rng.choice(bends(type_)))
        act = self.hand.act(session)
        if s.is_unlisted(act.type) or act.number != s.NEXT or act.silent:
            return None
        return replace(
            act, bend=self.rng.choice(bends(act.type, shared=act.shared)), id_of="", form=""
        )

    def _sync(self) -> s.Sync | None:
        session = self.hand.session()
        if session is None:
            return None
        kinds = [kind for kind in session.kinds if self.rng.random() < 0.5]
        self.rng.shuffle(kinds)
        return s.Sync(session.name, tuple(kinds))

    def _resume(self) -> s.Resume | None:
        session = self.hand.session()
        return (
            None
            if session is None
            else s.Resume(session.name, self.hand.rare((*PLACES, "head"), "resume {}"))
        )

    def _reopen(self) -> s.Reopen | None:
        session = self.hand.session()
        if session is None:
            return None
        kinds = [kind for kind in KINDS if kind in self.offer.kinds] or list(self.offer.kinds)
        self.rng.shuffle(kinds)
        kinds = kinds[: self.rng.randint(1, len(kinds))]
        power = self.offer.mints and self.rng.random() < 0.3
        features = [f for f in self.offer.features if self.rng.random() < 0.5]
        return s.Reopen(session.name, tuple(kinds), tuple(features), power)

    def _more(self) -> s.Open | None:
        if len(self.hand.sketch.live()) >= MOST_LIVE:
            return None
        return self.hand.open(self.rng.randrange(4))

    def _close(self) -> s.Close | None:
        live = [one for one in self.hand.sketch.live() if not one.short]
        if len(live) < 5:
            return None
        session = self.rng.choice(live)
        session.live = False
        return s.Close(session.name)

    def _swap(self) -> s.Swap | None:
        live = self.hand.sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        first, second = self.hand.act(session), self.hand.act(session)
        if first.number != s.NEXT or second.number != s.NEXT:
            return None
        return s.Swap(first, second)

    def _row(self) -> s.Row | None:
        """Some actions of one session in any order but that of their numbers."""
        live = self.hand.sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        acts = tuple(self.hand.act(session) for _ in range(self.rng.randint(3, 4)))
        if any(act.number != s.NEXT for act in acts):
            return None
        order = list(range(len(acts)))
        while order == sorted(order):
            self.rng.shuffle(order)
        if self.motifs >= MANY_MOTIFS and self.rng.random() < LEFT_OUT:
            # It is asked for by a number, and is sent then.
            order.remove(1)
        return s.Row(acts, tuple(order))

    def _twin(self, act: s.Act, session: SessionS) -> s.Copy:
        """A copy of an action that is in flight as well."""
        others = [
            one.name
            for one in self.hand.sketch.live()
            if one.user == session.user and one is not session
        ]
        if others and self.rng.random() < 0.5:
            return s.Copy(act.name, self.rng.choice(others), s.NEXT)
        return s.Copy(act.name, session.name, s.SAME)

    def _flight(self) -> s.Flight | None:
        live = self.hand.sketch.live()
        self.rng.shuffle(live)
        acts: list[s.Act | s.Copy] = []
        for session in live[: self.rng.randint(*IN_FLIGHT)]:
            act = self.hand.act(session)
            acts.append(act)
            if act.number == s.NEXT and self.rng.random() < 0.15:
                acts.append(self._twin(act, session))
        return s.Flight(tuple(acts)) if acts else None

    # -- what disturbs ---------------------------------------------------------------------------------

    def _disturbance(self) -> s.Step | None:
        """A wire that fails, or a restart."""
        breaks = self.offer.breaks
        if self.offer.restarts and (not breaks or self.rng.random() < RESTART_OF):
            how = self.hand.rare((s.STOP, s.KILL), "restart by {}")
            step: s.Step = s.Restart(how, self._at_once())
            self.hand.sketch.forget()
        elif breaks:
            ways = [f"{how} of {side}" for how, side in breaks]
            how, side = breaks[ways.index(self.hand.rare(ways, "break {}"))]
            acts = self._at_once()
            step = s.Break(how, acts, self.rng.randint(0, len(acts)), side)
        else:
            return None
        self.hand.last = s.rule_of(step)
        return step

    def _at_once(self) -> tuple[s.Act | s.Copy, ...]:
        flight = self._flight()
        return () if flight is None else flight.acts

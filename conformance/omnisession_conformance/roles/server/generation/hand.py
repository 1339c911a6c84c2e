"""Draws one action: whose it is, what it is about, and under which number and id it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.vocabulary.words import OF_TYPES
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.giving import Giver
from omnisession_conformance.roles.server.generation.near_ids import FORMS, LONGER, NEAR
from omnisession_conformance.roles.server.generation.offering import (
    KINDS,
    LETTERS,
    NEW,
    PREFIX,
    TIMERS,
    TYPES,
)
from omnisession_conformance.roles.server.generation.sketch import SessionS, Sketch, ThingS
from omnisession_conformance.roles.server.generation.words import ASKED, PLACES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from random import Random

    from omnisession_conformance.roles.server.generation.offering import Offer

WITHIN: dict[str, tuple[str, ...]] = {
    "act": tuple(TYPES),
    "ask": tuple(f"ask {how}" for how in ASKED),
    "resume": tuple(f"resume {place}" for place in PLACES),
    "copy": tuple(
        f"{how} {number}"
        for how in ("copy", "changed copy")
        for number in (s.SAME, s.NEXT, s.AHEAD)
    ),
    "bend": ("bend", "bent action"),
}
"""What the others are counted as, where it is not their own name."""
FAR_OFTEN = (0.1, 0.1, 0.2)
"""How often an action is far ahead of the count, where thirty are the next one."""
ALIKE_OF = 0.05
"""So many sessions have rights that look like others, and so many the id of another user's."""
MISSED = 30.0
"""What weighs what has never happened behind what was last: more than all that is drawn often."""


@dataclass(slots=True)
class Hand:
    """What programs are drawn with: chance, what is offered, and what the program has so far."""

    rng: Random
    offer: Offer
    seen: Counter[str] | None = None
    """What has happened so far: what is rare is drawn more often."""
    pairs: Counter[tuple[str, str]] | None = None
    """The same of one thing behind another."""
    texts: tuple[str, ...] = ()
    """Texts that are given beside those of the kit."""
    last: str = ""
    """What the last step is counted as."""
    sketch: Sketch = field(default_factory=Sketch)
    giver: Giver = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin another program."""
        self.sketch = Sketch()
        self.giver = Giver(self.rng, self.texts, self.sketch.things["url"])

    def actor(self) -> SessionS | None:
        """A live session of a user who may create, with many kinds rather than few."""
        live = [one for one in self.sketch.live() if not one.short and not self._reads(one.user)]
        self.rng.shuffle(live)
        return max(live[:2], key=lambda one: len(one.kinds), default=None)

    def _reads(self, user: int) -> bool:
        return self.sketch.roles[user : user + 1] == ("reader",)

    def mate(self, session: SessionS) -> SessionS | None:
        """Another live session of the same user."""
        live = [one for one in self.sketch.live() if one.user == session.user and not one.short]
        return self.rng.choice([one for one in live if one is not session] or [None])

    def writers(self) -> list[int]:
        """The users who may create."""
        users = range(len(self.sketch.roles))
        return [user for user in users if not self._reads(user)] or [0]

    def _open_like(self, opened: s.Open) -> s.Open:
        """The same with a token, or under an id, that is nearly that of another."""
        roll = self.rng.random()
        others = [one.name for one in self.sketch.live() if one.user != opened.user]
        if roll < ALIKE_OF and self.offer.mints:
            return replace(opened, alike=True, power=False)
        if roll > 1 - ALIKE_OF and others:
            return replace(opened, same=self.rng.choice(others))
        return opened

    def open(
        self,
        user: int,
        *,
        everything: bool = False,
        timers: tuple[tuple[str, int], ...] | None = None,
    ) -> s.Open:
        """A user opens another session, with some kinds or all of them."""
        kinds = [kind for kind in KINDS if kind in self.offer.kinds] or list(self.offer.kinds)
        self.rng.shuffle(kinds)
        if not everything and self.rng.random() < 0.6:
            kinds = kinds[: self.rng.randint(1, len(kinds))]
        features = [f for f in self.offer.features if self.rng.random() < 0.5]
        power = self.offer.mints and self.rng.random() < 0.12
        name = self.sketch.label("s")
        self.sketch.sessions.append(SessionS(name, user, tuple(kinds)))
        drawn = self.rng.choice(TIMERS)
        opened = s.Open(
            name, user, tuple(kinds), tuple(features), drawn if timers is None else timers, power
        )
        return self._open_like(opened)

    def session(self) -> SessionS | None:
        """A session that acts, mostly a live one."""
        live = self.sketch.live()
        over = self.sketch.over()
        if over and self.rng.random() < 0.03:
            return self.rng.choice(over)
        busy = [one for one in live if one.selected]
        if busy and self.rng.random() < 0.3:
            # What a session looks at shows more of what comes of actions.
            return self.rng.choice(busy)
        return self.rng.choice(live) if live else None

    def types(self) -> tuple[list[str], list[float]]:
        """The types of actions, each with its weight."""
        types = [t for t in TYPES if t in self.offer.actions or s.is_unlisted(t)]
        return types, [self.weight(t, TYPES[t]) for t in types]

    def weight(self, rule: str, usual: float) -> float:
        """How often something is drawn, by what has happened so far."""
        if self.seen is None or self.pairs is None:
            return usual
        most = max(self.seen.values(), default=1)
        rare = 3 * (1 - self.seen[rule] / max(1, most)) if rule in self.seen else 0
        rules = WITHIN.get(rule, (rule,))
        never = sum(1 for one in rules if not self.pairs[self.last, one]) / len(rules)
        return usual * (1 + rare) + MISSED * never

    def rare(self, options: Sequence[str], rule: str) -> str:
        """One of some options, rather one that has not happened behind what was last."""
        if self.pairs is not None and self.rng.random() < 0.8:
            pairs = self.pairs
            unseen = [one for one in options if not pairs[self.last, rule.format(one)]]
            options = unseen or options
            if self.seen is not None:
                seen = self.seen
                options = sorted(options, key=lambda one: seen[rule.format(one)])[:4]
        return self.rng.choice(options)

    def act(self, session: SessionS) -> s.Act:
        """An action of a session."""
        types, weights = self.types()
        if session.selected and "article.select" in types:
            # Another selection, or none, is of use to a session that has one.
            weights[types.index("article.select")] *= 4
        type_ = self.rng.choices(types, weights)[0]
        if type_ == s.UNLISTED and self.rng.random() < 0.7:
            type_ = self.rng.choice(
                (*OF_TYPES, *(t.upper() for t in types), *map(str.title, types))
            )
        name = self.sketch.label(LETTERS.get(type_, "x"))
        on = self._target(type_, session)
        give = self.giver.of(type_)
        expect = ""
        if type_.startswith("article.") and on and self.rng.random() < 0.25:
            expect = self.rng.choice((s.RIGHT, s.RIGHT, s.WRONG))
            if type_ == "article.update" and self.rng.random() < 0.2:
                # What changes nothing is refused all the same where it expects another revision.
                give = ()
        elif not (on and type_.startswith("article.")) and self.rng.random() < 0.05:
            expect = s.IGNORED
        shared = type_ in ("chat.send", "article.edit_start") and self.rng.random() < 0.4
        number = self.rng.choices((s.NEXT, s.USED, s.AHEAD, *s.FAR), (30, 1, 0.8, *FAR_OFTEN))[0]
        silent = self.rng.random() < 0.04
        id_of = self._another(session) if self.rng.random() < 0.06 else ""
        near = ""
        if not id_of and self.sketch.acts and self.rng.random() < 0.08:
            id_of, near = self.rng.choice(self.sketch.acts[-6:])[0], self.rng.choice(NEAR)
        act = s.Act(
            name, session.name, type_, on, give, expect, shared, number, id_of, near, silent
        )
        if not id_of and self.rng.random() < 0.02:
            act = replace(act, form=self.rng.choice([f for f in FORMS if not f.startswith(LONGER)]))
        if number == s.NEXT and session.live:
            self.note(act, session)
        return act

    def _another(self, session: SessionS) -> str:
        """An action of another user."""
        others = [
            name
            for name, by, _ in self.sketch.acts[-20:]
            if self.sketch.user_of(by) != session.user
        ]
        return self.rng.choice(others) if others else ""

    def note(self, act: s.Act, session: SessionS) -> None:
        """Remember what an action has made, as far as it will."""
        bad = any(spec.startswith(("bad", "huge", "taken")) for _, spec in act.give)
        self.sketch.acts.append((act.name, session.name, act.type))
        if bad:
            return
        letter = LETTERS.get(act.type)
        if letter is not None:
            self.sketch.things[PREFIX[letter]].append(ThingS(act.name, session.user))
        thing = self._thing(act.on)
        if thing is not None and act.type.endswith(".delete"):
            thing.gone = thing.gone or self.rng.random() < 0.7
        if act.type == "article.edit_start" and thing is not None:
            self.sketch.edited.append((act.on, session.user))
        if act.type == "article.select":
            session.selected = act.on not in (s.NOTHING, s.MISSING)
        if thing is not None and act.type == "article.publish":
            thing.published = True

    def _thing(self, label: str) -> ThingS | None:
        things = (thing for some in self.sketch.things.values() for thing in some)
        return next((thing for thing in things if thing.label == label), None)

    def _target(self, type_: str, session: SessionS) -> str:
        """The label of what an action is about."""
        if type_.partition(".")[0] not in self.sketch.things or type_ in NEW:
            return s.NOTHING
        if type_ == "article.select":
            if self.rng.random() < (0.4 if session.selected else 0.08):
                return s.NOTHING
        elif type_.startswith("article.edit_") and self.rng.random() < 0.55:
            mine = [label for label, user in self.sketch.edited if user == session.user]
            if mine:
                return self.rng.choice(mine[-3:])
        return self._of_things(self.sketch.things[type_.partition(".")[0]], session)

    def _of_things(self, things: list[ThingS], session: SessionS) -> str:
        roll = self.rng.random()
        if roll < 0.05 or not things:
            return s.MISSING
        mine = [t for t in things if t.user == session.user and not t.gone]
        # Of drafts of others few are tried: all that comes of it is the same refusal.
        there = [t for t in things if not t.gone and (t.published or self.rng.random() < 0.4)]
        if mine and roll < 0.6:
            return self.rng.choice(mine[-4:]).label
        if there and roll < 0.93:
            return self.rng.choice(there[-6:]).label
        return self.rng.choice(things).label

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
from omnisession_conformance.roles.server.generation.near_ids import NEAR
from omnisession_conformance.roles.server.generation.sketch import SessionS, Sketch, ThingS
from omnisession_conformance.roles.server.generation.values import HARD, UNKNOWN
from omnisession_conformance.roles.server.generation.words import ASKED, PLACES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence
    from random import Random

ROLES = ("author", "author", "editor", "reader")
KINDS = ("articles", "chat", "url", "user")
TIMERS: tuple[tuple[tuple[str, int], ...], ...] = (
    (),
    (("gap_ms", 40),),
    (("gap_ms", 0),),
    (("coalesce_ms", 0), ("gap_ms", 40)),
    (("coalesce_ms", 1_000), ("gap_ms", 60)),
    (("heartbeat_ms", 200), ("gap_ms", 40)),
)
"""Mostly with short gaps: each that is not closed is waited for."""
SHORT = (("heartbeat_ms", 200), ("resume_window_ms", 1_000))
SESSIONS = (6, 8)
MOST_LIVE = 9
TYPED_MS = 1_750
"""Behind the end of a session this is enough for what somebody typed before to be over."""
IN_FLIGHT = (3, 8)
TYPES = {
    "session.noop": 1.0,
    "article.create": 4.0,
    "article.update": 5.0,
    "article.delete": 1.2,
    "article.publish": 2.5,
    "article.edit_start": 3.0,
    "article.edit_end": 2.0,
    "article.select": 3.5,
    "chat.send": 4.0,
    "chat.edit": 2.5,
    "chat.delete": 1.5,
    "chat.typing": 3.0,
    "url.create": 3.0,
    "url.update": 3.5,
    "url.delete": 1.2,
    "user.update": 2.5,
    "x-none.do_thing": 0.4,
}
"""How often an action of each type is drawn, against each other."""
OF_CREATE = ("title", "slug", "subtitle", "leading", "content", "tags")
NEW = ("article.create", "chat.send", "chat.typing", "url.create")
"""Types that are about nothing that is there."""
LETTERS = {"article.create": "a", "chat.send": "m", "url.create": "u"}
PREFIX = {"a": "article", "m": "chat", "u": "url"}
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
MISSED = 30.0
"""What weighs what has never happened behind what was last: more than all that is drawn often."""
ACTIONS = 22.0
LOOK_AFTER = (2, 5)
DISTURB_AFTER = (4, 9)
RESTART_OF = 0.2
"""So many disturbances are restarts: what was before one is of no use to what comes behind it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a target offers to a program."""

    kinds: tuple[str, ...]
    features: tuple[str, ...]
    actions: frozenset[str]
    mints: bool = True
    breaks: tuple[tuple[str, str], ...] = ()
    """The ways in which a wire can fail: how, and whose."""
    restarts: bool = False
    """Whether the server can be ended and started again."""


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
    _last: str = ""
    _sketch: Sketch = field(default_factory=Sketch)

    def program(self, length: int, *, expiring: bool = False, disturbed: bool = False) -> s.Program:
        """A program with so many steps behind its first opens.

        In a `disturbed` one wires fail and the server is started again, as far as the offer has it.
        """
        self._sketch = Sketch()
        roles = ROLES if self.rng.random() < 0.8 else tuple(self.rng.sample(ROLES, 4))
        steps: list[s.Step] = list(self._opens())
        if expiring:
            steps += self._expiring()
        left = self.rng.randint(*LOOK_AFTER)
        quiet = self.rng.randint(*DISTURB_AFTER)
        while len(steps) < length:
            quiet -= 1
            disturbs = disturbed and quiet <= 0
            step = self._disturbance() if disturbs else self._step()
            if disturbs:
                quiet = self.rng.randint(*DISTURB_AFTER)
            if step is None:
                continue
            steps.append(step)
            left -= 1
            if isinstance(step, s.Flight):
                left = self.rng.randint(*LOOK_AFTER)
            elif left <= 0:
                steps.append(s.Look())
                self._last = s.rule_of(steps[-1])
                left = self.rng.randint(*LOOK_AFTER)
        if expiring:
            steps += self._typed()
            steps += self._expiry()
        return s.Program(roles, tuple(steps))

    # -- sessions --------------------------------------------------------------------------------------

    def _opens(self) -> list[s.Step]:
        count = self.rng.randint(*SESSIONS)
        users = [0, 1, 2, 3, 0, 1, *(self.rng.randrange(4) for _ in range(count - 6))]
        return [self._open(user, everything=at < 3) for at, user in enumerate(users)]

    def _open(self, user: int, *, everything: bool = False) -> s.Open:
        kinds = [kind for kind in KINDS if kind in self.offer.kinds] or list(self.offer.kinds)
        self.rng.shuffle(kinds)
        if not everything and self.rng.random() < 0.6:
            kinds = kinds[: self.rng.randint(1, len(kinds))]
        features = [f for f in self.offer.features if self.rng.random() < 0.5]
        power = self.offer.mints and self.rng.random() < 0.12
        name = self._sketch.label("s")
        self._sketch.sessions.append(SessionS(name, user, tuple(kinds)))
        timers = self.rng.choice(TIMERS)
        return s.Open(name, user, tuple(kinds), tuple(features), timers, power)

    def _expiring(self) -> list[s.Step]:
        """A session with a short window, and one of its user that sees it end."""
        kinds = tuple(kind for kind in KINDS if kind in self.offer.kinds)
        name, other = self._sketch.label("s"), self._sketch.label("s")
        self._sketch.sessions.append(SessionS(other, 0, kinds))
        self._sketch.sessions.append(SessionS(name, 0, kinds, short=True))
        return [
            s.Open(other, 0, kinds, self.offer.features),
            s.Open(name, 0, kinds, (), SHORT),
        ]

    def _typed(self) -> list[s.Step]:
        """A user who types for a short while, and is seen to type."""
        chats = [one for one in self._sketch.live() if "chat" in one.kinds and not one.short]
        if "chat.typing" not in self.offer.actions or not chats:
            return []
        give = (("active", "true"), ("ttl_ms", "ms 200"))
        name = self._sketch.label("x")
        return [s.Act(name, chats[-1].name, "chat.typing", give=give)]

    def _expiry(self) -> list[s.Step]:
        short = [one for one in self._sketch.live() if one.short]
        steps: list[s.Step] = [s.Expire(one.name) for one in short]
        if "chat" in self.offer.kinds:
            steps.append(s.Rest(TYPED_MS))
        return [*steps, s.Look(), *(s.Ask(one.name, "ended") for one in short)]

    # -- one step --------------------------------------------------------------------------------------

    def _step(self) -> s.Step | None:
        names = ["act", *OTHERS]
        weights = [
            self._weight("act", ACTIONS),
            *(self._weight(name, usual) for name, usual in OTHERS.items()),
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
            self._last = s.rule_of(step)
        return step

    def _session(self) -> SessionS | None:
        live = self._sketch.live()
        over = self._sketch.over()
        if over and self.rng.random() < 0.03:
            return self.rng.choice(over)
        busy = [one for one in live if one.selected]
        if busy and self.rng.random() < 0.3:
            # What a session looks at shows more of what comes of actions.
            return self.rng.choice(busy)
        return self.rng.choice(live) if live else None

    def _any_act(self) -> s.Act | None:
        session = self._session()
        return None if session is None else self._act(session)

    def _types(self) -> tuple[list[str], list[float]]:
        types = [t for t in TYPES if t in self.offer.actions or t.startswith("x-")]
        return types, [self._weight(t, TYPES[t]) for t in types]

    def _weight(self, rule: str, usual: float) -> float:
        if self.seen is None or self.pairs is None:
            return usual
        most = max(self.seen.values(), default=1)
        rare = 3 * (1 - self.seen[rule] / max(1, most)) if rule in self.seen else 0
        rules = WITHIN.get(rule, (rule,))
        never = sum(1 for one in rules if not self.pairs[self._last, one]) / len(rules)
        return usual * (1 + rare) + MISSED * never

    def _rare(self, options: Sequence[str], rule: str) -> str:
        """One of some options, rather one that has not happened behind what was last."""
        if self.pairs is not None and self.rng.random() < 0.8:
            pairs = self.pairs
            unseen = [one for one in options if not pairs[self._last, rule.format(one)]]
            options = unseen or options
            if self.seen is not None:
                seen = self.seen
                options = sorted(options, key=lambda one: seen[rule.format(one)])[:4]
        return self.rng.choice(options)

    def _act(self, session: SessionS) -> s.Act:
        types, weights = self._types()
        if session.selected and "article.select" in types:
            # Another selection, or none, is of use to a session that has one.
            weights[types.index("article.select")] *= 4
        type_ = self.rng.choices(types, weights)[0]
        name = self._sketch.label(LETTERS.get(type_, "x"))
        on = self._target(type_, session)
        give = self._give(type_)
        expect = ""
        if type_.startswith("article.") and on and self.rng.random() < 0.25:
            expect = self.rng.choice((s.RIGHT, s.RIGHT, s.WRONG))
            if type_ == "article.update" and self.rng.random() < 0.2:
                # What changes nothing is refused all the same where it expects another revision.
                give = ()
        shared = type_ in ("chat.send", "article.edit_start") and self.rng.random() < 0.4
        number = self.rng.choices((s.NEXT, s.USED, s.AHEAD), (30, 1, 1))[0]
        silent = self.rng.random() < 0.04
        id_of = self._another(session) if self.rng.random() < 0.06 else ""
        near = ""
        if not id_of and self._sketch.acts and self.rng.random() < 0.08:
            id_of, near = self.rng.choice(self._sketch.acts[-6:])[0], self.rng.choice(NEAR)
        act = s.Act(
            name, session.name, type_, on, give, expect, shared, number, id_of, near, silent
        )
        if number == s.NEXT and session.live:
            self._note(act, session)
        return act

    def _another(self, session: SessionS) -> str:
        """An action of another user."""
        others = [
            name
            for name, by, _ in self._sketch.acts[-20:]
            if self._sketch.user_of(by) != session.user
        ]
        return self.rng.choice(others) if others else ""

    def _note(self, act: s.Act, session: SessionS) -> None:
        """Remember what an action has made, as far as it will."""
        bad = any(spec.startswith(("bad", "huge", "taken")) for _, spec in act.give)
        self._sketch.acts.append((act.name, session.name, act.type))
        if bad:
            return
        letter = LETTERS.get(act.type)
        if letter is not None:
            self._sketch.things[PREFIX[letter]].append(ThingS(act.name, session.user))
        thing = self._thing(act.on)
        if thing is not None and act.type.endswith(".delete"):
            thing.gone = thing.gone or self.rng.random() < 0.7
        if act.type == "article.edit_start" and thing is not None:
            self._sketch.edited.append((act.on, session.user))
        if act.type == "article.select":
            session.selected = act.on not in (s.NOTHING, s.MISSING)
        if thing is not None and act.type == "article.publish":
            thing.published = True

    def _thing(self, label: str) -> ThingS | None:
        things = (thing for some in self._sketch.things.values() for thing in some)
        return next((thing for thing in things if thing.label == label), None)

    def _target(self, type_: str, session: SessionS) -> str:
        """The label of what an action is about."""
        if type_.partition(".")[0] not in self._sketch.things or type_ in NEW:
            return s.NOTHING
        if type_ == "article.select":
            if self.rng.random() < (0.4 if session.selected else 0.08):
                return s.NOTHING
        elif type_.startswith("article.edit_") and self.rng.random() < 0.55:
            mine = [label for label, user in self._sketch.edited if user == session.user]
            if mine:
                return self.rng.choice(mine[-3:])
        return self._of_things(self._sketch.things[type_.partition(".")[0]], session)

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

    # -- values ----------------------------------------------------------------------------------------

    def _spec(self) -> str:
        if self.texts and self.rng.random() < 0.2:
            return f"text {self.rng.choice(self.texts)}"
        how = self.rng.choices(("plain", "odd", "empty", "bad"), (16, 4, 1, 1))[0]
        return how if how == "empty" else f"{how} {self.rng.randrange(len(HARD))}"

    def _some(self, names: Sequence[str], least: int = 0) -> tuple[tuple[str, str], ...]:
        count = self.rng.randint(least, len(names))
        chosen = sorted(self.rng.sample(names, count), key=names.index)
        return tuple((name, self._spec()) for name in chosen)

    def _give(self, type_: str) -> s.Pairs:
        give: s.Pairs = ()
        if type_ == "article.create":
            give = (("title", self._spec()), *self._some(OF_CREATE[1:]))
        elif type_ == "article.update":
            give = self._some(OF_CREATE)
        elif type_ in ("chat.send", "chat.edit"):
            huge = self.rng.random() < 0.06
            sized = self.rng.choice(("huge", "edge"))
            give = (("content", sized if huge else self._spec()),)
        elif type_ == "chat.typing":
            give = (("active", self.rng.choice(("true", "true", "false", "false", "bad 1"))),)
            if self.rng.random() < 0.3:
                give = (*give, ("ttl_ms", f"ms {self.rng.choice((5_000, 6_000, 60_000))}"))
        elif type_ == "url.create":
            give = (("target_url", self._address()), *self._codes())
        elif type_ == "url.update":
            give = self._url_changes()
        elif type_ == "user.update":
            give = tuple(self._of_user(n, spec) for n, spec in self._some(("username", "email")))
        if give and not type_.endswith("typing") and self.rng.random() < 0.12:
            name = self.rng.choice(UNKNOWN)
            give = (*give, (f"+{name}", f"unknown {self.rng.randrange(5)}"))
        return give

    def _of_user(self, name: str, spec: str) -> tuple[str, str]:
        if self.rng.random() < 0.05:
            return name, "huge"
        # What is looked for in messages to others is nothing that stands in every message.
        return name, "plain 1" if name == "email" and spec.startswith("text") else spec

    def _address(self) -> str:
        how = self.rng.choices(("plain", "odd", "huge", "edge", "bad"), (20, 2, 1, 1, 1))[0]
        return how if how in ("huge", "edge") else f"{how} {self.rng.randrange(len(HARD))}"

    def _codes(self) -> s.Pairs:
        urls = self._sketch.things["url"]
        roll = self.rng.random()
        if urls and roll < 0.2:
            how = self.rng.choice(("taken", "taken", "swapped"))
            return (("short_code", f"{how} {self.rng.choice(urls).label}"),)
        if roll < 0.55:
            return (("short_code", f"plain {self.rng.randrange(40)}"),)
        return (("short_code", f"bad {self.rng.randrange(6)}"),) if roll < 0.58 else ()

    def _url_changes(self) -> s.Pairs:
        give: list[tuple[str, str]] = []
        if self.rng.random() < 0.5:
            give.append(("target_url", self._address()))
        if self.rng.random() < 0.5:
            give += self._codes()
        if self.rng.random() < 0.4:
            give.append(("is_active", self.rng.choice(("true", "false"))))
        return tuple(give)

    # -- the other steps -------------------------------------------------------------------------------

    def _copy(self) -> s.Copy | None:
        if not self._sketch.acts:
            return None
        acts = self._sketch.acts[-12:] if self.rng.random() < 0.7 else self._sketch.acts
        of, session, _ = self.rng.choice(acts)
        user = self._sketch.user_of(session)
        number = self.rng.choices((s.SAME, s.NEXT, s.AHEAD), (4, 5, 1))[0]
        change = self.rng.random() < 0.3
        if self.pairs is not None and self.rng.random() < 0.5:
            rule = self._rare(WITHIN["copy"], "{}")
            number, change = rule.rpartition(" ")[2], rule.startswith("changed")
        if number != s.SAME:
            others = [one.name for one in self._sketch.live() if one.user == user]
            if not others:
                return None
            session = self.rng.choice(others)
        shared = self.rng.random() < 0.3
        return s.Copy(of, session, number, change, shared)

    def _ask(self) -> s.Ask | None:
        over = self._sketch.over()
        if over and self.rng.random() < 0.5:
            return s.Ask(self.rng.choice(over).name, "ended")
        how = self._rare([one for one in ASKED if one != "ended"], "ask {}")
        live = self._sketch.live()
        return s.Ask(self.rng.choice(live).name, how) if live else None

    def _bend(self) -> s.Bend | s.Act | None:
        """A request or an action with one change by its schema."""
        live = self._sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        if self.rng.random() < 0.35:
            type_ = self.rng.choice(REQUESTS)
            return s.Bend(session.name, type_, self.rng.choice(bends(type_)))
        act = self._act(session)
        if act.type.startswith("x-") or act.number != s.NEXT or act.silent:
            return None
        return replace(act, bend=self.rng.choice(bends(act.type, shared=act.shared)), id_of="")

    def _sync(self) -> s.Sync | None:
        session = self._session()
        if session is None:
            return None
        kinds = [kind for kind in session.kinds if self.rng.random() < 0.5]
        self.rng.shuffle(kinds)
        return s.Sync(session.name, tuple(kinds))

    def _resume(self) -> s.Resume | None:
        session = self._session()
        return (
            None
            if session is None
            else s.Resume(session.name, self._rare((*PLACES, "head"), "resume {}"))
        )

    def _reopen(self) -> s.Reopen | None:
        session = self._session()
        if session is None:
            return None
        kinds = [kind for kind in KINDS if kind in self.offer.kinds] or list(self.offer.kinds)
        self.rng.shuffle(kinds)
        kinds = kinds[: self.rng.randint(1, len(kinds))]
        power = self.offer.mints and self.rng.random() < 0.3
        features = [f for f in self.offer.features if self.rng.random() < 0.5]
        return s.Reopen(session.name, tuple(kinds), tuple(features), power)

    def _more(self) -> s.Open | None:
        if len(self._sketch.live()) >= MOST_LIVE:
            return None
        return self._open(self.rng.randrange(4))

    def _close(self) -> s.Close | None:
        live = [one for one in self._sketch.live() if not one.short]
        if len(live) < 5:
            return None
        session = self.rng.choice(live)
        session.live = False
        return s.Close(session.name)

    def _swap(self) -> s.Swap | None:
        live = self._sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        first, second = self._act(session), self._act(session)
        if first.number != s.NEXT or second.number != s.NEXT:
            return None
        return s.Swap(first, second)

    def _row(self) -> s.Row | None:
        """Some actions of one session in any order but that of their numbers."""
        live = self._sketch.live()
        if not live:
            return None
        session = self.rng.choice(live)
        acts = tuple(self._act(session) for _ in range(self.rng.randint(3, 4)))
        if any(act.number != s.NEXT for act in acts):
            return None
        order = list(range(len(acts)))
        while order == sorted(order):
            self.rng.shuffle(order)
        return s.Row(acts, tuple(order))

    def _twin(self, act: s.Act, session: SessionS) -> s.Copy:
        """A copy of an action that is in flight as well."""
        others = [
            one.name
            for one in self._sketch.live()
            if one.user == session.user and one is not session
        ]
        if others and self.rng.random() < 0.5:
            return s.Copy(act.name, self.rng.choice(others), s.NEXT)
        return s.Copy(act.name, session.name, s.SAME)

    def _flight(self) -> s.Flight | None:
        live = self._sketch.live()
        self.rng.shuffle(live)
        acts: list[s.Act | s.Copy] = []
        for session in live[: self.rng.randint(*IN_FLIGHT)]:
            act = self._act(session)
            acts.append(act)
            if act.number == s.NEXT and self.rng.random() < 0.15:
                acts.append(self._twin(act, session))
        return s.Flight(tuple(acts)) if acts else None

    # -- what disturbs ---------------------------------------------------------------------------------

    def _disturbance(self) -> s.Step | None:
        """A wire that fails, or a restart."""
        breaks = self.offer.breaks
        if self.offer.restarts and (not breaks or self.rng.random() < RESTART_OF):
            how = self._rare((s.STOP, s.KILL), "restart by {}")
            step: s.Step = s.Restart(how, self._at_once())
            self._sketch.forget()
        elif breaks:
            ways = [f"{how} of {side}" for how, side in breaks]
            how, side = breaks[ways.index(self._rare(ways, "break {}"))]
            acts = self._at_once()
            step = s.Break(how, acts, self.rng.randint(0, len(acts)), side)
        else:
            return None
        self._last = s.rule_of(step)
        return step

    def _at_once(self) -> tuple[s.Act | s.Copy, ...]:
        flight = self._flight()
        return () if flight is None else flight.acts

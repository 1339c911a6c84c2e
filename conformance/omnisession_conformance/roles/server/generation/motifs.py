"""Motifs: a few steps in a row that mean something together, drawn into programs as one.

A copy of what has been undone since, a refusal of what would have shown, the same done twice: at random
each of them comes together once in hundreds of programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.vocabulary.words import OF_TYPES
from omnisession_conformance.roles.server.generation import steps as s
from omnisession_conformance.roles.server.generation.deeds import (
    Deed,
    Do,
    deed,
    made,
    put,
    small,
    someones,
)
from omnisession_conformance.roles.server.generation.motifs_full import full
from omnisession_conformance.roles.server.generation.motifs_held import (
    held,
    late,
    may_by_then,
    same_ids,
)
from omnisession_conformance.roles.server.generation.motifs_slow import (
    SLOW,
    by_itself,
    comes_back,
    remembered,
    types_again,
)
from omnisession_conformance.roles.server.generation.near_ids import (
    LETTERS,
    LONGER,
    LONGEST,
    NEAR_CODES,
    OF_LENGTHS,
    WORD,
)
from omnisession_conformance.roles.server.generation.offering import MOST_LIVE
from omnisession_conformance.roles.server.generation.twists import (
    ALIKE,
    BACKWARDS,
    BESIDE,
    HEADER,
    NO_EXPECT,
    OF_NUMBERS,
    OTHERS,
    RICH,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omnisession_conformance.roles.server.generation.hand import Hand
    from omnisession_conformance.roles.server.generation.sketch import SessionS

LOOK = s.Look()


def copied(hand: Hand) -> Iterator[s.Step]:
    """What was done is undone, and comes again as a copy: in its session or in another one."""
    if (drawn := someones(hand)) is None:
        return
    session, found = drawn
    yield from found.before
    act = put(hand, session, found.do)
    yield act
    if hand.rng.random() < 0.7:
        yield LOOK
    elsewhere = hand.mate(session)
    where = hand.rng.choice((session, elsewhere or session))
    number = s.NEXT if where is not session or hand.rng.random() < 0.5 else s.SAME
    rest = [put(hand, session, found.undo), s.Copy(act.name, where.name, number)]
    if hand.rng.random() < 0.35:
        # What a copy has begun in its session the first one's does not end.
        rest.reverse()
    yield from rest
    yield LOOK
    yield from later(hand, 0.3, session.user)


def refused(hand: Hand) -> Iterator[s.Step]:
    """What would be seen at once is sent so that it has to be refused."""
    if (drawn := someones(hand)) is None:
        return
    session, found = drawn
    before = found.before or (put(hand, session, Do("session.noop")),)
    yield from before
    if found.do.kind == "article" and hand.rng.random() < 0.5:
        yield put(hand, session, Do("article.publish", before[0].name))
    if found.do.type == "chat.typing" and found.do.give[0][1] == "true":
        yield put(hand, session, found.undo)
    yield LOOK
    ways = ["used", "known", "bad", "other", "over"]
    if found.do.kind == "article":
        ways += ["stale", "stale"]
    yield from _refused(hand, session, found, before, hand.rng.choice(ways))
    yield LOOK
    yield from later(hand, 0.6, session.user)


def _refused(
    hand: Hand, session: SessionS, found: Deed, before: tuple[s.Act, ...], way: str
) -> Iterator[s.Step]:
    do = found.do
    if way == "used":
        used = put(hand, session, do, unsaid=True, number=s.USED)
        yield used
        if hand.rng.random() < 0.5:
            # What was refused for good is not done later.
            yield s.Copy(used.name, session.name, s.NEXT)
    elif way == "known":
        yield put(hand, session, do, unsaid=True, id_of=before[-1].name)
    elif way == "stale":
        yield put(hand, session, do, unsaid=True, expect=hand.rng.choice((s.WRONG, s.SOON)))
    elif way == "over":
        opened = hand.open(session.user)
        closed = hand.sketch.named(opened.name)
        closed.live = False
        yield from (opened, s.Close(closed.name))
        yield put(hand, closed, hand.rng.choice((do, small(hand))), unsaid=True)
    elif way == "other":
        others = [one for one in hand.sketch.live() if one.user != session.user]
        if others:
            yield put(hand, hand.rng.choice(others), do, unsaid=True)
    else:
        number = hand.rng.randrange(6)
        wrong = {name: f"bad {number}" for name, _ in do.give[-1:]} or {"content": "bad 0"}
        give = tuple((name, wrong.get(name, spec)) for name, spec in do.give)
        yield put(hand, session, Do(do.type, do.on, give), unsaid=True)


def twice(hand: Hand) -> Iterator[s.Step]:
    """The same is done twice, by the same user: what it changed already it changes no more."""
    if (drawn := someones(hand)) is None:
        return
    session, found = drawn
    yield from found.before
    yield put(hand, session, found.do)
    yield LOOK
    where = hand.rng.choice((session, hand.mate(session) or session))
    about = found.do.kind == "article" and not found.do.type.endswith("delete")
    expect = hand.rng.choice(("", s.RIGHT, s.WRONG)) if about else ""
    yield put(hand, where, found.do, expect=expect)
    yield LOOK
    yield from later(hand, 0.7, session.user)


def stale(hand: Hand) -> Iterator[s.Step]:
    """What was refused for its revision comes again when the article has another one, or that one."""
    if (drawn := someones(hand, "article.", "article.delete")) is None:
        return
    session, found = drawn
    yield from found.before
    yield LOOK
    expect = hand.rng.choice((s.WRONG, s.SOON, s.SOON))
    refused_one = put(hand, session, found.do, unsaid=True, expect=expect)
    yield refused_one
    on = found.before[0].name
    yield put(hand, session, Do("article.update", on, (("subtitle", hand.giver.fresh()),)))
    where = hand.rng.choice((session, hand.mate(session) or session))
    number = s.NEXT if where is not session or hand.rng.random() < 0.6 else s.SAME
    yield s.Copy(refused_one.name, where.name, number)
    yield LOOK


def busy(hand: Hand) -> Iterator[s.Step]:
    """Several users work on one published article, and one of them, or a reader, does something to it."""
    session = hand.actor()
    if session is None:
        return
    on = made(hand, session, "article.create")
    yield on
    yield put(hand, session, Do("article.publish", on.name))
    others = [one for one in hand.sketch.live() if one.user != session.user]
    chosen = hand.rng.sample(others, min(len(others), 3))
    for one in (session, *chosen):
        yield put(hand, one, Do("article.edit_start", on.name))
        yield put(hand, one, Do("article.select", on.name))
    yield LOOK
    type_ = hand.rng.choice(("article.edit_end", "article.update", "article.delete"))
    one = hand.rng.choice((session, *chosen, *chosen))
    give = (("title", hand.giver.fresh()),) if type_ == "article.update" else ()
    yield put(hand, one, Do(type_, on.name, give), unsaid=True)
    yield LOOK
    yield from later(hand, 0.4, session.user)


def typists(hand: Hand) -> Iterator[s.Step]:
    """Several users type, and one of them stops, says something, or says what is not valid."""
    chats = {one.user: one for one in hand.sketch.live() if "chat" in one.kinds and not one.short}
    if len(chats) < 2 or "chat.typing" not in hand.offer.actions:
        return
    sessions = list(chats.values())
    for one in sessions:
        yield put(hand, one, Do("chat.typing", give=(("active", "true"),)))
    yield LOOK
    one = hand.rng.choice(sessions)
    gives = (
        (("active", "false"),),
        (("active", "bad 1"),),
        (("active", "true"), ("ttl_ms", "bad 1")),
    )
    yield put(hand, one, Do("chat.typing", give=hand.rng.choice(gives)))
    yield LOOK


def codes(hand: Hand) -> Iterator[s.Step]:
    """Codes are given, given up and given again."""
    session = hand.actor()
    if session is None:
        return
    others = [one for one in hand.sketch.live() if one.user != session.user]
    other, new = hand.rng.choice(others or [session]), hand.giver.fresh

    def create(by: SessionS, code: str) -> s.Act:
        return put(hand, by, Do("url.create", give=(("target_url", new()), ("short_code", code))))

    first = made(hand, session, "url.create")
    yield first
    yield put(hand, session, Do("url.update", first.name, (("short_code", new()),)))
    yield create(other, f"taken {first.name}")
    second = create(other, f"had {first.name}")
    yield second
    yield LOOK
    if hand.rng.random() < 0.5:
        yield put(hand, session, Do("url.delete", first.name))
    else:
        changes = (("target_url", new()), ("short_code", f"taken {second.name}"))
        yield put(hand, session, Do("url.update", first.name, changes), unsaid=True)
    yield create(session, f"had {first.name}")
    yield LOOK
    yield from later(hand, 0.5, session.user)


def twists(hand: Hand) -> Iterator[s.Step]:
    """Copies that are written in another way, and others that say a little else."""
    session = hand.actor()
    if session is None:
        return
    found, do = deed(hand, session), small(hand)
    if found is not None and hand.rng.random() < 0.5:
        yield from found.before
        do = found.do
    expect = ""
    if do.kind == "article" and do.on:
        yield LOOK
        expect = hand.rng.choice(("", s.RIGHT))
    rich = (f"+{RICH}", "rich")
    first = put(hand, session, Do(do.type, do.on, (*do.give, rich)), expect=expect)
    yield first
    yield from _twisted(hand, session, first.name)
    if "chat.send" in hand.offer.actions:
        plain = put(
            hand, session, Do("chat.send", give=hand.giver.good("chat.send")[:1]), shared=True
        )
        yield plain
        yield s.Copy(plain.name, session.name, s.SAME, shared=True, twist=BESIDE)
    yield LOOK


def _twisted(hand: Hand, session: SessionS, name: str) -> Iterator[s.Step]:
    """Copies of an action with twists, then one as the action was."""
    where = hand.mate(session) or session
    wanted = [*hand.rng.sample(OTHERS, 6), hand.rng.choice(OF_NUMBERS), HEADER, NO_EXPECT]
    wanted += [BACKWARDS, hand.rng.choice(ALIKE)]
    hand.rng.shuffle(wanted)
    for twist in wanted:
        one = hand.rng.choice((session, session, where))
        number = s.NEXT if one is not session or hand.rng.random() < 0.3 else s.SAME
        yield s.Copy(name, one.name, number, twist=twist)
    yield s.Copy(name, session.name, s.SAME)
    yield s.Copy(name, where.name, s.NEXT)


def ids(hand: Hand) -> Iterator[s.Step]:
    """An id as long as one may be, others that differ from it in one character, and longer ones."""
    session = hand.actor()
    if session is None:
        return
    number = hand.rng.randrange(len(LETTERS))
    form = hand.rng.choice((LONGEST, LONGEST, LONGER))
    first = put(hand, session, small(hand), form=f"{form} {number}")
    yield first
    where = hand.mate(session) or session
    near = hand.rng.sample(OF_LENGTHS, 2)
    if form == LONGER:
        # What a longer one begins with names another action.
        near = [OF_LENGTHS[-1]]
    for what in near:
        yield put(hand, hand.rng.choice((session, where)), small(hand), id_of=first.name, near=what)
    yield s.Copy(first.name, where.name, s.NEXT)
    yield s.Copy(first.name, session.name, s.SAME)
    word = f"{WORD} {hand.rng.randrange(len(OF_TYPES))}"
    yield put(hand, session, small(hand), form=word)
    yield LOOK


def near_code(hand: Hand) -> Iterator[s.Step]:
    """Codes that are near to one another are given to different urls."""
    session = hand.actor()
    if session is None:
        return
    new = hand.giver.fresh
    code = hand.rng.choice((f"long {hand.rng.randrange(1_000)}", new()))
    give = (("target_url", new()), ("short_code", code))
    first = put(hand, session, Do("url.create", give=give))
    yield first
    for number in hand.rng.sample(range(NEAR_CODES), 4):
        by = hand.rng.choice(hand.sketch.live())
        give = (("target_url", new()), ("short_code", f"beside {number} {first.name}"))
        yield put(hand, by, Do("url.create", give=give))
    yield LOOK


def later(hand: Hand, chance: float, user: int = 0) -> Iterator[s.Step]:
    """Somebody comes later, mostly a certain user, or asks again, and is shown the same."""
    if hand.rng.random() >= chance:
        return
    live = hand.sketch.live()
    if len(live) >= MOST_LIVE:
        if live:
            yield s.Sync(hand.rng.choice(live).name)
    else:
        who = user if hand.rng.random() < 0.6 else hand.rng.randrange(3)
        opened = hand.open(who, everything=True)
        yield opened
        yield LOOK
        if hand.rng.random() < 0.7:
            hand.sketch.named(opened.name).live = False
            yield s.Close(opened.name)
    yield LOOK


MOTIFS: tuple[tuple[Callable[[Hand], Iterator[s.Step]], float, tuple[str, ...]], ...] = (
    (copied, 3.0, ()),
    (refused, 6.0, ("session.noop",)),
    (twice, 2.0, ()),
    (stale, 1.5, ("article.create", "article.update")),
    (busy, 1.0, ("article.create", "article.publish", "article.edit_start", "article.select")),
    (typists, 1.0, ("chat.typing",)),
    (twists, 2.0, ("session.noop",)),
    (ids, 1.5, ("session.noop",)),
    (held, 3.0, ("session.noop",)),
    (late, 0.7, ("session.noop",)),
    (may_by_then, 0.5, ("article.create", "article.publish", "article.select")),
    (same_ids, 1.0, ("session.noop",)),
    (remembered, 1.2, ("session.noop",)),
    (comes_back, 0.8, ("session.noop",)),
    (by_itself, 0.7, ()),
    (types_again, 0.5, ("chat.typing",)),
    (near_code, 0.8, ("url.create",)),
    (codes, 1.0, ("url.create", "url.update", "url.delete")),
    (full, 4.0, ("session.noop",)),
)
"""All motifs, how often each is drawn against the others, and the actions that it needs."""


def motif(hand: Hand, *, slow: bool) -> list[s.Step]:
    """The steps of some motif; of one that takes its time only where it may be `slow`."""
    left_out = () if slow else (*SLOW, late, full)
    fitting = (one for one in MOTIFS if one[0] not in left_out)
    if not hand.offer.short:
        fitting = (one for one in fitting if one[0] is not full)
    there = [one for one in fitting if hand.offer.actions.issuperset(one[2])]
    if not there:
        return []
    make = hand.rng.choices([one[0] for one in there], [one[1] for one in there])[0]
    return list(make(hand))

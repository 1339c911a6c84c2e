"""What a client holds is what it was told, to the letter: texts, ids, sizes, and what nobody has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OF_TEXTS
from omnisession_conformance.roles.client.compare import differences
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.puppet.steps import OTHER, change, undoing
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.missing import hold_all, is_core, release
from omnisession_conformance.roles.client.steps.openings import from_now_ms, side_by_side
from omnisession_conformance.roles.client.steps.showing import shows
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.overrides import Held
    from omnisession_conformance.roles.client.puppet.served import Message

WHOLE, REDUCE = "CLI-004", "CLI-025"
TEXTS = frozenset({"title", "content", "username", "target_url"})
ODD = "e\u0301 \u00e9 \ufb01 <b>&amp;</b> %20 \u2028 \t\r\n \\n '\" \u200d\U0001f600 \u00a0 "
"""What is composed or not, means something to a page or an address, or is trimmed."""
NEARLY_ALIKE = (
    ("m-1", "M-1", "1", "01", "1.0", "+1"),
    ("\u00e9", "e\u0301", "a b", "a  b", " a b"),
    ("0", "null", "false", "undefined", "__proto__", "constructor"),
)
"""Ids that are another one each, whatever a client takes them for."""
ENTRIES, LONG, WIDE = 100, 2_000, 20_000
LIMITS = {**DEFAULT_LIMITS, **dict.fromkeys(OF_TEXTS, WIDE)}
"""A server sends nothing that is above its limits, so these are above what is sent here."""
NAMED_BY = ("slug", "short_code")
"""What no two entries of a list share."""
LISTS = {
    "articles": ("articles", "title"),
    "chat": ("messages", "content"),
    "url": ("urls", "target_url"),
}
AN_HOUR_MS = 3_600_000
TAGS = ["b", "A", "b"]
IN_ORDER: dict[str, Object] = {
    "articles": {
        "editors": [
            {"article_id": id_, "user_id": who, "since": AN_HOUR_MS}
            for id_, who in (("B", "b"), ("a", "B"), ("a", "a"))
        ]
    },
    "chat": {"participants": [{"id": id_, "username": id_} for id_ in ("B", "Z", "_", "a", "b")]},
}
"""By code point, as servers list them: upper case stands before lower case."""
LONGER_THAN_TYPING_S = 7.5
FAR = 900_000
"""The longest `ttl_ms` is 6 s; only a server ends it."""


@case(WHOLE)
async def texts_to_the_letter(ctx: Context) -> None:
    """A text of a state is held as it came: not composed, trimmed, escaped or cut."""
    declared = ctx.declared.kinds
    # A client of states alone opens one kind.
    sessions = [declared] if is_core(ctx) else [(kind,) for kind in declared]
    for features in each_way(ctx):
        for kinds in sessions:
            if all_well(ctx):
                await _to_the_letter(ctx, kinds, features)


async def _to_the_letter(ctx: Context, kinds: tuple[str, ...], features: tuple[str, ...]) -> None:
    actor = await ctx.live(kinds, features, terms=Terms(limits=LIMITS))
    for kind in actor.served.kinds:
        actor.step(2, kind=kind)
        message = actor.puppet.state(actor.served, kind, _with_odd_texts(actor, kind))
        why = f"after a state of {kind} with texts that are easily changed"
        if not await shows(actor, WHOLE, why=why, on=message):
            return


def _with_odd_texts(actor: Actor, kind: str) -> Object:
    return {name: _odd(name, value) for name, value in actor.served.slices[kind].items()}


def _odd(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("Object", value)
        return {key: _odd(key, one) for key, one in members.items()}
    if isinstance(value, list):
        return [_odd(name, one) for one in cast("list[Any]", value)]
    if name not in TEXTS or not isinstance(value, str):
        return value
    # A server may take nothing but addresses for one.
    return f"{value}{ODD}" if name == "target_url" else f"{ODD}{value}{ODD}"


@case(WHOLE)
async def lists_to_the_letter(ctx: Context) -> None:
    """A list of a state is held in its order and with what stands in it twice, be it one of tags."""
    kinds = [kind for kind in ctx.declared.kinds if kind in IN_ORDER]
    if not kinds:
        raise NotOffered("it opens no kind with such a list")
    for features in each_way(ctx):
        for kind in kinds:
            actor = await ctx.live((kind,), features)
            actor.step(2, kind=kind)
            slice_ = {**actor.served.slices[kind], **IN_ORDER[kind]}
            if kind == "articles":
                entries = cast("list[Object]", slice_["articles"])
                slice_["articles"] = [{**entry, "tags": TAGS} for entry in entries]
            message = actor.puppet.state(actor.served, kind, slice_)
            why = f"after a state of {kind} with lists that are easily sorted anew"
            if not await shows(actor, WHOLE, why=why, on=message):
                return


@case(WHOLE)
async def session_with_an_end(ctx: Context) -> None:
    """A session whose credential ends at a time is one as any other: its states are shown."""
    for features in each_way(ctx):
        terms = Terms(expires_at=from_now_ms(AN_HOUR_MS))
        actor = await ctx.start(features=features, terms=terms)
        await actor.asks_to_open()
        why = "expires_at of session.opened is in an hour"
        if not await actor.comes_to_the_head(WHOLE, within_s=WITHIN_S, why=why):
            return
        actor.step()
        await actor.holds(WHOLE, why=why)


@case(WHOLE, limit_ms=40_000)
async def large_state(ctx: Context) -> None:
    """A state of some hundred kilobytes is held as any other."""
    kinds = [kind for kind in ctx.declared.kinds if kind in LISTS]
    if not kinds:
        raise NotOffered("it opens no kind with a list of any length")
    for features in each_way(ctx):
        actor = await ctx.live((kinds[0],), features, terms=Terms(limits=LIMITS))
        actor.step()
        list_ = LISTS[kinds[0]][0]
        slice_ = actor.served.slices[kinds[0]]
        entry = cast("list[Object]", slice_[list_])[0]
        many = [{**entry, **_long_one(kinds[0], entry, n)} for n in range(ENTRIES)]
        message = actor.puppet.state(actor.served, kinds[0], {**slice_, list_: many})
        if not await shows(
            actor, WHOLE, why=f"after a state of {ENTRIES} long entries", on=message
        ):
            return


def _long_one(kind: str, entry: Object, number: int) -> Object:
    """What is another one in each entry: its id, its name where it has one, and a long text."""
    named = {name: f"{entry[name]}-{number:03}" for name in NAMED_BY if name in entry}
    begin = "https://example.org/?" if kind == "url" else ""
    return {"id": f"z-{number:03}", **named, LISTS[kind][1]: begin + f"{number}+" * LONG}


@case(WHOLE)
async def earlier_stamps_of_states(ctx: Context) -> None:
    """A state counts by its place, be its timestamp earlier than the last one: clocks are set."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        # Who drops it would get it by a recovery.
        held = hold_all(actor)
        kind = actor.served.kinds[0]
        message = actor.puppet.state(
            actor.served, kind, _with_odd_texts(actor, kind), deliver=False
        )
        message.body["timestamp"] -= AN_HOUR_MS
        actor.puppet.deliver([message])
        why = "after a state whose timestamp is an hour before the last one"
        if not await _holds_at_rest(actor, WHOLE, held, why=why, on=message):
            return


@case(REDUCE, needs=(EVENTS,))
async def earlier_stamps_of_events(ctx: Context) -> None:
    """So does an event."""
    actor = await ctx.live(features=(EVENTS,))
    actor.step()
    await actor.fenced()
    held = hold_all(actor)
    for _ in range(2):
        message = actor.step(deliver=False)
        message.body["timestamp"] -= AN_HOUR_MS
        actor.puppet.deliver([message])
    why = "after events whose timestamps are an hour before the last one"
    await _holds_at_rest(actor, REDUCE, held, why=why)


async def _holds_at_rest(
    actor: Actor,
    requirement: str,
    held: Sequence[Held],
    *,
    why: str,
    on: Message | None = None,
) -> bool:
    """Observe what a client holds; one that recovers, though it need not, has its answer first."""
    await actor.fenced()
    if any(one.asked for one in held):
        release(held)
        if not await actor.comes_to_the_head(requirement, within_s=WITHIN_S, why=why):
            return False
    return await actor.holds(requirement, why=why, on=on)


@case(REDUCE, needs=(EVENTS,), limit_ms=40_000)
async def ids_that_are_nearly_alike(ctx: Context) -> None:
    """Ids that differ in anything name different things, and none has a meaning of its own."""
    for kind in ctx.declared.kinds:
        if all_well(ctx):
            await _nearly_alike(ctx, kind)


async def _nearly_alike(ctx: Context, kind: str) -> None:
    actor = await ctx.live((kind,), (EVENTS,))
    at_ms = actor.served.history[1, 1].body["timestamp"]
    for number, ids in enumerate(NEARLY_ALIKE):
        for place, id_ in enumerate(ids):
            type_, data = change(kind, 100 * number + place, at_ms)
            member, entry = next(iter(data.items()))
            name = "session_id" if kind == "user" else "id"
            actor.puppet.event(actor.served, type_, {member: {**entry, name: id_}})
        why = f"after events about the ids {', '.join(map(repr, ids))}"
        if not await shows(actor, REDUCE, why=why):
            return
        gone, gone_data = undoing(kind, 0)
        for id_ in (ids[0], ids[-1]):
            actor.puppet.event(actor.served, gone, dict.fromkeys(gone_data, id_))
        why = f"{why}, of which {ids[0]!r} and {ids[-1]!r} are gone"
        if not await shows(actor, REDUCE, why=why):
            return


@case(REDUCE, needs=(EVENTS,))
async def event_that_changes_nothing(ctx: Context) -> None:
    """An event about what a session does not hold changes nothing, and has its place as any other."""
    actor = await ctx.live(features=(EVENTS,))
    actor.step()
    await actor.fenced()
    # Who has passed over its place would find a gap behind it.
    held = hold_all(actor)
    type_, data = undoing(actor.served.kinds[0], actor.puppet.steps + 1)
    message = actor.puppet.event(actor.served, type_, data)
    why = f"after a {type_} of something that is not there"
    if await _holds_at_rest(actor, REDUCE, held, why=why, on=message):
        actor.step()
        await _holds_at_rest(actor, REDUCE, held, why=f"{why}, and another event")


@case(REDUCE, needs=(EVENTS, "actions"), limit_ms=40_000)
async def events_of_its_own_actions(ctx: Context) -> None:
    """An event that an own action caused changes the slice as any other: nothing else does."""
    acts = await acting(ctx, (EVENTS,))
    for _ in acts.maker.types:
        _, said = await acts.acted()
        ctx.require(await acts.done(said), "its action is not done here")
        why = f"after the events of its own {said.type}"
        if not await acts.actor.holds(REDUCE, why=why, on=[said]):
            return


@case(REDUCE, needs=(EVENTS,), limit_ms=40_000)
async def events_of_two_sessions(ctx: Context) -> None:
    """A change has one event_id in all sessions that it reaches, and changes each of them."""
    if (await ctx.keeper.client()).hello.room < len(("one", "another")):
        raise NotOffered("it runs one session at a time")
    one = await ctx.live(features=(EVENTS,))
    other = await ctx.live(one.served.kinds, (EVENTS,), beside=one)
    kind, at_ms = one.served.kinds[0], one.served.history[1, 1].body["timestamp"]
    event_id = ctx.draws.text("event")
    type_, data = change(kind, FAR, at_ms)
    for actor in (one, other):
        message = actor.served.event(type_, data, at_ms, event_id=event_id)
        actor.puppet.deliver([message])
        why = "an event has come, whose event_id another session of the program had as well"
        if not await actor.holds(REDUCE, why=why, on=message):
            return


@case(REDUCE, needs=("chat", EVENTS), slow=True, limit_ms=40_000)
async def typing_lasts_until_it_is_told(ctx: Context) -> None:
    """Who types is shown until the server says otherwise: no clock of a client ends it."""
    actor = await ctx.live(("chat",), (EVENTS,))
    typing = {"user_id": OTHER, "active": True}
    message = actor.puppet.happens(actor.served, "chat.typing_changed", typing)
    why = "somebody types, and nobody has said that it is over"
    if not await actor.holds(REDUCE, why=why, on=message):
        return
    await actor.reported(
        lambda now: bool(differences(now, actor.served)), within_s=LONGER_THAN_TYPING_S
    )
    await actor.holds(REDUCE, why=f"{why}, after {LONGER_THAN_TYPING_S} s", on=message)


# -- a later session


MANY = 30
FEWER, MORE = 20, 25
OF_LISTS = {"articles": "articles", "chat": "chat_messages", "url": "urls"}


@case(REDUCE, needs=(EVENTS,), limit_ms=60_000)
async def limits_of_a_later_session(ctx: Context) -> None:
    """A later session may have other limits, and its lists are cut to these."""
    kinds = [kind for kind in ctx.declared.kinds if kind in OF_LISTS]
    if not kinds:
        raise NotOffered("it opens no kind with a list that is cut")
    await side_by_side(ctx, *(lambda kind=kind: _later_limits(ctx, kind) for kind in kinds))


async def _later_limits(ctx: Context, kind: str) -> None:
    name = OF_LISTS[kind]
    usual = Terms()
    first = Terms(limits={**usual.limits, name: FEWER})
    actor = await ctx.live((kind,), (EVENTS,), terms=first)
    actor.puppet.sessions.terms = Terms(limits={**usual.limits, name: MORE})
    await actor.fenced()
    actor.puppet.expire(actor.served)
    actor.gate.cut()
    await actor.opened(within_s=15)
    actor.step(MANY)
    why = f"limits.{name} was {FEWER}, and is {MORE} in the second session"
    await shows(actor, REDUCE, why=why)
    await actor.stop()

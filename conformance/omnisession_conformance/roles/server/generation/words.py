"""What a step does, in words."""

from __future__ import annotations

from dataclasses import fields
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server import breaks
from omnisession_conformance.roles.server.generation import steps as s

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana")
_ASKED = {
    "type": "sends a request of a type that there is not",
    "data": "sends a request whose data is not valid",
    "kind": "asks for a state of a kind that is not open",
    "identity": "sends a request that names another session",
    "never": "pings under an id that was never opened",
    "ended": "asks something though it is over",
    "garbage": "sends bytes that are no JSON",
    "version": "sends a request of another major version",
    "token": "is opened again with a token that nobody signed",
    "act-identity": "sends an action that names another user than its subject",
    "act-foreign": "sends an action for a session of another user",
    "act-never": "sends an action for a session that was never opened",
    "act-garbage": "sends an action that is no JSON",
    "act-form": "sends an action without a number",
}
ASKED = tuple(_ASKED)
"""All that an `Ask` may be."""
_FROM = {
    "head": "its head",
    "start": "its beginning",
    "middle": "somewhere between",
    "ahead": "a position ahead of its head",
    "epoch": "another epoch",
}
PLACES = tuple(_FROM)
"""All that a `Resume` may begin at."""

_BROKEN = {
    breaks.CUT: "is cut",
    breaks.HALF_OPEN: "takes everything and brings nothing on, until it is cut",
    breaks.HOLD: "keeps everything back for a while",
    breaks.DELAY: "is slow",
    breaks.DOUBLED: "is cut, and the broker does not notice at once",
    breaks.NODE: "ends with a node of the broker, which is started again",
    breaks.OUTAGE: "is cut, and not taken up again for a while",
}
_SIDES = {breaks.SERVER: "the server's connection", breaks.CLIENTS: "the clients' connection"}


def user_name(number: int) -> str:
    """What a user of a program is called."""
    return NAMES[number] if number < len(NAMES) else f"user {number}"


def in_words(step: s.Step) -> str:
    """One line that says what a step does."""
    return _words(step)


def users_in_words(program: s.Program) -> str:
    """The users of a program with their roles."""
    users = (f"{user_name(n)} ({role})" for n, role in enumerate(program.users))
    near = f"; their ids are near to one another: {program.ids}" if program.ids else ""
    return f"users: {', '.join(users)}{near}"


def program_in_words(program: s.Program) -> Iterator[str]:
    """The users of a program, then its steps."""
    yield users_in_words(program)
    for number, step in enumerate(program.steps, 1):
        yield f"{number}. {in_words(step)}"


_PLAIN: dict[type[Any], str] = {
    s.Close: "{session} is closed",
    s.Expire: "{session} is left alone until it expires",
    s.Rest: "nothing is done for {ms} ms",
    s.Bend: "{session} sends {type} with {bend}",
    s.Burst: "{session} sends {count} actions without waiting for any: {type}",
    s.Hush: "nothing is asked until all sessions show by themselves what they have to",
    s.Look: "all sessions are pinged, and what they show is compared",
}
"""What is told of steps with their members as they are."""


@singledispatch
def _words(step: s.Step) -> str:
    return _PLAIN[type(step)].format_map({f.name: getattr(step, f.name) for f in fields(step)})


@_words.register
def _(step: s.Open) -> str:
    timers = "".join(f", {name} {value}" for name, value in step.timers)
    power = ", with the right to edit everything" if step.power else ""
    if step.alike:
        power = ", with rights that look like others"
    same = f", under the id of {step.same}" if step.same else ""
    return f"{user_name(step.user)} opens {step.name} with {_listed(step)}{timers}{power}{same}"


@_words.register
def _(step: s.Reopen) -> str:
    power = ", with the right to edit everything" if step.power else ""
    return f"{step.session} is opened again and asks for {_listed(step)}{power}"


def _listed(step: s.Open | s.Reopen) -> str:
    kinds = ", ".join(step.kinds) or "no kind"
    return f"{kinds} ({', '.join(step.features)})" if step.features else kinds


@_words.register
def _(step: s.Resume) -> str:
    return f"{step.session} resumes from {_FROM[step.where]}"


@_words.register
def _(step: s.Ask) -> str:
    return f"{step.session} {_ASKED[step.how]}"


@_words.register
def _(step: s.Sync) -> str:
    return f"{step.session} asks for states of {', '.join(step.kinds) or 'all its kinds'}"


_EXPECTED = {
    s.RIGHT: ", expecting the right revision",
    s.WRONG: ", expecting the wrong revision",
    s.SOON: ", expecting the revision that comes next",
    s.IGNORED: ", expecting a revision of nothing",
}


@_words.register
def _(step: s.Act) -> str:
    on = {s.NOTHING: "", s.MISSING: " on something that never was"}.get(step.on, f" on {step.on}")
    given = ", ".join(f"{name} {value}" for name, value in step.give)
    said = f" ({given})" if given else ""
    expect = _EXPECTED.get(step.expect, "")
    shared = ", on the shared subject" if step.shared else ""
    number = {
        s.USED: ", under a number that was used",
        s.AHEAD: ", under a number ahead of the count",
        **{far: f", under the next number and {by} more" for far, by in s.FAR.items()},
    }.get(step.number, "")
    same = f", under the id of {step.id_of}" if step.id_of else ""
    if step.near:
        same = f", under an id that differs from that of {step.id_of} in {step.near}"
    if step.form:
        same = f", under an id of the form {step.form}"
    silent = ", without a reply subject" if step.silent else ""
    bend = f", with {step.bend}" if step.bend else ""
    what = f"{step.type}{on}{said}{expect}{shared}{number}{same}{silent}{bend}"
    return f"{step.session} sends {step.name}: {what}"


@_words.register
def _(step: s.Copy) -> str:
    what = "another body under the id of" if step.change else "a copy of"
    number = {
        s.SAME: "under the same number",
        s.NEXT: "as its next number",
        s.AHEAD: "ahead of the count",
    }.get(step.number, step.number)
    shared = ", on the shared subject" if step.shared else ""
    twist = f", which differs in {step.twist}" if step.twist else ""
    return f"{step.session} sends {what} {step.of} {number}{shared}{twist}"


@_words.register
def _(step: s.Flight) -> str:
    return "at once: " + "; ".join(in_words(act) for act in step.acts)


@_words.register
def _(step: s.Swap) -> str:
    return (
        f"in the wrong order, the second one first: {in_words(step.first)}; {in_words(step.second)}"
    )


@_words.register
def _(step: s.Break) -> str:
    first, later = (
        "; ".join(in_words(act) for act in acts)
        for acts in (step.acts[: step.before], step.acts[step.before :])
    )
    behind = f" behind: {first}" if first else ""
    then = f"; then: {later}" if later else ""
    return f"{_SIDES[step.side]} {_BROKEN[step.how]}{behind}{then}"


@_words.register
def _(step: s.Restart) -> str:
    sent = "; ".join(in_words(act) for act in step.acts)
    behind = f" behind: {sent}" if sent else ""
    how = "is stopped" if step.how == s.STOP else "is killed"
    return f"the server {how} and started again{behind}"


@_words.register
def _(step: s.Row) -> str:
    acts = "; ".join(in_words(step.acts[at]) for at in step.order if at < len(step.acts))
    numbers = ", ".join(str(at + 1) for at in step.order)
    twice = f"; number {step.again + 1} of them twice" if step.again >= 0 else ""
    rivals = "; ".join(in_words(one) for one in step.rivals)
    beside = f"; under the last number as well: {rivals}" if rivals else ""
    between = "; ".join(in_words(one) for one in step.between)
    while_held = f"; while they wait for the first: {between}" if between else ""
    return f"under numbers in a row, sent in the order {numbers}: {acts}{twice}{beside}{while_held}"

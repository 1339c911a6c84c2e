"""Makes a program that shows something as short as it can: steps are left out as long as it still does.

A plain delta debugging over steps. Each try is a program played on a live target, so what counts is how
few tries there are: the steps of a program name what they build on by labels, and what has lost its ground
is passed over, so that halves can be left out at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.server.generation import steps as s

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Shows = Callable[[s.Program], Awaitable[bool]]


async def shrink(program: s.Program, shows: Shows, *, until: Callable[[], bool]) -> s.Program:
    """A shorter program of which `shows` still says that it does; ends early when `until` says so."""
    program = await _fewer(program, shows, until)
    while True:
        before = program
        for index in reversed(range(len(program.steps))):
            program = await _simpler_at(program, index, shows, until)
        if program == before:
            return program
        # What was in flight may be several steps by now, of which none was tried by itself.
        program = await _fewer(program, shows, until)


async def _fewer(program: s.Program, shows: Shows, until: Callable[[], bool]) -> s.Program:
    size = max(1, len(program.steps) // 2)
    while size:
        left_out = False
        start = len(program.steps)
        # From the end: what stands there builds on what stands before.
        while start > 0:
            if until():
                return program
            first = max(0, start - size)
            rest = program.steps[:first] + program.steps[start:]
            candidate = program.with_steps(rest)
            if rest and await shows(candidate):
                program, left_out = candidate, True
            start = first
        if size == 1 and not left_out:
            return program
        size = size // 2 if size > 1 else (1 if left_out else 0)
    return program


async def _simpler_at(
    program: s.Program, index: int, shows: Shows, until: Callable[[], bool]
) -> s.Program:
    """The program with a simpler step, or some, in a place."""
    tried: set[tuple[s.Step, ...]] = set()
    while True:
        steps = program.steps
        for other in _simpler(steps[index]):
            if until():
                return program
            candidate = program.with_steps((*steps[:index], *other, *steps[index + 1 :]))
            if other not in tried and await shows(candidate):
                program = candidate
                break
            tried.add(other)
        else:
            return program


def _simpler(step: s.Step) -> Iterator[tuple[s.Step, ...]]:
    """What may stand in the place of a step."""
    if isinstance(step, s.Row):
        yield from _simpler_row(step)
    elif isinstance(step, s.Break | s.Restart):
        for act in reversed(step.acts):
            yield (replace(step, acts=tuple(one for one in step.acts if one != act)),)
    elif isinstance(step, s.Flight):
        yield step.acts
        for act in reversed(step.acts if len(step.acts) > 1 else ()):
            yield (s.Flight(tuple(one for one in step.acts if one != act)),)
    elif isinstance(step, s.Act):
        yield from ((one,) for one in _simpler_act(step))
    elif isinstance(step, s.Open):
        yield from ((one,) for one in _simpler_open(step))


def _simpler_row(step: s.Row) -> Iterator[tuple[s.Step, ...]]:
    yield step.acts
    for name, usual in (("again", -1), ("rivals", ()), ("between", ())):
        if getattr(step, name) != usual:
            yield (replace(step, **{name: usual}),)
    for at in reversed(range(len(step.acts) if len(step.acts) > 1 else 0)):
        order = tuple(n - (n > at) for n in step.order if n != at)
        yield (replace(step, acts=step.acts[:at] + step.acts[at + 1 :], order=order),)


def _simpler_act(step: s.Act) -> Iterator[s.Act]:
    for given in step.give:
        yield replace(step, give=tuple(one for one in step.give if one != given))
    for name, usual in _USUAL:
        if getattr(step, name) != usual:
            yield replace(step, **{name: usual})


def _simpler_open(step: s.Open) -> Iterator[s.Open]:
    for name, usual in (("timers", ()), ("features", ()), ("alike", False), ("same", "")):
        if getattr(step, name) != usual:
            yield replace(step, **{name: usual})
    for kind in step.kinds if len(step.kinds) > 1 else ():
        yield replace(step, kinds=tuple(one for one in step.kinds if one != kind))


_USUAL: tuple[tuple[str, Any], ...] = (
    ("shared", False),
    ("expect", ""),
    ("silent", False),
    ("near", ""),
    ("form", ""),
    ("id_of", ""),
)

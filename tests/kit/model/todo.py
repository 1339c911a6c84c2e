"""A made-up kind `todo`: what the kit knows and judges of it once nothing but its declaration is there.

Run as a program, since the kit reads its declarations when it is imported. Prints, as JSON, what each
table holds of the kind, and which requirements each of some broken tapes was found to break.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol import kinds, limits
from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind, Leftover
from omnisession_conformance.protocol.kinds.parts import (
    Entity,
    Entry,
    Key,
    ListOf,
    One,
    Slice,
    entry_in,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[3]
TASK = Entity(members=("id", "text", "due_at"), id=("id",), times=("due_at",))


def task_key(task: Entry) -> Key:
    return (as_text(task.get("id")),)


TASKS = ListOf("tasks", TASK, key=task_key, limit="tasks")


def _added(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    task = entry_in(data, "task", "id")
    return slice_ if task is None else TASKS.put(slice_, task, limits)


def _swept(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    return TASKS.drop(slice_, limits, id=data.get("task_id"))


TODO = Kind(
    name="todo",
    prefix="todo",
    disturbs=-1,
    members=(TASKS, One("next", TASK)),
    events=(
        Event(
            type="todo.added",
            reduce=_added,
            within="task",
            entity=TASK,
            about=("todo", "id"),
            once=True,
            made_at="due_at",
            readers_differ=True,
        ),
        Event(
            type="todo.swept",
            reduce=_swept,
            within="",
            entity=plain("task_id"),
            about=("todo", "task_id"),
            once=False,
            made_at=None,
            readers_differ=True,
            nobody=True,
        ),
    ),
    actions=(
        Action(
            type="todo.add",
            causes=("todo.added",),
            creates=True,
            always=True,
            echoes=("loud",),
            reveals=("todo.swept",),
        ),
        Action(type="todo.remove", causes=(), creates=False, always=False),
    ),
    id_member="task_id",
    leftover=Leftover(delete="todo.remove", seen_after="todo.add"),
    abilities=Abilities(makes="todo.add", alters="todo.remove", shares=("todo.add",)),
)
ANN, BOB = "ann-0001", "bob-0002"


def tables() -> dict[str, Any]:
    """What each table that is made of the declarations holds of the kind."""
    from omnisession_conformance.protocol.declared import Declared
    from omnisession_conformance.protocol.model import limits, order, reducers, slices
    from omnisession_conformance.protocol.roles import PROFILES
    from omnisession_conformance.roles.server import session
    from omnisession_conformance.roles.server.reading import attempts, attribution
    from omnisession_conformance.suite.server.events import rules_causes
    from omnisession_conformance.suite.server.state import rules as states

    return {
        "profile": "todo" in PROFILES,
        "cheapest": Declared(kinds=("url", "todo")).cheapest_kind,
        "empty": slices.empty_slice("todo"),
        "members": slices.MEMBERS["todo"],
        "kind_of_event": slices.kind_of_event("todo.added"),
        "bounds": limits.BOUNDS["todo"],
        "orders": list(order.ORDERS["todo"]),
        "reducers": [type_ for type_ in reducers.REDUCERS if type_.startswith("todo.")],
        "causes": sorted(attempts.EVENTS_OF["todo.add"]),
        "known": sorted(type_ for type_ in attempts.KNOWN_EVENTS if type_.startswith("todo.")),
        "about": attempts.entity_of("todo.added", {"task": {"id": "t-1"}}),
        "always": "todo.add" in attribution.ALWAYS_EFFECTIVE,
        "nobody": "todo.swept" in rules_causes.NOBODY_ACTED,
        "ids": states.IDS["tasks"]({"id": "t-1"}),
        "leftovers": [named for kind, _, named in session.LEFTOVERS if kind == "todo"],
        "seen_after": session.SEEN_AFTER["todo.add"],
    }


# -- what the rules find --------------------------------------------------------------------------------


def task(id_: str, due_at: int, text: str = "wash") -> dict[str, Any]:
    return {"id": id_, "text": text, "due_at": due_at}


class Told:
    """A right run: two sessions of Ann and one of Bob, in which Ann adds a task that all see."""

    def __init__(self) -> None:
        from tests.kit.rules.builder import LIMITS, Tape

        self.tape = Tape()
        how: dict[str, Any] = {"kinds": ("todo",), "limits": {**LIMITS, "tasks": 2}}
        self.ann = self.tape.opened(ANN, "k7tag-ann-01", features=("events",), **how)
        self.other = self.tape.opened(ANN, "k7tag-ann-02", **how)
        self.bob = self.tape.opened(BOB, "k7tag-bob-01", features=("events",), **how)
        self.add = self.ann.acts(
            "todo.add",
            {"loud": True},
            events=[("todo.added", {"task": task("t-1", self.tape.now()), "loud": True})],
            result={"task_id": "t-1"},
        )
        self.event = self.add.of(self.ann)[0]
        self.synced = self.ann.sync()[2][0]
        self.swept = self.tape.change(
            [("todo.swept", {"task_id": "t-1"})], (self.ann, self.other, self.bob)
        )

    def state(self, *tasks: dict[str, Any]) -> None:
        """Another session of Bob is told these tasks."""
        from tests.kit.rules.builder import LIMITS

        slice_ = {"type": "todo", "tasks": [*tasks], "next": None}
        self.tape.opened(
            BOB,
            "k7tag-bob-02",
            kinds=("todo",),
            limits={**LIMITS, "tasks": 2},
            slices={"todo": slice_},
        )


def _broken(break_: Callable[[Told], object]) -> list[str]:
    told = Told()
    break_(told)
    # The schemas know no such kind, and say so of every message that names it.
    return sorted(told.tape.judge().broken - {"ENV-002"})


def judged() -> dict[str, list[str]]:
    """What the rules find in broken runs, and in a right one."""
    now = Told().tape.now()
    faults: dict[str, Callable[[Told], object]] = {
        "nothing": lambda _: None,
        "an entry twice": lambda told: told.state(task("t-2", now), task("t-2", now)),
        "an entry out of order": lambda told: told.state(task("t-3", now), task("t-2", now)),
        "too many entries": lambda told: told.state(*(task(f"t-{n}", now) for n in "234")),
        "a time in seconds": lambda told: told.state(task("t-2", now // 1_000)),
        "a time of an event in seconds": lambda told: told.event.data["task"].update(due_at=1),
        "a new thing of yesterday": lambda told: [
            effect.data["task"].update(due_at=now - 86_400_000)
            for effect in told.add.effects
            if "task" in effect.data
        ],
        "a state that is no fold": lambda told: told.synced.data["tasks"].clear(),
        "an event of a kind that was not opened": lambda told: told.tape.opened(
            BOB, "k7tag-bob-03", kinds=("url",), features=("events",), limits=told.bob.limits
        ).event("todo.swept", {"task_id": "t-9"}),
        "an event that its action does not make": lambda told: told.add.copy.body.update(
            type="todo.remove"
        ),
        "an event that says the contrary": lambda told: told.add.copy.data.update(loud=False),
        "an action without its event": lambda told: told.event.body.update(cause=None),
        "an actor where nobody acted": lambda told: [e.body.update(actor=ANN) for e in told.swept],
        "other data under one id": lambda told: (
            told.add.of(told.bob)[0].data["task"].update(text="dry")
        ),
        "other plain data under one id": lambda told: told.swept[2].data.update(task_id="t-2"),
        "one change under two ids": lambda told: told.add.of(told.bob)[0].body.update(event_id="e"),
        "one that somebody cannot see any more": lambda told: told.add.of(told.bob)[0].body.update(
            type="todo.swept", data={"task_id": "t-1"}, actor=None
        ),
    }
    return {what: _broken(break_) for what, break_ in faults.items()}


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    # Before anything else of the kit is imported.
    kinds.KINDS = (*kinds.KINDS, TODO)
    limits.DEFAULT_LIMITS = {**limits.DEFAULT_LIMITS, "tasks": 100}
    sys.stdout.write(json.dumps({"tables": tables(), "judged": judged()}))

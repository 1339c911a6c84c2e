"""Steps of a program: frozen values that name sessions, actions and what they make by labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.protocol.vocabulary.words import OF_TYPES
from omnisession_conformance.roles.server.breaks import SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "?"
"""The label of what was never made."""
NOTHING = ""
"""The label of no entity at all: an action that names none, or a selection of null."""
RIGHT, WRONG, SOON, IGNORED = "right", "wrong", "soon", "ignored"
"""What an action expects of the revision: that it has, another one, one more than it has, or some where
it names no article."""
NEXT, USED, SAME, AHEAD = "next", "used", "same", "ahead"
FAR = {"far 16": 2**16, "far 31": 2**31, "far 32": 2**32}
"""Numbers that are the next one again where integers end after so many bits."""
STOP, KILL = "stop", "kill"
UNLISTED = "x-none.do_thing"
"""A type that no server lists, and what all of them are counted as."""
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A user opens a session; `power` is a token with the right to edit everything."""

    name: str
    user: int
    kinds: tuple[str, ...]
    features: tuple[str, ...] = ()
    timers: tuple[tuple[str, int], ...] = ()
    power: bool = False
    alike: bool = False
    """Whether its token has rights that only look like that one."""
    same: str = ""
    """The label of a session of another user, whose id this one has, too."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """A live session is opened again, and asks for something else than at first."""

    session: str
    kinds: tuple[str, ...]
    features: tuple[str, ...] = ()
    power: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """A session is closed."""

    session: str


@dataclass(frozen=True, slots=True)
class Expire:
    """A session is left alone until its window is over."""

    session: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is done for a while, but what keeps sessions alive."""

    ms: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A session asks for states, of all its kinds or of some."""

    session: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """A session resumes from somewhere: `head`, `start`, `middle`, `ahead` or another `epoch`."""

    session: str
    where: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that has to be refused; `how` says what is wrong with it."""

    session: str
    how: str


@dataclass(frozen=True, slots=True)
class Bend:
    """A request with one change in its body: a place by the schema, and what becomes of it."""

    session: str
    type: str
    bend: str


@dataclass(frozen=True, slots=True)
class Act:
    """An action of a session.

    `on` is the label of the entity that it names, `give` what it says: members with specs of values.
    `shared` sends it on the subject that its type has beside that of the user. `expect` is empty, right,
    wrong, soon or ignored. `number` is the next one, one that was used, or one ahead of the count, be it
    far.
    """

    name: str
    session: str
    type: str
    on: str = NOTHING
    give: Pairs = ()
    expect: str = ""
    shared: bool = False
    number: str = NEXT
    id_of: str = ""
    """The label of an action whose id this one has, too: of another user, or of its own."""
    near: str = ""
    """What tells its id from that of `id_of`, whoever has that: then it is another id."""
    silent: bool = False
    """Sent without a reply subject."""
    form: str = ""
    """Of what form its id is, where it is none that clients have."""
    bend: str = ""
    """What is changed in its body: a place by the schema, and what becomes of it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of an earlier action, in its own or in another session; `change` makes it another body."""

    of: str
    session: str
    number: str = SAME
    change: bool = False
    shared: bool = False
    twist: str = ""
    """In what it differs from the first one, though it may mean the same."""


@dataclass(frozen=True, slots=True)
class Flight:
    """Actions of different sessions that are sent without waiting for any."""

    acts: tuple[Act | Copy, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """Two actions of one session that are sent in the wrong order."""

    first: Act
    second: Act


@dataclass(frozen=True, slots=True)
class Row:
    """Actions of one session under numbers in a row, sent in another order: `order` are their places.

    What it leaves out is sent when the others have their outcomes. `again` is the place of one that is
    sent twice, `rivals` go out under the number of the last one. What is `between` is done before that
    action of `order` which closes the gap.
    """

    acts: tuple[Act | Copy, ...]
    order: tuple[int, ...]
    again: int = -1
    rivals: tuple[Act, ...] = ()
    between: tuple[Act | Sync | Resume | Reopen | Close, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """The wire of a side fails while actions are under way, and is whole again.

    So many of the actions as `before` says are sent ahead of it, the others behind it.
    """

    how: str
    acts: tuple[Act | Copy, ...] = ()
    before: int = 0
    side: str = SERVER


@dataclass(frozen=True, slots=True)
class Restart:
    """The server ends while actions are under way, and is started again: by a `stop`, or a `kill`."""

    how: str
    acts: tuple[Act | Copy, ...] = ()


@dataclass(frozen=True, slots=True)
class Burst:
    """A session sends so many actions of a type, which says nothing, without waiting for any."""

    name: str
    session: str
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Hush:
    """Nothing is asked until all sessions show by themselves what they have to."""


@dataclass(frozen=True, slots=True)
class Look:
    """All live sessions are pinged, and what they show is compared with the model."""


Step: TypeAlias = (
    Open
    | Reopen
    | Close
    | Expire
    | Rest
    | Sync
    | Resume
    | Ask
    | Bend
    | Act
    | Copy
    | Flight
    | Swap
    | Row
    | Break
    | Restart
    | Burst
    | Hush
    | Look
)


@dataclass(frozen=True, slots=True)
class Program:
    """Steps for users of some roles, by their numbers."""

    users: tuple[str, ...]
    steps: tuple[Step, ...]
    ids: str = ""
    """In what way the ids of the users are near to one another, if they are."""

    def with_steps(self, steps: tuple[Step, ...]) -> Program:
        """The same users with other steps."""
        return replace(self, steps=steps)


def is_disturbed(program: Program) -> bool:
    """Whether wires fail in a program, or its server is started again."""
    return any(isinstance(step, Break | Restart) for step in program.steps)


def parts(step: Step) -> Iterator[Step]:
    """A step and those within it."""
    yield step
    if isinstance(step, Row):
        yield from (*step.acts, *step.rivals, *step.between)
    elif isinstance(step, Flight | Break | Restart):
        yield from step.acts
    elif isinstance(step, Swap):
        yield step.first
        yield step.second


def is_unlisted(type_: str) -> bool:
    """Whether a type of actions is one that no server lists."""
    return type_.startswith("x-") or type_ in OF_TYPES or type_.lower() != type_


def rule_of(step: Step) -> str:
    """What a step is counted as."""
    rule = type(step).__name__.lower()
    if isinstance(step, Act):
        rule = "bent action" if step.bend else UNLISTED if is_unlisted(step.type) else step.type
    elif isinstance(step, Ask):
        rule = f"ask {step.how}"
    elif isinstance(step, Copy):
        rule = f"{'changed copy' if step.change else 'copy'} {step.number}"
    elif isinstance(step, Resume):
        rule = f"resume {step.where}"
    elif isinstance(step, Break):
        rule = f"break {step.how} of {step.side}"
    elif isinstance(step, Restart):
        rule = f"restart by {step.how}"
    return rule

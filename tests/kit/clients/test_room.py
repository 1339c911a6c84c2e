"""Clients with room for few sessions: no case asks for more at a time."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.clients.adapters import REFERENCE
from tests.kit.clients.hellos import HELLO

from omnisession_conformance.roles.client.steps.openings import side_by_side
from omnisession_conformance.roles.client.testee.messages import Hello, read_hello

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

SEVERAL = "numbers-count-up"
"""A case with a session for each way of seeing changes, of which it leaves none."""


@dataclass
class Playing:
    """Stands for a context and its client: whose plays are counted."""

    hello: Hello
    now: int = 0
    most: int = 0
    played: list[int] = field(default_factory=list[int])

    @property
    def keeper(self) -> Playing:
        """Who has the client."""
        return self

    async def client(self) -> Playing:
        """The client."""
        return self

    async def play(self, number: int, *, fails: bool = False) -> None:
        """Be under way for some turns of the loop."""
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(5):
            await asyncio.sleep(0)
        self.now -= 1
        if fails:
            raise ValueError(number)
        self.played.append(number)


def with_room(sessions: int, *, reuse: bool = True) -> Any:
    """A context whose client has so many sessions at a time."""
    return Playing(replace(read_hello(HELLO), sessions=sessions, reuse=reuse))


@pytest.mark.parametrize(
    ("sessions", "reuse", "most"), [(1, True, 1), (3, True, 3), (100, True, 6), (100, False, 1)]
)
def test_plays_are_side_by_side_as_far_as_there_is_room(
    sessions: int, most: int, *, reuse: bool
) -> None:
    ctx = with_room(sessions, reuse=reuse)
    asyncio.run(side_by_side(ctx, *(lambda n=n: ctx.play(n) for n in range(6))))
    assert (ctx.most, sorted(ctx.played)) == (most, list(range(6)))


def test_one_that_fails_keeps_those_from_beginning_that_have_no_room_yet() -> None:
    ctx = with_room(1)

    async def play() -> None:
        with pytest.raises(ValueError, match="1"):
            await side_by_side(ctx, *(lambda n=n: ctx.play(n, fails=n == 1) for n in range(4)))
        for _ in range(50):
            await asyncio.sleep(0)

    asyncio.run(play())
    assert ctx.played == [0]


@pytest.mark.dear
@pytest.mark.parametrize("variant", ["runs-one-session", "runs-one-session-a-process"])
def test_a_session_is_left_before_there_is_another(variant: str, inside: Inside) -> None:
    command = shlex.join([*REFERENCE, "--variant", variant])
    ran = inside.omnisession("check", "--client-cmd", command, "--case", SEVERAL)
    assert ran.code == 0
    found = {one["check"]: one["status"] for one in ran.of("check")}
    assert found[f"HYB-001@{SEVERAL}"] == "PASS"

"""Which requests wait for their answers, and which answers belong to none. Knows no process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.testee.lines import shown
from omnisession_conformance.roles.client.testee.messages import Answer, read_answer, written
from omnisession_conformance.roles.client.testee.words import LINES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omnisession_conformance.roles.client.testee.words import Words


class Asked(NamedTuple):
    """A request under its id."""

    id: int
    do: str
    line: bytes


class Talk:
    """One process of an adapter: ids are never used twice, and each has one answer, in any order."""

    def __init__(self, words: Words = LINES) -> None:
        self._words = words
        self._made = 0
        self._open: dict[int, str] = {}

    @property
    def open(self) -> tuple[str, ...]:
        """The requests that have no answer yet, oldest first."""
        return tuple(self._open.values())

    def ask(self, do: str, members: Mapping[str, Any]) -> Asked:
        """Make a request."""
        self._made += 1
        self._open[self._made] = do
        return Asked(self._made, do, written(self._made, do, members))

    def heard(self, line: bytes) -> Answer:
        """Take an answer in; ContractError where it answers nothing, or something twice."""
        answer = read_answer(line, self._words)
        number = answer.id
        if number is None:
            raise ContractError(
                f"The adapter takes a {self._words.unit} of the kit for none of its requests: "
                f"{answer.failure}"
            )
        if self._open.pop(number, None) is not None:
            return answer
        what = (
            f"has answered request {number} twice"
            if number <= self._made
            else f"answers request {number}, which nobody has made"
        )
        raise ContractError(f"The adapter {what}. The {self._words.unit} begins: {shown(line)}")

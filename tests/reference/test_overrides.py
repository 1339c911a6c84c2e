"""A class that would change nothing is no fault and no variant: the list refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omnisession_faults.faults import FAULTS, Fault, fault
from omnisession_faults.faults import enter as enter_fault
from omnisession_faults.variants import VARIANTS, Variant, enter, variant
from omnisession_reference.out import Out
from omnisession_reference.timers import Clockwork

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(autouse=True)
def as_they_were() -> Generator[None]:
    faults, variants = dict(FAULTS), dict(VARIANTS)
    yield
    assert faults == FAULTS, "what was refused is on the list"
    assert variants == VARIANTS, "what was refused is on the list"


class Silent(Clockwork):
    """Has no heartbeats."""

    def beat(self) -> None:
        """Tell nothing."""


class Misspelt(Clockwork):
    """Means to have no heartbeats."""

    def beats(self) -> None:
        """Replace nothing."""


class OneOfTwo(Clockwork):
    """Has no heartbeats, and means to ignore signs of life."""

    def beat(self) -> None:
        """Tell nothing."""

    def _touch(self) -> None:
        """Replace nothing."""


class Unchanged(Clockwork):
    """Is the part that it is made from."""


class OfSilent(Silent):
    """Has no heartbeats, by a class that faults share: no server is made of it."""

    def beat(self) -> None:
        """Tell nothing."""


class Two(Clockwork, Out):
    """Takes two places."""

    def beat(self) -> None:
        """Tell nothing."""


WRONG = [
    (Misspelt, "Misspelt replaces no method of Clockwork"),
    (Unchanged, "Unchanged replaces no method of Clockwork"),
    (OfSilent, "OfSilent takes no place: its base Silent is not the server's"),
    (Two, "Two takes the place of one class: give it one base"),
]


@pytest.mark.parametrize(
    ("part", "message"),
    [*WRONG, (OneOfTwo, "Clockwork has no _touch for OneOfTwo to replace")],
)
def test_a_fault_replaces_what_its_base_has(part: type, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        fault("new", breaks="CTRL-009")(part)


@pytest.mark.parametrize(("part", "message"), WRONG)
def test_a_part_of_a_variant_replaces_what_its_base_has(part: type, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        variant("new")(part)
    with pytest.raises(TypeError, match=message):
        variant("new", part)(Silent)


def test_a_variant_has_one_part_in_one_place() -> None:
    with pytest.raises(ValueError, match="'new' has two parts in the place of one class"):
        enter(Variant("new", "Has no heartbeats, twice.", (Silent, OneOfTwo)))


def test_a_fault_that_changes_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="fault 'new' breaks nothing"):
        enter_fault(Fault("new", "CTRL-009", "Breaks nothing."))


def test_a_right_class_is_entered_once() -> None:
    try:
        assert fault("new", breaks="CTRL-009")(Silent) is Silent
        assert variant("new")(OneOfTwo) is OneOfTwo
        with pytest.raises(ValueError, match="fault 'new' needs a name of its own"):
            fault("new", breaks="CTRL-009")(Silent)
        with pytest.raises(ValueError, match="variant 'new' needs a name of its own"):
            variant("new")(Silent)
    finally:
        del FAULTS["new"], VARIANTS["new"]

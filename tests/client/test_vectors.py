"""The reference client plays the traces of `schemas/vectors/`, and each trace shows a wrong core."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from docs.guides.examples.player import lines_of, play
from tests.client.listed import is_of_the_shell
from tests.client.vectors.core import ReferenceCore
from tests.client.vectors.wrong import CAUGHT, LEAVES, OTHERWISE

from omnisession_client_faults.faults import FAULTS
from omnisession_client_faults.places import in_force
from omnisession_client_faults.variants import VARIANTS, Variant
from omnisession_conformance.protocol.schemas import schemas_folder

if TYPE_CHECKING:
    from pathlib import Path

MODES = ("pure", "hybrid", "optimistic")
"""Each plays what is for those before it."""
FILES = {path.stem: path for path in (schemas_folder() / "vectors" / "traces").iterdir()}
UNUSUAL = [one for one in VARIANTS.values() if not is_of_the_shell(one.replacements)]
RANDOM = (0, 1)


def unlike(path: Path, least: str | None = None) -> str | None:
    """Where the core as it is now is unlike a trace, in the mode of the trace or in one that is more."""
    header, inputs = lines_of(path)
    mode = max(header["mode"], least or "pure", key=MODES.index)
    for random in RANDOM:
        try:
            play(ReferenceCore({**header, "mode": mode}, random), header, inputs, random)
        except Exception as error:  # noqa: BLE001 a wrong core may fail in any way
            return str(error) or repr(error)
    return None


@pytest.mark.parametrize("path", FILES.values(), ids=attrgetter("stem"))
def test_trace(path: Path) -> None:
    header, _ = lines_of(path)
    for mode in MODES[MODES.index(header["mode"]) :]:
        assert unlike(path, mode) is None


def test_each_trace_has_a_wrong_core() -> None:
    assert CAUGHT.keys() == FILES.keys()


@pytest.mark.parametrize(("name", "fault"), CAUGHT.items(), ids=CAUGHT)
def test_a_wrong_core_is_unlike_its_trace(name: str, fault: str) -> None:
    with in_force(FAULTS[fault].replacements):
        where = unlike(FILES[name], FAULTS[fault].mode)
    assert where is not None
    assert where.startswith(f"{name}, line ")


@pytest.mark.dear
@pytest.mark.parametrize("one", UNUSUAL, ids=lambda one: one.name)
def test_an_unusual_core_is_as_every_trace_says(one: Variant) -> None:
    with in_force(one.replacements):
        found = {name: unlike(path, one.mode) for name, path in FILES.items() if plays(one, path)}
    otherwise = {name for name, where in found.items() if where}
    assert otherwise == OTHERWISE.get(one.name, set()) or one.name == LEAVES, found


def plays(one: Variant, path: Path) -> bool:
    """Whether a core that has one mode alone plays a trace."""
    mode: str = lines_of(path)[0]["mode"]
    return one.mode is None or MODES.index(mode) <= MODES.index(one.mode)

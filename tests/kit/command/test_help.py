"""What the program tells of itself: its versions and its commands."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside


@pytest.mark.parametrize("more", [(), ("check",)])
def test_the_option_tells_the_versions_that_the_command_tells(
    inside: Inside, more: tuple[str, ...]
) -> None:
    told = inside.omnisession("version")
    ran = inside.omnisession("--version", *more)
    assert (ran.code, ran.out, ran.err) == (0, told.out, told.err)
    assert ran.out.startswith(f"omnisession {metadata.version('omnisession')}, protocol ")

"""What the program tells of itself: its versions and its commands."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import omnisession

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside


@pytest.mark.parametrize("more", [(), ("check",)])
def test_the_option_tells_the_versions_that_the_command_tells(
    inside: Inside, more: tuple[str, ...]
) -> None:
    told = inside.omnisession("version")
    ran = inside.omnisession("--version", *more)
    assert (ran.code, ran.out, ran.err) == (0, told.out, told.err)
    assert ran.out.startswith(f"omnisession {metadata.version('omnisession')}, protocol ")


def test_commands_are_listed_by_task(inside: Inside) -> None:
    ran = inside.omnisession("--help")
    listed = ran.out[ran.out.index("Check a server or a client:") :]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ")] == [
        *("check", "doctor", "judge", "replay"),
        *("report", "diff", "baseline"),
        *("list", "explain", "validate"),
        *("permissions", "credentials"),
        *("serve", "demo", "up", "selftest", "version"),
    ]
    assert [line for line in listed.splitlines() if line.endswith(":")] == [
        "Check a server or a client:",
        "Read results:",
        "Look something up:",
        "Run it on a broker:",
        "The kit and its server:",
    ]
    assert max(map(len, ran.out.splitlines())) <= 100


def test_the_help_of_serve_is_that_of_the_command_which_was_called(tmp_path: Path) -> None:
    ran = omnisession("serve", "--help", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: omnisession serve [OPTIONS]\n")

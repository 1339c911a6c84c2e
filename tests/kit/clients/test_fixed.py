"""What a program decides by itself: whose user is fixed is told that this ends a run, and why."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import adapter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.command.inside import Inside

pytestmark = pytest.mark.dear


def test_one_that_cannot_be_told_its_user_gets_no_verdict(inside: Inside, tmp_path: Path) -> None:
    command = shlex.join(adapter(tmp_path, "HELLO['fixed'] = ['kinds', 'user']\n"))
    ran = inside.omnisession("check", "--client-cmd", command)
    assert ran.code == 3
    assert "The adapter says that the user is fixed" in " ".join(ran.out.split())

"""A side that ends or hangs in the middle is told by its name, and is never green."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from tests.kit.interop.pairs import CLIENT, NULLS, SERVER, check, failed

pytestmark = pytest.mark.dear
ENDING = (sys.executable, str(Path(__file__).with_name("ending_client.py")))


@pytest.mark.parametrize("how", [("5",), ("5", "hangs")], ids=["ends", "hangs"])
def test_a_client_that_ends_or_hangs_is_told(tmp_path: Path, how: tuple[str, ...]) -> None:
    ran = check(
        tmp_path,
        *("--server-cmd", shlex.join(SERVER), "--client-cmd", shlex.join((*ENDING, *how))),
        *("--case", "converge"),
    )
    assert ran.code == 1, ran.out + ran.err
    assert failed(ran) == {"CLI-029"}


def test_a_server_that_ends_is_told(tmp_path: Path) -> None:
    half_way = (*NULLS, "half-way", "--", *SERVER)
    ran = check(
        tmp_path,
        *("--server-cmd", shlex.join(half_way), "--client-cmd", shlex.join(CLIENT)),
        *("--case", "converge"),
    )
    assert ran.code == 1, ran.out + ran.err
    assert failed(ran) == {"ERR-005"}
    assert "the server exited during the case" in ran.out

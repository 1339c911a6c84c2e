"""The server in Go reaches each broker by what the kit tells it in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.go.servers import build
from tests.kit.broker.rows import ROWS, write
from tests.kit.broker.running import nats_server
from tests.once import made_once

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.broker.calling import Calling

pytestmark = [pytest.mark.dear, pytest.mark.needs("go")]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        build(folder)

    return made_once(tmp_path_factory, "go-server", make) / "omnisession-server"


@pytest.mark.parametrize("name", ROWS)
def test_a_row_works(name: str, program: Path, calling: Calling) -> None:
    row = ROWS[name](calling.folder)
    with nats_server(row.configuration) as places:
        write(calling.folder, row.settings, places)
        ran = calling.omnisession("doctor", "--server-cmd", str(program))
    assert ran.code == 0, ran.out + ran.err

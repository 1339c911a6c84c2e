"""The Go server and the reference, written from the same pages by different hands, show the same."""

from __future__ import annotations

import asyncio
import json
from difflib import unified_diff
from typing import TYPE_CHECKING

import pytest
from tests.go import servers
from tests.go.play import Page, Play
from tests.go.script import SCRIPT
from tests.reference.broker import Peer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


pytestmark = pytest.mark.dear


def played(command: Sequence[str]) -> list[Page]:
    """Play the script on a server that is started for it."""

    async def scenario(url: str) -> list[Page]:
        peer = await Peer.connect(url)
        play = Play(peer)
        pages = [await play.step(step) for step in SCRIPT]
        await peer.connection.close()
        return pages

    with servers.running(command) as url:
        return asyncio.run(scenario(url))


def difference(go: Page, reference: Page) -> str:
    """Return the lines in which two pages differ; empty if they are equal."""
    one, other = (
        json.dumps(page, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
        for page in (reference, go)
    )
    return "\n".join(unified_diff(one, other, "reference", "go", lineterm=""))


def test_both_servers_show_the_same_after_every_step(tmp_path: Path) -> None:
    go = played([str(servers.build(tmp_path))])
    reference = played(servers.REFERENCE)
    for step, one, other in zip(SCRIPT, go, reference, strict=True):
        differs = difference(one, other)
        assert not differs, f"after {step}\n{differs}"


def test_the_script_is_about_something() -> None:
    """The reference alone shows that the steps do what they are there for."""
    pages = played(servers.REFERENCE)
    codes = {page["outcome"].get("error", {}).get("code") for page in pages}
    assert codes >= {4001, 4002, 4030, 4040, 4041, 4090, 4091, 4092, 4101, 4130, 4220}
    events = {e["type"] for page in pages for told in page["events"].values() for e in told}
    assert len(events) == 19, sorted(events)
    assert {page["outcome"].get("status") for page in pages} >= {"applied", "duplicate"}

"""Another key signs, while broker, instances and clients go on: no action is lost, and no session ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.client.kit import ALL, TIMERS, Adapter
from tests.kit.fleet.secure import messages, refused, secured, unsigned

from omnisession_conformance.fleet import turning
from omnisession_conformance.fleet.keyring import FOLDER, NEXT, SIGNING

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside
    from tests.kit.fleet.secure import Made, Secured

TURNS = 3
ACTS = 8
"""In each turn: all of them together have to fit into the list of a chat."""


@pytest.mark.dear
def test_a_key_is_replaced_three_times_and_nothing_is_lost(tmp_path: Path) -> None:
    with secured(tmp_path) as fleet:
        ca = str(fleet.data / "ca.pem")
        first = fleet.credentials("--user", "bob", "-o", "-").stdout.splitlines()[1]
        asyncio.run(acted(fleet))
        login = {"user_jwt_cb": first.encode, "signature_cb": unsigned}
        assert asyncio.run(refused(fleet.up.url, ca, **login)), "its key signs no more"
        again = fleet.credentials("--user", "bob", "-o", "-").stdout.splitlines()[1]
        login["user_jwt_cb"] = again.encode
        assert not asyncio.run(refused(fleet.up.url, ca, **login))
        told = [fleet.up.said() for _ in range(TURNS)]
        assert told == ["omnisession: note: tokens of users are signed with a new key\n"] * TURNS


async def acted(fleet: Secured) -> None:
    """Act all the time in one session, while key after key is replaced."""
    made = fleet.made("--user", "ann")
    files = ("--creds", made["credentials"], "--tlsca", made["ca"])
    said = list[str]()
    async with Adapter(*files) as adapter:
        named = {name: made[name] for name in ("url", "user_id", "token")}
        wanted = {"kinds": ALL, "features": ["events", "digests"], "timers": TIMERS}
        await adapter.done("start", session="a", **named, **wanted)
        before = await adapter.until("a", lambda report: report["phase"] == "live")
        for _ in range(TURNS):
            turned = asyncio.create_task(asyncio.to_thread(fleet.credentials, "--new-key"))
            while not turned.done() or len(said) % ACTS:
                said.append(f"{len(said)}")
                await adapter.act("a", "chat.send", content=said[-1])
                await adapter.until("a", lambda report: shown(report)[-1:] == said[-1:])
                if len(said) % ACTS == 0:
                    await turned
            ran = await turned
            assert (ran.returncode, ran.stderr) == (0, "")
            assert ran.stdout.startswith("Tokens are signed with a new key from now on: A")
            # Whoever has a file of credentials has it renewed before its key is gone.
            await asyncio.to_thread(fleet.made, "--user", "ann")
        after = await adapter.until("a", lambda report: shown(report) == said)
    assert after["session_id"] == before["session_id"]
    assert after["refused"] == []
    assert len(said) >= TURNS * ACTS


def shown(report: Made) -> list[str]:
    return [message["content"] for message in reversed(messages(report))]


@pytest.mark.parametrize("option", [("--user", "ann"), ("-o", "-"), ("--shared",)])
def test_with_a_new_key_nothing_else_is_done(inside: Inside, option: tuple[str, ...]) -> None:
    ran = inside.omnisession("credentials", "--data", "data", "--new-key", *option)
    assert (ran.code, ran.out) == (4, "")
    assert "with --new-key nothing is written. Leave out either." in ran.err


@pytest.mark.usefixtures("data")
def test_where_nobody_takes_it_the_key_stays(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turning, "TURNED_S", 0.0)
    own = inside.folder / "data" / FOLDER
    before = (own / SIGNING).read_text("utf-8")
    ran = inside.omnisession("credentials", "--data", "data", "--new-key")
    assert (ran.code, ran.out) == (3, "")
    assert "has not taken a new key within 0 s" in ran.err
    assert (own / SIGNING).read_text("utf-8") == before
    assert not (own / NEXT).exists()


def test_without_a_fleet_it_says_so(inside: Inside) -> None:
    ran = inside.omnisession("credentials", "--data", "data", "--new-key")
    assert (ran.code, ran.out) == (4, "")
    assert "'data' has no keys" in ran.err
    assert not Path("data").exists()

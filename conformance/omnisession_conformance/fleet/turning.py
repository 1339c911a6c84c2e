"""Another key signs tokens of users, while broker, instances and clients go on.

Whoever wants that puts a new seed into the folder. The fleet has its broker know both keys, waits until
that takes what the new one has signed, and signs with it from then on. The key before counts until the next
turn.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.keys import ACCOUNT, new_seed, read_signing_seed
from omnisession_conformance.errors import BrokerError, TargetError, UsageError, sentence
from omnisession_conformance.fleet.authority import files_of
from omnisession_conformance.fleet.guarding import admit_servers, looking, of_secure
from omnisession_conformance.fleet.handing import url_of
from omnisession_conformance.fleet.keyring import (
    BEFORE,
    FOLDER,
    NEXT,
    SIGNING,
    keyring,
    signing_key,
)
from omnisession_conformance.fleet.operator import configuration
from omnisession_conformance.fleet.private import read, write
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omnisession_conformance.environment.node import Node
    from omnisession_conformance.fleet.keyring import Keyring

LOOK_S: Final = 0.2
TAKEN_S: Final = 20.0
"""How long a broker may take to know a key: it may be starting just now."""
TURNED_S: Final = 30.0


def turn(folder: Path) -> str:
    """Have the fleet that runs on a folder sign with a new key; returns the public one.

    Raises UsageError where none runs there, TargetError where it does not do it in time.
    """
    signing_key(folder)
    url_of(folder)
    seed, asked = new_seed(ACCOUNT), folder / FOLDER / NEXT
    try:
        write(asked, f"{seed}\n")
    except OSError as error:
        raise UsageError(f"--data: '{asked}' cannot be written: {sentence(error)}.") from error
    deadline = time.monotonic() + TURNED_S
    while asked.exists():
        if time.monotonic() > deadline:
            asked.unlink(missing_ok=True)
            raise TargetError(
                f"The fleet on '{folder}' has not taken a new key within {TURNED_S:.0f} s: it hangs, or "
                "has ended. The key before still signs."
            )
        time.sleep(LOOK_S)
    wanted, found = read_signing_seed(seed, "the new key").public, signing_key(folder)[0].public
    if found != wanted:
        raise TargetError(
            "The fleet has not taken the new key, and says why where it runs. The key before still signs."
        )
    return wanted


async def turn_when_asked(folder: Path, node: Node, say: Callable[[str], None]) -> None:
    """Look for a new seed in the folder while the fleet runs; `say` is told what became of it."""
    asked = folder / FOLDER / NEXT
    while True:
        await asyncio.sleep(LOOK_S)
        if not asked.exists():
            continue
        try:
            await _turn(folder, node)
            say("tokens of users are signed with a new key")
        except (UsageError, BrokerError, OSError, TimeoutError) as error:
            asked.unlink(missing_ok=True)
            say(f"the new key is not taken, and the one before still signs: {sentence(error)}")


async def _turn(folder: Path, node: Node) -> None:
    own, files, old = folder / FOLDER, files_of(folder), keyring(folder)
    seed = read(own / NEXT, "its seed")
    key = read_signing_seed(seed, f"--data: '{own / NEXT}'")
    new = replace(old, signing=key, before=old.signing.public)
    node.reload(configuration(new, files))
    try:
        await _taken(new, files.ca, node)
        # Whatever ends here: what is on disk is a key that the broker knows, and so it starts with.
        write(own / BEFORE, f"{new.before}\n")
        (own / NEXT).replace(own / SIGNING)
        admit_servers(folder, new)
    except BaseException:
        node.reload(configuration(keyring(folder), files))
        raise


async def _taken(keys: Keyring, ca: Path, node: Node) -> None:
    """Return when the broker takes what the new key has signed; raises TimeoutError."""
    async with asyncio.timeout(TAKEN_S):
        while True:
            way = replace(looking(keys, ca), addresses=at(of_secure(node.port)).addresses)
            try:
                client = await connect(way)
            except BrokerError:
                await asyncio.sleep(LOOK_S)
                continue
            await client.close()
            return

"""What is secret stands in the files that are made for it, and in nothing else that the commands write."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import omnisession
from tests.kit.fleet.secure import Secured, chats, secured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PLACES = ("secrets/", "credentials/", "secret")
"""Where secrets may stand, below the folder of a fleet."""


def secrets_of(texts: Iterable[str]) -> set[bytes]:
    """The secrets in files that are made for them: seeds, keys, tokens, and what signs these."""
    found = set[bytes]()
    for text in texts:
        found |= {seed.encode() for seed in re.findall(r"\bS[UAO][A-Z2-7]{56}\b", text)}
        found |= {token.encode() for token in re.findall(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+", text)}
        if "PRIVATE KEY" in text:
            found.add("".join(text.splitlines()[1:-1]).encode())
        elif "\n" not in text.strip():
            found.add(text.strip().encode())
    return found


def forms(secret: bytes) -> Iterator[bytes]:
    """A secret as it is and encoded; of a token also what has signed it, of a seed its key."""
    wholes = [secret]
    if secret.startswith(b"eyJ"):
        wholes.append(secret.rpartition(b".")[2])
    elif re.fullmatch(rb"S[UAO][A-Z2-7]{56}", secret):
        wholes.append(base64.b32decode(secret + b"======")[2:34])
    for whole in wholes:
        yield whole
        yield whole.hex().encode()
        yield whole.hex().upper().encode()
        # The end of an encoded text depends on what stands behind it.
        for at in range(3):
            encoded = base64.b64encode(b"\0" * at + whole)[4 if at else 0 : -4]
            yield encoded
            yield encoded.translate(bytes.maketrans(b"+/", b"-_"))


def shown(secrets: Iterable[bytes], outputs: dict[str, bytes]) -> set[str]:
    """The outputs that show some of the secrets."""
    every = [form for secret in secrets for form in forms(secret)]
    assert all(len(form) > 20 for form in every)
    return {name for name, data in outputs.items() if any(form in data for form in every)}


def test_what_is_shown_in_any_form_is_found() -> None:
    seed, token = (
        b"SUA" + b"A2B3" * 13 + b"CDE",
        b"eyJhbGciOiJI.eyJzdWIiOiJhbm4i.c2lnbmF0dXJlLWlzLWxvbmc",
    )
    secret = b"a secret that is long enough"
    said = {
        "plain": b"it is " + seed + b".",
        "base64": base64.b64encode(b"it is " + token),
        "url": base64.urlsafe_b64encode(b"it is " + secret + b"?"),
        "hex": secret.hex().encode(),
        "key": base64.b32decode(seed + b"======")[2:34].hex().encode(),
        "signature": b"x" + token.rpartition(b".")[2],
        "nothing": b"it is nothing",
    }
    assert shown((seed, token, secret), said) == said.keys() - {"nothing"}


@pytest.mark.dear
def test_secrets_stand_in_files_made_for_them_and_nowhere_else(tmp_path: Path) -> None:
    said = dict[str, bytes]()
    with secured(tmp_path) as fleet:
        for number, words in enumerate(
            (
                ("--user", "ann"),
                ("--user", "bob", "--shared"),
                ("--role", "kit"),
                ("--user", "ann", "-o", "data/n1/nats.conf"),
                ("--user", "ann", "--expires", "soon"),
            )
        ):
            ran = fleet.credentials(*words)
            said[f"credentials {number}"] = (ran.stdout + ran.stderr).encode()
        made = json.loads((fleet.data / "credentials" / "ann.json").read_text("utf-8"))
        asyncio.run(chats(made, "Hello"))
        said |= judged(fleet, tmp_path)
        lines = (Path(f"/proc/{pid}/cmdline").read_bytes() for pid in fleet.up.children())
        said["command lines"] = b"\n".join(lines)
        assert fleet.up.end(signal.SIGINT) == 0
        out, err = fleet.up.process.stdout, fleet.up.process.stderr
        assert out is not None
        assert err is not None
        said["up"] = (fleet.said + out.read() + err.read()).encode()
    files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    theirs = [file for file in files if is_for_secrets(file.relative_to(tmp_path / "data"))]
    assert {stat.S_IMODE(file.stat().st_mode) for file in theirs} == {0o600}
    secrets = secrets_of(file.read_text("utf-8") for file in theirs)
    assert len(secrets) > 15
    said |= {str(file): file.read_bytes() for file in files if file not in theirs}
    assert shown(secrets, said) == set()


def is_for_secrets(file: Path) -> bool:
    return str(file).startswith(PLACES)


def judged(fleet: Secured, folder: Path) -> dict[str, bytes]:
    """What a check says that is given all of them, and what it writes."""
    kit = json.loads((fleet.data / "credentials" / "~kit.json").read_text("utf-8"))
    (folder / "omnisession.toml").write_text(
        "[target]\nrole = 'deployment'\n"
        f"[broker]\nurl = '{kit['url']}'\nca_file = 'data/ca.pem'\n"
        "credentials = 'data/credentials/~kit.creds'\ninbox_prefix = '_INBOX.~kit'\n"
        "[[identities.clients]]\nid = 'ann'\ncredentials = 'data/credentials/ann.creds'\n"
        "[[identities.clients]]\nid = 'bob'\ncredentials = 'data/credentials/bob.creds'\n",
        "utf-8",
    )
    ran = omnisession("check", "--only", "SECU-001", "--only", "SECU-009", cwd=folder)
    assert "SECU-009" in ran.out, "bob is granted what is shared"
    reports = {
        str(file): file.read_bytes() for file in (folder / "report").iterdir() if file.is_file()
    }
    return {"check": (ran.out + ran.err).encode(), **reports}

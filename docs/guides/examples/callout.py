"""Lets clients in for a broker with auth callout: `callout.py logins.json issuer.seed`.

The broker asks it about each connection, and it answers with the token of a user, who
may do what `omnisession permissions` says of a client. In the place of `logins.json`,
one JSON object with passwords by user id, stands your login. NATS_URL says where the
broker is, with the login of this service, SSL_CERT_FILE by which CA it is known.

`callout.py issuer.seed` makes a key where there is no such file, and prints its public
half. It needs nats-py, PyJWT and cryptography.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import functools
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import nats
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm
from nats.aio.msg import Msg

Json = dict[str, Any]
ASKED, GROUP = "$SYS.REQ.USER.AUTH", "callout"
ACCOUNT = "APP"
LASTS_S = 3_600
ALGORITHM, OF_ACCOUNT, OF_SEED = "ed25519-nkey", 0, 18 << 3


def written(raw: bytes) -> str:
    """A key as NATS writes it."""
    checksum = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + checksum).decode().rstrip("=")


@dataclass(frozen=True)
class Issuer:
    """The key of an account, which signs the answers."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, file: Path) -> Issuer:
        """The one in a file, made where there is none: its owner alone may read it."""
        if not file.exists():
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "w") as new:
                new.write(written(bytes([OF_SEED, 0]) + os.urandom(32)))
        seed = file.read_text("utf-8").strip()
        raw = base64.b32decode(seed + "=" * (-len(seed) % 8))[2:34]
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    @property
    def public(self) -> str:
        """Its name, as the broker's configuration has it."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return written(bytes([OF_ACCOUNT]) + raw)

    def says(self, claims: Json) -> str:
        """A token that it has signed."""
        told = {**claims, "iss": self.public, "iat": int(time.time())}
        told["jti"] = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        signer = jwt.PyJWS()
        signer.register_algorithm(ALGORITHM, OKPAlgorithm())
        return signer.encode(
            json.dumps(told).encode(), self.private, ALGORITHM, {"typ": "JWT"}
        )


@functools.cache
def permissions(user: str) -> Json:
    """What the clients of a user may do, as claims have it."""
    words = ["omnisession", "permissions", "--role", "client", "--format", "jwt"]
    words += ["--user", user]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    return json.loads(done.stdout)["nats"] | {"bearer_token": False}


def asked(data: bytes) -> Json:
    """What the broker asks: it comes over an account that nobody else is in."""
    body = data.decode().split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["nats"]


async def answer(issuer: Issuer, logins: dict[str, str], question: Json) -> str:
    """The token of a user, or a refusal that says nothing of why."""
    given = question["connect_opts"]
    user, password = given.get("user", ""), given.get("pass", "")
    told: Json = {"type": "authorization_response", "version": 2}
    wanted = logins.get(user, "")
    if wanted and hmac.compare_digest(wanted.encode(), password.encode()):
        nats_ = await asyncio.to_thread(permissions, user)
        told["jwt"] = issuer.says({
            "sub": question["user_nkey"], "aud": ACCOUNT, "name": user,
            "exp": int(time.time()) + LASTS_S, "nats": nats_,
        })  # fmt: skip
    else:
        told["error"] = "refused"
    broker = question["server_id"]["id"]
    return issuer.says({"sub": question["user_nkey"], "aud": broker, "nats": told})


async def main(logins: Path, seed: Path) -> None:
    """Answer until the process ends."""
    issuer = Issuer.of(seed)
    known: dict[str, str] = json.loads(logins.read_text("utf-8"))
    connection = await nats.connect(os.environ["NATS_URL"])

    async def on(message: Msg) -> None:
        await message.respond(
            (await answer(issuer, known, asked(message.data))).encode()
        )

    # Several of them share the questions: run two.
    await connection.subscribe(ASKED, GROUP, cb=on)
    await connection.flush()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.stdout.write(f"{Issuer.of(Path(sys.argv[1])).public}\n")
    else:
        asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))

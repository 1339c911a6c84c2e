"""One action with credentials: `python act.py data/credentials/ann.json "Hello"`.

It connects with what `omnisession credentials` has written, opens a session, sends a
message of the chat, and prints the outcome. It needs Python 3.11 and nats-py.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import nats

Json = dict[str, Any]
ANSWER_S, TRIES = 2, 10


# [connection]
async def connect(made: Json) -> nats.NATS:
    """Connect as the credentials say: over TLS, with inboxes of the user's own."""

    # With the package nkeys the library reads the file itself: user_credentials=file.
    def token() -> bytes:
        return Path(made["credentials"]).read_text("utf-8").splitlines()[1].encode()

    return await nats.connect(
        made["url"],
        tls=ssl.create_default_context(cafile=made["ca"]),
        user_jwt_cb=token,
        signature_cb=lambda _nonce: b"",  # a bearer's: nothing has to be signed
        inbox_prefix=made["inbox_prefix"],
    )


# [end]


class Session:
    """A session of the user, over a connection."""

    def __init__(self, made: Json, connection: nats.NATS) -> None:
        self.nc, self.user_id = connection, made["user_id"]
        self.session_id = made.get("session_id") or secrets.token_hex(16)
        self.user = made["inbox_prefix"].split(".")[1]  # the id as subjects have it
        self.auth = {"scheme": "bearer", "token": made["token"]}

    def body(self, type_: str, data: Json, **more: Any) -> bytes:
        """A body that a client sends."""
        envelope = {
            "v": "1.0", "type": type_, "user_id": self.user_id,
            "session_id": self.session_id, "timestamp": time.time_ns() // 1_000_000,
        }  # fmt: skip
        return json.dumps({**envelope, **more, "data": data}).encode()

    async def open(self) -> Json:
        """Open it; the answer is `session.opened`, or an error."""
        data = {
            "protocol": ["1.0"], "kinds": ["chat"], "features": [], "auth": self.auth,
            "client": {"name": "act", "version": "0.1.0"},
        }  # fmt: skip
        subject = f"session.{self.user}.{self.session_id}.control"
        sent = self.body("session.open", data)
        answer = await self.nc.request(subject, sent, timeout=ANSWER_S)
        return json.loads(answer.data)

    async def act(self, type_: str, data: Json) -> Json:
        """Send the first action, again until it has an outcome: an ack or a nack."""
        id_ = secrets.token_hex(16)
        sent = self.body(type_, data, action_id=id_, client_seq=1)
        subject = f"session.{self.user}.{self.session_id}.control"
        pushes = await self.nc.subscribe(subject)
        for _ in range(TRIES):
            await self.nc.publish(f"user.actions.{self.user}", sent)
            deadline = time.monotonic() + ANSWER_S
            while (left_s := deadline - time.monotonic()) > 0:
                try:
                    found = json.loads((await pushes.next_msg(left_s)).data)
                except nats.errors.TimeoutError:
                    break
                if found.get("data", {}).get("action_id") == id_:
                    return found
        raise SystemExit("No outcome has come.")


async def main(file: str, content: str) -> None:
    """Send a message of the chat, and print what became of it."""
    made = json.loads(Path(file).read_text("utf-8"))
    connection = await connect(made)
    session = Session(made, connection)
    answer = await session.open()
    if answer["type"] != "session.opened":
        raise SystemExit(f"The session was not opened: {answer['data']['error']}")
    outcome = await session.act("chat.send", {"content": content})
    sys.stdout.write(f"{outcome['type']} {outcome['data'].get('status', '')}\n")
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))

"""Serve one kind, told as the kit tells a server that it starts: `KIND`, and a fault or none."""

from __future__ import annotations

import asyncio
import os
import sys

from tests.kit.one_kind.actions import Actions
from tests.kit.one_kind.faults import ACTIONS, SERVERS
from tests.kit.one_kind.kinds import KINDS
from tests.kit.one_kind.server import Server, serve

if __name__ == "__main__":
    kind, fault = [*sys.argv[1:], ""][:2]
    server, actions = SERVERS.get(fault, Server), ACTIONS.get(fault, Actions)
    url, secret = os.environ["NATS_URL"], os.environ["OMNISESSION_SECRET"]
    asyncio.run(serve(KINDS[kind](), url, secret, server, actions))

"""The reference server that ends under many pings at once: `python dying_server.py LIVES`.

A ping is answered a moment later, and more of them than a few that wait for their answers end the process.
LIVES is a file with a sign for each life in which it does so; it is made shorter by one each time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from omnisession_reference import cli
from omnisession_reference.control import Control, Request

CODE = 2
LATER_MS = 50
MOST = 6


def die_of_many() -> None:
    ping = Control.ping
    waiting: list[Request] = []

    def later(self: Control, request: Request) -> None:
        waiting.append(request)
        if len(waiting) > MOST:
            os._exit(CODE)

        def answer() -> None:
            waiting.remove(request)
            ping(self, request)

        self.services.clock.call_later(LATER_MS, answer)

    Control.ping = later


def main() -> None:
    lives = Path(sys.argv.pop())
    if signs := lives.read_text():
        lives.write_text(signs[1:])
        die_of_many()
    cli.main()


if __name__ == "__main__":
    main()

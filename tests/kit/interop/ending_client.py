"""The reference client that ends, or hangs, at its n-th dispatch: `python ending_client.py N [hangs]`."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

CODE = 3


def main() -> None:
    """Hand lines on, both ways, until so many dispatches have come."""
    left, hangs = int(sys.argv[1]), len(sys.argv) > 2
    client = subprocess.Popen(
        [sys.executable, "-m", "omnisession_client.testee"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert client.stdin is not None
    assert client.stdout is not None
    answers = client.stdout

    def answer() -> None:
        for line in answers:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    threading.Thread(target=answer, daemon=True).start()
    for line in sys.stdin.buffer:
        left -= b'"dispatch"' in line
        if left < 0:
            client.kill()
            if hangs:
                time.sleep(60)
            os._exit(CODE)
        client.stdin.write(line)
        client.stdin.flush()
    client.stdin.close()
    client.wait()


main()

"""A client with faults and variants of its own: the reference client, with a part of it taken out.

Started by the tests as `python faked_client.py`, with `--fault NAME` or `--variant NAME` behind it.
"""

from __future__ import annotations

import secrets
import sys

from omnisession_client import recovery, testee
from omnisession_client.messages import Began
from omnisession_client.shell import Shell

FAULTS = {
    "never-recovers": ("CLI-006", "What is missing is never asked for."),
    "does-nothing": ("CLI-006", "Nothing goes wrong at all."),
    "blamed-wrongly": ("CLI-004", "What it says it breaks is not what it breaks."),
    "dies": ("CLI-029", "It ends at once."),
}
VARIANTS = {
    "unusual": "It does nothing unusual.",
    "broken": "It says that what it does is allowed, and it is not.",
}
DEAF = ("never-recovers", "blamed-wrongly")


def begin_under_a_short_id(self: Shell) -> None:
    """Begin a session whose id others may have as well."""
    session_id = secrets.token_hex(4)
    self._put(lambda at_ms: Began(at_ms=at_ms, session_id=session_id))  # pyright: ignore[reportPrivateUsage]


def main() -> None:
    """List, or be the reference client with a fault or a variant."""
    words = sys.argv[1:]
    if "--list-faults" in words:
        for name, (requirement, sentence) in FAULTS.items():
            print(f"{name}\t{requirement}\t{sentence}")  # noqa: T201 - what it is asked for
        return
    if "--list-variants" in words:
        for name, sentence in VARIANTS.items():
            print(f"{name}\t-\t{sentence}")  # noqa: T201 - what it is asked for
        return
    if "dies" in words:
        sys.exit("there is no session")
    if any(name in words for name in DEAF):
        recovery.begin = lambda state, want, tries=0: (state, ())  # noqa: ARG005
    if "broken" in words:
        Shell._begin = begin_under_a_short_id  # pyright: ignore[reportPrivateUsage]
    sys.exit(testee.main([]))


if __name__ == "__main__":
    main()

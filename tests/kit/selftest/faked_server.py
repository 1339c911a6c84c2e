"""A server with faults and variants of its own: the reference, behind what some of them claim.

Started by the tests as `python faked_server.py`, with what the reference takes.
"""

from __future__ import annotations

import os
import sys

FAULTS = {
    "stale-pong": ("CTRL-007", "A pong tells an old position."),
    "does-nothing": ("CTRL-007", "Nothing goes wrong at all."),
    "blamed-wrongly": ("SUBJ-004", "What it says it breaks is not what it breaks."),
    "dies": ("CTRL-008", "It ends at once."),
}
VARIANTS = {
    "unusual": ("json-spaced", "Bodies are indented."),
    "broken": ("", "It says that what it does is allowed, and it is not."),
}
BREAKS = {
    "stale-pong": "stale-pong",
    "blamed-wrongly": "stale-pong",
    "broken": "member-twice",
}


def main() -> None:
    """List, or become the reference server with a fault or a variant."""
    if "--list-faults" in sys.argv:
        for name, (requirement, sentence) in FAULTS.items():
            print(f"{name}\t{requirement}\t{sentence}")  # noqa: T201 - what it is asked for
        return
    if "--list-variants" in sys.argv:
        for name, (_, sentence) in VARIANTS.items():
            print(f"{name}\t-\t{sentence}")  # noqa: T201 - what it is asked for
        return
    fault = os.environ.pop("OMNISESSION_FAULT", "")
    variant = os.environ.pop("OMNISESSION_VARIANT", "")
    if fault == "dies":
        sys.exit("there is no database")
    if known := VARIANTS.get(variant, ("", ""))[0]:
        os.environ["OMNISESSION_VARIANT"] = known
    if broken := BREAKS.get(fault or variant):
        os.environ["OMNISESSION_FAULT"] = broken
    command = (sys.executable, "-m", "omnisession_reference", "--log-level", "error")
    os.execv(sys.executable, (*command, *sys.argv[1:]))  # noqa: S606 - no shell is needed


if __name__ == "__main__":
    main()

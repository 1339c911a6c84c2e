"""The slice of the transcript under a failure: one line a message, and the bodies of the blamed."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.areas import OF_CLIENTS, area_of
from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.report.text import GUTTER, chop, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.report.page import Page
    from omnisession_conformance.results import CheckResult, Evidence

SUBJECT_WIDTH = 38
LONG_TOKEN = 10
"""Ids longer than this are shown by both ends: enough to tell two sessions apart."""
ENVELOPE = frozenset({"v", "type", "user_id", "session_id", "timestamp"})
"""What the line above a body tells already; the interesting part would be cut off behind it."""
BODY_LINES = 2
TYPE_WIDTH = 24
LEAST_ROOM = 10
_CUT_OFF = re.compile(r"… \(\d+ more characters\)\Z")


def show_messages(
    page: Page, evidence: Sequence[Evidence], *, indent: int, whole: bool = False
) -> None:
    """Add the messages in tap order; `>` marks the blamed ones.

    `whole` shows every subject and body as it is, on lines of any length that can be copied.
    """
    if not evidence:
        return
    subjects = [e.subject if whole else short_subject(e.subject) for e in evidence]
    subject_width = min(max(map(len, subjects)), page.width if whole else SUBJECT_WIDTH)
    types = [one_line(e.type or "(no type)", TYPE_WIDTH) for e in evidence]
    type_width = max(map(len, types))
    for message, subject, type_ in zip(evidence, subjects, types, strict=True):
        mark, arrow = ">" if message.blamed else " ", "→" if goes_over(message) else "←"
        start = f"{' ' * indent}{mark} {message.t_ms / 1_000:7.3f} s  {arrow} "
        what = f"{one_line(subject, subject_width):<{subject_width}}  {type_:<{type_width}}  "
        room = page.width if whole else max(LEAST_ROOM, page.width - len(start) - len(what))
        page.line((start, "bold" if message.blamed else ""), what, one_line(message.summary, room))
        if whole:
            page.line(" " * (indent + 6), GUTTER, message.text.replace("\n", "\\n"))
        elif message.blamed:
            room = page.width - indent - 6 - len(GUTTER)
            for row in chop(essence(message.text), room, BODY_LINES):
                page.line(" " * (indent + 6), (f"{GUTTER}{row}", "dim"))


def goes_over(message: Evidence) -> bool:
    """Whether a message goes to the target: from the kit or, of a pair, from the client to the server."""
    return message.party in ("kit", "client")


def essence(text: str) -> str:
    """A body without its envelope, or as it is where it is no JSON object."""
    try:
        body: Any = json.loads(text)
    except RecursionError:
        # Deeper than any body of the protocol: nothing in it is looked for.
        return text
    except ValueError:
        # Cut in the middle, or never JSON: what is known is the data that comes last.
        at = text.find('"data":')
        return text if at <= 0 else f"…{text[at:]}"
    if not is_object(body):
        return text
    rest = {name: value for name, value in body.items() if name not in ENVELOPE}
    try:
        return json.dumps(rest, ensure_ascii=False, separators=(", ", ": "))
    except RecursionError:
        return text


def short_subject(subject: str) -> str:
    """A subject whose long ids are shown by both ends."""
    return ".".join(_short_token(token) for token in subject.split("."))


def _short_token(token: str) -> str:
    return token if len(token) <= LONG_TOKEN else f"{token[:4]}…{token[-4:]}"


def by_hand(check: CheckResult) -> str | None:
    """The `nats` command that repeats what led to a verdict; None where there is none.

    What the kit said as the server of a client means nothing outside of that run.
    """
    if area_of(check.id.requirement) in OF_CLIENTS:
        return None
    return nats_line(check.evidence)


def nats_line(evidence: Sequence[Evidence]) -> str | None:
    """The `nats` command that sends the kit's first message again by hand; None if it was cut.

    A credential in it was redacted: put your own in its place.
    """
    asked = next((e for e in evidence if e.party == "kit"), None)
    if asked is None or _CUT_OFF.search(asked.text):
        return None
    return shlex.join(["nats", "req" if asked.reply else "pub", asked.subject, asked.text])

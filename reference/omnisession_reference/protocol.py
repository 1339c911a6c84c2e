"""What this server speaks and grants: versions, profiles, limits, timers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject

VERSION = "1.0"
SPOKEN = (VERSION,)
FEATURES = ("events", "digests")

# The defaults of the protocol; sizes in bytes of encoded JSON, lists in entries, times in ms. Without
# `outcomes_ms` outcomes are kept for as long as the process lives.
LIMITS = {
    "action": 196_608,
    "event": 262_144,
    "state": 786_432,
    "article_content": 131_072,
    "article_rest": 2_048,
    "chat_content": 4_096,
    "target_url": 2_048,
    "articles": 200,
    "revisions": 50,
    "editors": 200,
    "urls": 200,
    "chat_messages": 100,
    "participants": 500,
    "sessions": 32,
    "outcomes_ms": 86_400_000,
}

# In characters, which are code points; no limit that is told, since it is the same everywhere.
LONGEST_ACTION_ID = 128


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers in force in a session, in milliseconds; the defaults are the maximum granted."""

    heartbeat_ms: int = 15_000
    resume_window_ms: int = 120_000
    coalesce_ms: int = 50
    gap_ms: int = 250

    def as_json(self) -> JsonObject:
        """Write the timers as `session.opened` tells them."""
        return asdict(self)


DEFAULT_TIMERS = Timers()


def longest_window_ms() -> int:
    """Tell the longest window that is granted: for so long a session that ended is remembered."""
    return DEFAULT_TIMERS.resume_window_ms


def windows_up_to(longest_ms: int) -> Timers:
    """Return timers with no longer window than this; two heartbeats fit into it."""
    heartbeat_ms = min(DEFAULT_TIMERS.heartbeat_ms, longest_ms // 2)
    return replace(DEFAULT_TIMERS, heartbeat_ms=heartbeat_ms, resume_window_ms=longest_ms)


class Versions:
    """Which versions are taken."""

    def negotiate(self, offers: Sequence[str]) -> str:
        """Choose the highest version spoken whose MAJOR is offered with the same or a higher MINOR."""
        offered = {_numbers(offer) for offer in offers}
        for spoken in sorted(SPOKEN, key=_numbers, reverse=True):
            major, minor = _numbers(spoken)
            if any(o_major == major and o_minor >= minor for o_major, o_minor in offered):
                return spoken
        raise _unsupported()

    def accept(self, version: object) -> None:
        """Refuse a well-formed `v` of a MAJOR that is not spoken; the schema judges its form."""
        if not isinstance(version, str):
            return
        major, dot, minor = version.partition(".")
        if dot and _is_number(major) and _is_number(minor):
            majors = {spoken.partition(".")[0] for spoken in SPOKEN}
            if major not in majors:
                raise _unsupported()


def grant(asked: JsonObject) -> Timers:
    """Clamp the timers that an open asks for; the window is never below two heartbeats."""

    def clamped(name: str, lowest: int) -> int:
        most: int = getattr(DEFAULT_TIMERS, name)
        return max(lowest, min(most, asked.get(name, most)))

    heartbeat = clamped("heartbeat_ms", 200)
    return Timers(
        heartbeat_ms=heartbeat,
        resume_window_ms=max(clamped("resume_window_ms", 1_000), 2 * heartbeat),
        coalesce_ms=clamped("coalesce_ms", 0),
        gap_ms=clamped("gap_ms", 0),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


def _numbers(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major[:18]), int(minor[:18])  # the interpreter refuses to read thousands of digits


def _unsupported() -> Refusal:
    return Refusal(4003, f"This server speaks {', '.join(SPOKEN)}.", supported=list(SPOKEN))

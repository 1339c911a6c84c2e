"""What a session published lately, for clients that missed some of it."""

from collections import deque

from omnisession_reference.protocol import LIMITS

# Enough for a connection that was away for a moment; a longer absence gets a snapshot.
MAX_MESSAGES = 256
MAX_BYTES = 262_144
# What an answer has beside the bodies in it.
ROOM = 4_096


class ResumeBuffer:
    """The last published bodies of one session, bounded by number and by size."""

    def __init__(self) -> None:
        self._bodies: deque[tuple[int, bytes]] = deque()
        self._bytes = 0

    def append(self, seq: int, payload: bytes) -> None:
        """Keep the body published at seq, and let the oldest go."""
        self._bodies.append((seq, payload))
        self._bytes += len(payload)
        while len(self._bodies) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self._bytes -= len(self._bodies.popleft()[1])

    def after(self, seq: int) -> list[bytes] | None:
        """Return the bodies after seq, or None if some are gone or all of them fill no answer."""
        if not self._bodies or self._bodies[0][0] > seq + 1:
            return None
        missed = [payload for at, payload in self._bodies if at > seq]
        return missed if sum(map(len, missed)) + ROOM <= LIMITS["state"] else None

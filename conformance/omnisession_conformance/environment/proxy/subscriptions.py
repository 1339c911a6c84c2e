"""What a client listens to on one connection, and how many messages each subscription was given."""

from __future__ import annotations

from dataclasses import dataclass

from omnisession_conformance.environment.proxy.operations import Msg, Sub, Unsub


@dataclass(slots=True)
class Subscription:
    """A subscription; `delivered` messages have passed to it, those among them that its UNSUB met.

    It is `over` when its UNSUB has passed, though messages may be under way; or when it has the `most` that
    it asked for.
    """

    sid: bytes
    subject: bytes
    queue: bytes
    delivered: int = 0
    most: int | None = None
    over: bool = False

    def stop(self, most: int | None) -> None:
        """Take an UNSUB in."""
        self.most = most
        self.over = most is None or self.delivered >= most

    def deliver(self) -> None:
        """Count a message."""
        self.delivered += 1
        self.over = self.over or (self.most is not None and self.delivered >= self.most)


class Subscriptions:
    """All subscriptions of a connection, by their ids; those that are over stay.

    An id that is used again after its UNSUB is a new subscription: what was under way to the old one counts
    for it, unless a PING was answered between the two.
    """

    def __init__(self) -> None:
        self.by_sid: dict[bytes, Subscription] = {}

    @property
    def live(self) -> tuple[Subscription, ...]:
        """Those that are not over."""
        return tuple(one for one in self.by_sid.values() if not one.over)

    def matching(self, subject: bytes) -> tuple[Subscription, ...]:
        """Those that a message on a subject goes to."""
        return tuple(one for one in self.live if covers(one.subject, subject))

    def passed(self, op: object) -> None:
        """Take an operation in that has passed."""
        if isinstance(op, Msg):
            if (one := self.by_sid.get(op.sid)) is not None:
                one.deliver()
        elif isinstance(op, Sub):
            before = self.by_sid.get(op.sid)
            # A broker goes on with the subscription that has the id already.
            if before is None or before.over:
                self.by_sid[op.sid] = Subscription(op.sid, op.subject, op.queue)
        elif isinstance(op, Unsub) and (one := self.by_sid.get(op.sid)) is not None:
            one.stop(op.most)


def covers(pattern: bytes, subject: bytes) -> bool:
    """Whether a subject is one of those that a pattern with `*` and `>` names."""
    wanted, tokens = pattern.split(b"."), subject.split(b".")
    if wanted[-1] == b">":
        wanted.pop()
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(wanted) == len(tokens) and all(
        one in (b"*", token) for one, token in zip(wanted, tokens, strict=True)
    )

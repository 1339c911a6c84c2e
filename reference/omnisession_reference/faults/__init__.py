"""Faulty servers, each breaking one requirement: what a conformance kit must catch.

A fault is a subclass of one of the server's classes that overrides one or two of its methods, and
that takes its place when the server is put together (see parts.py). The server itself knows
nothing of faults. To add one, write a class like this into a module of this folder, named for the
area of the requirement, and import the module below::

    @fault("no-digest-in-heartbeats", breaks="CTRL-009")
    class NoDigestInHeartbeats(Clockwork):
        \"\"\"Heartbeats lack their digests.\"\"\"

        def beat(self) -> None:
            self.session.push("session.heartbeat", {"position": self.session.position()})

The first line of the docstring says what goes wrong. Keep a fault to a few lines, and to the one
requirement: everything else stays as it is.
"""

from omnisession_reference.faults import (
    actions,
    article_changes,
    article_rights,
    articles,
    chat,
    control,
    copies,
    discovery,
    encoding,
    envelope,
    errors,
    events,
    forms,
    gaps,
    late_events,
    limits,
    neighbours,
    opening,
    order,
    outcomes,
    requests,
    resume,
    security,
    state,
    states,
    subjects,
    tokens,
    urls,
    users,
)
from omnisession_reference.faults.registry import FAULTS, Fault, fault

__all__ = [
    "FAULTS",
    "Fault",
    "actions",
    "article_changes",
    "article_rights",
    "articles",
    "chat",
    "control",
    "copies",
    "discovery",
    "encoding",
    "envelope",
    "errors",
    "events",
    "fault",
    "forms",
    "gaps",
    "late_events",
    "limits",
    "neighbours",
    "opening",
    "order",
    "outcomes",
    "requests",
    "resume",
    "security",
    "state",
    "states",
    "subjects",
    "tokens",
    "urls",
    "users",
]

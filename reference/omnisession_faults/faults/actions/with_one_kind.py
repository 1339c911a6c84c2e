"""Faults of the core in servers of one kind: a requirement that holds for every kind is judged with any."""

from dataclasses import replace

from omnisession_faults.faults.actions import actions, copies, forms, gaps, outcomes
from omnisession_faults.faults.registry import FAULTS, enter
from omnisession_faults.faults.safety import neighbours, security
from omnisession_faults.faults.sessions import resume
from omnisession_faults.faults.streams import events, late_events, state, states

LOADED = (
    *(actions, copies, forms, gaps, outcomes),
    *(neighbours, security, resume, events, late_events, state, states),
)
"""The modules of the faults below, which must be there before."""
ALONE = {
    "url": (
        "acks-before-states",
        "fan-out-after-ack",
        "held-in-order-of-arrival",
        "copy-in-new-session-has-no-result",
        "memory-per-subject",
        "no-result",
        "ack-before-effects",
        "valid-half-applied",
        "replay-short-of-head",
        "numbers-for-strangers",
        "id-is-enough",
    ),
    "chat": (
        "states-for-the-actor-only",
        "fan-out-after-ack",
        "held-in-order-of-arrival",
        "copy-in-new-session-has-no-result",
        "memory-per-session",
        "newest-first",
        "states-for-strangers",
        "used-numbers-applied",
    ),
    "user": (
        "acks-before-states",
        "fan-out-after-ack",
        "held-from-last-to-first",
        "memory-per-subject",
        "second-change-lost",
        "effect-of-forged-replies",
        "numbers-for-strangers",
        "copies-applied",
        "valid-half-applied",
        "replay-past-its-position",
    ),
}
"""By the one kind that is served the faults that are tried with it."""

for _kind, _names in ALONE.items():
    for _name in _names:
        _fault = FAULTS[_name]
        _sentence = f"{_fault.sentence} The kind {_kind} is the only one."
        enter(
            replace(_fault, name=f"{_name}-with-{_kind}-alone", sentence=_sentence, kinds=(_kind,))
        )

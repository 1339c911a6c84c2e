"""Ids of actions that are nearly that of another one, and mean another action all the same."""

from __future__ import annotations

from omnisession_conformance.protocol.vocabulary.near import ids

MOST = 128
"""ACTION-027: an id has at most so many characters."""
_STEM = "aeoc"
"""Has a letter for each thing that may tell two ids apart."""
NEAR = tuple(what for what in dict.fromkeys(ids(_STEM).values()) if what != "nothing")
"""All that may tell two ids apart."""


def near_id(stem: str, what: str) -> str | None:
    """The id that differs from another one in a way; None where there is none such."""
    found = next((near for near, how in ids(stem).items() if how == what), None)
    return found if found is not None and found != stem and len(found) <= MOST else None

"""What a check of a body finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a body breaks its schema.

    `pointer` is the JSON pointer of the place, for an absent member where it should be.
    `keyword` is the rule of JSON Schema that failed, `expected` what it asks for, and
    `requirement` the requirement of the protocol that is broken by it.
    """

    pointer: str
    message: str
    keyword: str
    expected: str
    requirement: str

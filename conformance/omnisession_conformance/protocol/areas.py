"""Areas of requirements: the prefixes of their ids, and what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

AREAS: Mapping[str, str] = {
    "SUBJ": "Subjects",
    "ENV": "Messages",
    "VER": "Versions",
    "CTRL": "Control",
    "STATE": "States",
    "EVENT": "Events",
    "ORDER": "Order",
    "ACTION": "Actions",
    "RESUME": "Resume",
    "EDIT": "Editing",
    "ART": "Articles",
    "CHAT": "Chat",
    "URL": "Short URLs",
    "USER": "Users",
    "DISC": "Discovery",
    "ERR": "Errors",
    "LIMIT": "Limits",
    "SEC": "Security",
    "DUR": "Durability",
    "SECU": "Deployments",
    "CLI": "Clients",
    "HYB": "Outbox",
}
"""What people call an area; one that is not listed goes by its prefix."""


OF_CLIENTS = ("CLI", "HYB")
"""The areas whose requirements bind clients: the kit is the server there."""


def area_of(requirement: str) -> str:
    """The area of a requirement id, which is its prefix: `STATE` of `STATE-003`."""
    return requirement.rpartition("-")[0]


def area_title(area: str) -> str:
    """What people call an area."""
    return AREAS.get(area, area.capitalize())

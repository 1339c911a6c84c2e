"""Scenes of a client's life on the bench, each of which some wrong client plays in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.client.scenes import acting, keeping, life, lists, pending, streams, turns, views
from tests.client.scenes.stage import SCENES, Scene

if TYPE_CHECKING:
    from tests.client.scenes.stage import Log, Play

__all__ = [
    "acting",
    "is_unlike",
    "keeping",
    "life",
    "lists",
    "pending",
    "streams",
    "turns",
    "views",
]


def _log_of(play: Play) -> Log:
    scene = Scene()
    play(scene)
    return scene.log


def is_unlike() -> bool:
    """Whether the client as it is now does something in some scene that the right one does not do."""
    for play, right in zip(SCENES, RIGHT, strict=True):
        try:
            if _log_of(play) != right:
                return True
        except Exception:  # noqa: BLE001 whatever it is, the right client does not fail
            return True
    return False


# Made before any other client can be in force.
RIGHT = [_log_of(play) for play in SCENES]

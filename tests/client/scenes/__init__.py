"""Scenes of a client's life on the bench, each of which some wrong client plays in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.client.scenes import acting, keeping, life, lists, pending, streams, turns, views
from tests.client.scenes.stage import SCENES, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.client.scenes.stage import Log, Play

__all__ = [
    "acting",
    "is_unlike",
    "keeping",
    "life",
    "lists",
    "logs",
    "pending",
    "streams",
    "turns",
    "views",
]


def _log_of(play: Play) -> Log:
    scene = Scene()
    play(scene)
    return scene.log


def logs() -> tuple[Log, ...]:
    """What the client as it is now does in each scene."""
    return tuple(map(_log_of, SCENES))


def is_unlike(right: Sequence[Log]) -> bool:
    """Whether the client as it is now does in some scene what is not in the logs of the right one."""
    for play, log in zip(SCENES, right, strict=True):
        try:
            if _log_of(play) != log:
                return True
        except Exception:  # noqa: BLE001 whatever it is, the right client does not fail
            return True
    return False

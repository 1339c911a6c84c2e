"""The option of all commands that tell a verdict: whether an excuse is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def strict_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Whether what was not tested keeps a run from passing, whatever excuses it."""
    return click.option(
        "--strict",
        is_flag=True,
        help="What was not tested fails the run, also where an excuse on the list excuses it.",
    )(function)

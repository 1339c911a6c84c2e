"""Faults that end the process of the server, as a panic or an exception that nobody caught does."""
# ruff: noqa: D102  an override means what it overrides

import os
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control, Request

CODE = 2
"""The exit code of a panic in Go."""


@fault("dies-of-edits", breaks="ERR-005")
class DiesOfEdits(Actions):
    """The end of an edit ends the server."""

    def run(self, action: Action) -> None:
        if action.body.get("type") == "article.edit_end":
            os._exit(CODE)
        super().run(action)


@fault("dies-of-old-positions", breaks="ERR-005")
class DiesOfOldPositions(Control):
    """A resume from another epoch ends the server."""

    def resume(self, request: Request) -> None:
        if request.data["epoch"] != self.require(request).epoch:
            os._exit(CODE)
        super().resume(request)


@fault("dies-of-lists-for-ids", breaks="ERR-005")
class DiesOfListsForIds(Actions):
    """A list in the place of an article's id ends the server."""

    def check(self, action: Action) -> None:
        try:
            ids: Any = action.data["article_id"]
        except (TypeError, KeyError, IndexError):
            ids = None
        if isinstance(ids, list):
            os._exit(CODE)
        super().check(action)


@fault("dies-of-any-action", breaks="ERR-005")
class DiesOfAnyAction(Actions):
    """Whatever action is next ends the server."""

    def run(self, action: Action) -> None:  # noqa: ARG002
        os._exit(CODE)

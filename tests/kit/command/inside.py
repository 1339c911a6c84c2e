"""Runs the command in this process: there a test can put a fault into the kit itself, and it costs less.

All that a call needs is imported once; what a process of its own adds is tested by a few of the tests.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.command.tool import CHOOSING, Ran

from omnisession_conformance.cli.main import main
from omnisession_conformance.cli.signals import STOPPING

if TYPE_CHECKING:
    from pathlib import Path


class Inside:
    """Calls `omnisession …` here, in a folder of its own; signals do what they did when it has ended."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._patch = patch
        self._capture = capture

    def omnisession(self, *arguments: str, report: str = "report") -> Ran:
        """Call it, and wait for its end; `report` is where its report will be."""
        for name in CHOOSING:
            self._patch.delenv(name, raising=False)
        self._patch.chdir(self.folder)
        self._patch.setattr(sys, "argv", ["omnisession", *arguments])
        self._capture.readouterr()
        handlers = {number: signal.getsignal(number) for number in STOPPING}
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            # A process that ends needs no collector; this one goes on.
            gc.unfreeze()
            gc.enable()
            for number, handler in handlers.items():
                signal.signal(number, handler)
        told = self._capture.readouterr()
        code = end.value.code
        assert isinstance(code, int)
        return Ran(code, told.out, told.err, self.folder / report)

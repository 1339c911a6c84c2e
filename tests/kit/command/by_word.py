"""A server that says that what it has acked outlives it, and keeps everything in memory."""

from __future__ import annotations

from omnisession_reference import cli, core


class ByWord(core.Settings):
    """It declares `durable`, whatever it does."""

    def __init__(self, *values: object) -> None:
        super().__init__(*values)  # pyright: ignore[reportArgumentType]
        self.durable = True


cli.Settings = ByWord  # pyright: ignore[reportPrivateImportUsage]
cli.main()

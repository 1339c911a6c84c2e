"""Build hook: the wheel carries schemas/ as the data-only package omnisession_schemas."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SchemasHook(BuildHookInterface):  # pyright: ignore[reportMissingTypeArgument]
    """Copy the schemas into a standard wheel; an editable install reads schemas/ in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folder unless this is the editable build, where a copy would go stale."""
        if version == "standard":
            source = Path(self.root) / "schemas"
            build_data["force_include"][str(source)] = "omnisession_schemas"

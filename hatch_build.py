"""Build hook: what the wheel carries beside its packages."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What lies where in a checkout, and its place in the wheel: the data-only package with the schemas, and
# the page of the demo.
SCHEMAS = ("schemas", "omnisession_schemas")
PAGE = ("implementations/typescript/dist/demo", "omnisession_conformance/demo/page")


class DataHook(BuildHookInterface):  # pyright: ignore[reportMissingTypeArgument]
    """Copy schemas and page into a standard wheel; an editable install reads both in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders unless this is the editable build, where a copy would go stale."""
        if version != "standard":
            return
        root = Path(self.root)
        for here, place in (SCHEMAS, PAGE):
            # The page takes Node.js to build: a wheel without it is whole, but for the demo, which says so.
            if (here, place) != PAGE or (root / here).is_dir():
                build_data["force_include"][str(root / here)] = place

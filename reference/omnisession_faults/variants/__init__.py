"""Unusual servers that keep every requirement: what a conformance kit must not flag.

A variant is made like a fault (see faults/): a subclass of one of the server's classes, or a few,
that takes its place when the server is put together. The server itself knows nothing of variants.
Each does something that the specification allows and that a careless kit takes for a fault. To add
one, write a class like this into a module of this folder; a new module is found by itself::

    @variant("snapshot-only")
    class SnapshotOnly(Session):
        \"\"\"Every resume below the head is answered with a snapshot.\"\"\"

        def missed(self, seq: int) -> list[bytes] | None:
            return [] if seq == self.seq else None

A variant that only has other limits or kinds is entered as a `Variant` of its own.
"""

import importlib
import pkgutil

from omnisession_faults.variants.registry import VARIANTS, Variant, enter, variant

__all__ = ["VARIANTS", "Variant", "enter", "variant"]

for _name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_name}")

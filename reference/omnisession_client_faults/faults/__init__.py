"""Clients that break one requirement each: what a conformance kit must catch.

A fault is a function that stands in the place of one of the client, and gets that one as its first
argument. The client looks its functions up when it calls them, and knows nothing of faults. To add
one, write a function like this into a module of this folder; a new module is found by itself::

    @fault("ignores-gaps", breaks="CLI-006", replaces="stream.gap")
    def ignores_gaps(_original: Any, state: State, _raw: Raw | None) -> Step:
        \"\"\"What comes behind a gap is dropped, and nothing is asked.\"\"\"
        return state, ()
"""

import importlib
import pkgutil

from omnisession_client_faults.faults.registry import FAULTS, Fault, enter, fault

__all__ = ["FAULTS", "Fault", "enter", "fault"]

for _name in sorted(
    module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.") if not module.ispkg
):
    importlib.import_module(_name)

"""Faulty servers, each breaking one requirement: what a conformance kit must catch.

A fault is a subclass of one of the server's classes that overrides one or two of its methods, and
that takes its place when the server is put together (see omnisession_reference/parts.py). The
server itself knows nothing of faults. To add one, write a class like this into a module of these
folders, named for the area of the requirement; a new module is found by itself::

    @fault("no-digest-in-heartbeats", breaks="CTRL-009")
    class NoDigestInHeartbeats(Clockwork):
        \"\"\"Heartbeats lack their digests.\"\"\"

        def beat(self) -> None:
            self.session.push("session.heartbeat", {"position": self.session.position()})

The first line of the docstring says what goes wrong. Keep a fault to a few lines, and to the one
requirement: everything else stays as it is. A fault that only has other limits is entered as a `Fault`
of its own.
"""

import importlib
import pkgutil

from omnisession_faults.faults.registry import FAULTS, Fault, enter, fault

__all__ = ["FAULTS", "Fault", "enter", "fault"]

# By the modules' own names, whatever folder they are in: the order of every list of faults.
_MODULES = sorted(
    (module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.")),
    key=lambda name: name.rpartition(".")[2],
)
for _name in _MODULES:
    importlib.import_module(_name)

"""Unusual clients that keep every requirement: what a conformance kit must not flag.

A variant is made like a fault (see faults/): a function that stands in the place of one of the client,
or a few. Each does something that the specification allows and that a careless kit takes for a fault,
and `of` names the requirements that leave the choice. To add one, write a function like this into a
module of this folder; a new module is found by itself::

    @variant("pings-often", of=("CLI-015",), replaces="asking.next_ping")
    def pings_often(_original: Any, _state: State) -> SetTimer:
        \"\"\"A ping is sent every 50 ms.\"\"\"
        return SetTimer(asking.PING, 50, 50)
"""

import importlib
import pkgutil

from omnisession_client_faults.variants.registry import VARIANTS, Variant, variant

__all__ = ["VARIANTS", "Variant", "variant"]

for _name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_name}")

"""One fault in many shapes: the same place with each of some coarse comparisons."""

from collections.abc import Callable

from omnisession_faults.coarse import COARSE, Fold
from omnisession_faults.faults.registry import fault

Make = Callable[[Fold], type]


def family(place: str, breaks: str, sentence: str, make: Make, *overlooked: str) -> None:
    """Enter a fault of one place for each of some comparisons; `sentence` ends in what is overlooked."""
    for name in overlooked:
        part = make(COARSE[name].fold)
        part.__doc__ = f"{sentence} {COARSE[name].what}."
        fault(f"{place}-whatever-{name}", breaks=breaks)(part)

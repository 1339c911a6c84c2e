"""Programs of the kit's own take nothing from the working directory, whoever wrote what lies there.

Python looks for modules there first when it is called as `python -m` or `python -c`, and where PYTHONPATH
has an empty entry. Imported before anything else, so it imports only what Python has loaded already.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - see above
_PATH, SAFE = "PYTHONPATH", "PYTHONSAFEPATH"
_OWN = (sys.executable, "-P", "-m")
SIGNING_SEED = "OMNISESSION_SIGNING_SEED"
"""The variable with the key of an account of the broker: for the kit, and for nothing that it starts."""


def program(module: str) -> tuple[str, ...]:
    """The command of a module of the kit's own, or of the reference server."""
    return (*_OWN, module)


def environment_of(command: Iterable[str], variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for a command, without the seed that only the kit signs with.

    For a program of its own PYTHONPATH leads nowhere near here.
    """
    told = {name: value for name, value in variables.items() if name != SIGNING_SEED}
    if tuple(command)[: len(_OWN)] != _OWN or _PATH not in told:
        return told
    kept = os.pathsep.join(elsewhere(told.pop(_PATH).split(os.pathsep)))
    return {**told, _PATH: kept} if kept else told


def elsewhere(entries: Iterable[str]) -> list[str]:
    """A path to look for modules on, without the working directory, unless the kit itself lies there."""
    try:
        here = os.path.realpath(os.curdir)
    except OSError:
        # It has been removed, and nothing lies in it.
        return list(entries)
    return [e for e in entries if os.path.realpath(e or os.curdir) != here or here == _HOME]


def leave_here_out() -> None:
    """Import nothing from the working directory from now on."""
    sys.path[:] = elsewhere(sys.path)


def of_python() -> dict[str, str | None]:
    """What the environment says of where Python looks for modules."""
    return {name: os.environ.get(name) for name in (_PATH, SAFE)}


def set_of_python(variables: Mapping[str, str | None]) -> None:
    """Have the environment say so."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def safe_of_python() -> dict[str, str | None]:
    """What it says for processes that Python starts by itself, and that take nothing from here."""
    path = os.environ.get(_PATH)
    kept = None if path is None else os.pathsep.join(elsewhere(path.split(os.pathsep)))
    return {_PATH: kept or None, SAFE: "1"}

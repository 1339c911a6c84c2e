"""How a target is told its fault or variant: a server by its environment, all others by two options.

A client is started behind an adapter, which may be a program that hands no environment on.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.roles import CLIENT, SERVER
from omnisession_conformance.selftest.trial import FAULT_VARIABLE, VARIANT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.selftest.trial import Trial

OPTIONS: Mapping[str, str] = {FAULT_VARIABLE: "--fault", VARIANT_VARIABLE: "--variant"}


def marked(trial: Trial, role: str) -> Trial:
    """The trial of a target of a role."""
    selection = replace(trial.selection, role=role)
    if role == SERVER:
        return replace(trial, selection=selection)
    return replace(trial, selection=selection, env={}, arguments=tuple(arguments(trial.env)))


def arguments(marks: Mapping[str, str]) -> list[str]:
    """The options that say the same as some variables."""
    return [word for name, value in marks.items() for word in (OPTIONS[name], value)]


def rerun(
    marks: Mapping[str, str],
    options: Sequence[str],
    command: Sequence[str] = (),
    role: str = SERVER,
) -> tuple[str, list[str]]:
    """What stands before and behind `omnisession check` to judge a marked target again.

    `command` is that of a target of another role than a server.
    """
    if role == SERVER:
        return "".join(f"{name}={value} " for name, value in marks.items()), list(options)
    words = shlex.join([*command, *arguments(marks)])
    if role == CLIENT:
        return "", ["--client-cmd", words, *options]
    return started(words), list(options)


def started(words: str) -> str:
    """What stands before a command that is to be run on a deployment, which runs no longer than that."""
    return f"{words} -- "

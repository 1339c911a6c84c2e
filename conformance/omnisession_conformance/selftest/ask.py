"""Asks the command of a target what it can do wrong."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from omnisession_conformance.engine.role import NullTarget
from omnisession_conformance.errors import UsageError
from omnisession_conformance.own_python import environment_of
from omnisession_conformance.protocol.roles import DEPLOYMENT
from omnisession_conformance.selftest.listing import (
    LIST_FAULTS,
    LIST_NULLS,
    LIST_VARIANTS,
    Listing,
    parse_faults,
    parse_variants,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.engine.plan import Catalogue

TIMEOUT_S = 30.0


def ask(command: Sequence[str], env: Mapping[str, str], kit: Catalogue) -> Listing:
    """The faults and variants of a target, and the null targets of its role.

    Raises UsageError where the command does not list them.
    """
    return Listing(
        parse_faults(_listed(command, LIST_FAULTS, env, kit), kit.registry),
        parse_variants(_listed(command, LIST_VARIANTS, env, kit), kit.registry),
        _nulls(command, env, kit),
    )


def _nulls(
    command: Sequence[str], env: Mapping[str, str], kit: Catalogue
) -> tuple[NullTarget, ...]:
    """Those of the kit; what is no deployment has users like one, so that its command makes it."""
    if all(role.name != DEPLOYMENT for role in kit.roles):
        return tuple(null for role in kit.roles for null in role.nulls(command))
    told = parse_variants(_listed(command, LIST_NULLS, env, kit), kit.registry)
    return tuple(NullTarget(n.name, n.sentence, (*command, "--null", n.name)) for n in told)


def _listed(command: Sequence[str], option: str, env: Mapping[str, str], kit: Catalogue) -> str:
    line = shlex.join([*command, option])
    try:
        done = subprocess.run(
            [*command, option],
            env=environment_of(command, {**os.environ, **env}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"Cannot run `{line}`: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"`{line}` did not end within {TIMEOUT_S:.0f} s.") from error
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise UsageError(
            f"`{line}` ended with exit code {done.returncode}. A {kit.roles[0].name} that the kit "
            f"is tried on lists its faults and variants and exits with 0. It said:\n{last}"
        )
    return done.stdout

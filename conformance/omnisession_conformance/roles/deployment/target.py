"""The deployment as the engine sees it: a broker that somebody else runs, and who may connect to it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.identities import JWT, OF_IDENTITY, Identities, client_of
from omnisession_conformance.environment.target import run_hook
from omnisession_conformance.errors import TargetError, UsageError
from omnisession_conformance.protocol.json import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from omnisession_conformance.environment.identities import Identity
    from omnisession_conformance.environment.settings import Settings

CREDENTIALS = "credentials"
FILES = ("credentials", "nkey_seed_file")
"""Settings of a client that name a file."""
TOKEN = re.compile(r"eyJ[\w.-]+")
TOKEN_DOTS = 2
"""In a JSON Web Token, which a hook may print as it is."""
USER = "{user}"
"""What stands in the command of a hook for the id of a user."""


@dataclass(slots=True)
class Deployment:
    """A broker with its users; `commands` are hooks of the configuration.

    `learn` is told of secrets that a hook has made: nothing that is written shows them.
    """

    identities: Identities
    learn: Callable[[Iterable[str]], None]
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])
    mode: str = field(default="attach", init=False)
    gone_ns: int | None = field(default=None, init=False)
    label: str = field(default="a deployment that is already running", init=False)
    running: bool = field(default=True, init=False)

    def hooks(self) -> frozenset[str]:
        """The hooks that the configuration has commands for."""
        return frozenset(f"hook:{name}" for name in self.commands)

    def wires(self) -> frozenset[str]:
        """None: nothing of it is led through the kit."""
        return frozenset()

    async def start(self) -> None:
        """It runs already."""

    async def stop(self) -> int | None:
        """Leave it alone: it is somebody else's."""
        return None

    async def kill(self) -> None:
        """Leave it alone."""

    def tail(self) -> str:
        """Nothing: its output goes elsewhere."""
        return ""

    async def credentials(self, user: str) -> Identity:
        """A client of a user, as the hook `credentials` makes it; TargetError where it fails."""
        command = [word.replace(USER, user) for word in self.commands[CREDENTIALS]]
        code, child = await run_hook(CREDENTIALS, command)
        if code != 0:
            raise TargetError(f"the credentials hook ended with exit code {code} for user {user!r}")
        # What it printed is a secret: no error repeats it.
        try:
            made = client_of(_Hook(), user, _table(_read(child.output)), "it")
        except UsageError as error:
            raise TargetError(f"{error}") from None
        self.learn(made.login.secrets)
        return made


@dataclass(frozen=True, slots=True)
class _Hook:
    """Reads what the hook has printed."""

    path: str = "what the credentials hook printed"

    def fail(self, at: str, what: str) -> UsageError:
        return UsageError(f"{self.path}: {at}: {what}" if at else f"{self.path}: {what}")

    def table(self, value: Any, at: str, names: tuple[str, ...]) -> dict[str, Any]:
        if not is_object(value):
            raise self.fail(at, f"one JSON object is needed, with {', '.join(names)}")
        if any(name not in names for name in value):
            raise self.fail(at, f"a name in it is not known; known are {', '.join(names)}")
        return value

    def text(self, value: Any, at: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.fail(at, "a text that is not empty is needed here")
        return value

    def names(self, value: Any, at: str, known: tuple[str, ...]) -> tuple[str, ...]:
        del known
        return self.texts(value, at)

    def texts(self, value: Any, at: str) -> tuple[str, ...]:
        if not is_list(value):
            raise self.fail(at, "a list of texts is needed here")
        return tuple(self.text(one, at) for one in value)


def _table(value: Any) -> dict[str, Any]:
    """What the hook has printed, with paths where paths belong: errors name those, and no content."""
    reads = _Hook()
    table = reads.table(value, "", OF_IDENTITY)
    for name in (name for name in FILES if name in table):
        if not os.path.isfile(os.path.expanduser(reads.text(table[name], name))):  # noqa: PTH111, PTH113 - no text is too long for these
            raise reads.fail(
                name, "the path of a file is needed here, and there is none of that name"
            )
    return table


def _read(lines: Sequence[str]) -> Any:
    """The token or the JSON of a hook, None where there is none; warnings may stand around it."""
    said = [line.strip() for line in lines]
    tokens = [line for line in said if line.count(".") == TOKEN_DOTS and TOKEN.fullmatch(line)]
    if len(tokens) == 1:
        return {JWT: tokens[0]}
    begin = next((n for n, line in enumerate(said) if line.startswith("{")), 0)
    end = next((n for n in range(len(said), 0, -1) if said[n - 1].endswith("}")), 0)
    try:
        return json.loads("\n".join(said[begin:end]))
    except (ValueError, RecursionError):
        return None


def target_of(settings: Settings) -> Deployment:
    """The deployment of some settings."""
    return Deployment(settings.identities, settings.learn, settings.hooks)

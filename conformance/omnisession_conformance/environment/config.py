"""The configuration file `omnisession.toml`: broker, target and the fixture contract.

Read strictly: a name that the kit does not know is an error, because a setting that is silently
ignored makes a run prove something else than its user thinks.
"""

from __future__ import annotations

import math
import os
import shlex
import tomllib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.access import BrokerTable
from omnisession_conformance.environment.bounds import Bounds
from omnisession_conformance.environment.carriers import CARRIERS, LINES, checked_subject
from omnisession_conformance.environment.identities import NAMES as IDENTITIES
from omnisession_conformance.environment.identities import Identities, read_identities
from omnisession_conformance.environment.topology import NUMBERS
from omnisession_conformance.environment.users import DEFAULT_RIGHTS, ROLES, FixtureConfig, User
from omnisession_conformance.errors import UsageError
from omnisession_conformance.files import MB, read_file
from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, SERVER
from omnisession_conformance.protocol.roles import ROLES as TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omnisession_conformance.protocol.promise import Promise

FILE_NAME = "omnisession.toml"
SEED_VARIABLE = "OMNISESSION_SEED"
"""Gives the seed to every run below it, as in a job of CI; a started target does not get it."""
START_TIMEOUT_S = 20.0
"""How long a command may take until it answers, where nobody says otherwise; `go run` compiles first."""
BROKER_TEXTS = (
    *("user", "password", "token", "credentials", "nkey_seed_file"),
    *("ca_file", "cert_file", "key_file", "server_name", "inbox_prefix"),
)
OWN_BROKER = ("topology", "extra", "program")
"""Settings of a broker that the kit starts."""
_FOR_CLIENTS = ("carrier", "attach")
"""What of `target` is for clients alone."""
_FOR_PAIRS = ("client_command",)
"""What of it is for a server with a client."""
_FOR_ONE_SIDE = ("instances",)
"""What of it is for servers by themselves."""
_OF_INSTANCES = (
    *("kill_instance", "start_instance", "stop_instance"),
    *("freeze_instance", "thaw_instance"),
)
"""Hooks that do something to one instance of a server; `{n}` in them is its number."""
_OF_NODES = ("kill_node", "start_node")
"""Hooks that do something to one node of a broker; `{node}` in them is its number."""
_OF_TOKENS = ("revoke",)
"""The hook that tells a server that a token is revoked."""
MOST_INSTANCES = 9
_OF_IDENTITIES = ("credentials",)
"""Hooks that make credentials, for deployments alone."""
_TABLES: Mapping[str, tuple[str, ...]] = {
    "broker": ("url", *BROKER_TEXTS, "tls_first", *OWN_BROKER),
    "target": (
        *("role", "command", "env", "private_subjects", "start_timeout"),
        *_FOR_ONE_SIDE,
        *_FOR_CLIENTS,
        *_FOR_PAIRS,
    ),
    "cluster": ("nodes",),
    "fixture": ("secret", "secret_env", "takes_null", "rights", "users", "expired"),
    "hooks": ("stop", "start", *_OF_INSTANCES, *_OF_NODES, *_OF_TOKENS, *_OF_IDENTITIES),
    "identities": IDENTITIES,
    "bounds": ("timeout", "memory", "messages"),
    "claim": ("profiles", "kinds", "actions", "requirements"),
    "run": ("seed", "disguise"),
}
_OF_CLIENTS: Mapping[str, tuple[str, ...]] = {
    "broker": ("program",),
    "target": ("role", "command", "start_timeout", *_FOR_CLIENTS),
    "cluster": (),
    "fixture": (),
    "hooks": (),
    "identities": (),
    "run": ("seed",),
}
"""What of a table is for clients, too, where not all of it is: they run at a broker of the kit's own."""
_OF_SERVERS: Mapping[str, tuple[str, ...]] = {
    "target": tuple(n for n in _TABLES["target"] if n not in (*_FOR_CLIENTS, *_FOR_PAIRS)),
    "hooks": ("stop", "start", *_OF_INSTANCES, *_OF_NODES, *_OF_TOKENS),
    "identities": (),
}
_OF_PAIRS: Mapping[str, tuple[str, ...]] = {
    "broker": ("program",),
    "target": tuple(n for n in _TABLES["target"] if n not in ("attach", *_FOR_ONE_SIDE)),
    "cluster": (),
    "hooks": (),
    "identities": (),
    "claim": (),
    "run": ("seed",),
}
"""The same of a server with a client."""
_OF_DEPLOYMENTS: Mapping[str, tuple[str, ...]] = {
    "broker": tuple(n for n in _TABLES["broker"] if n not in OWN_BROKER),
    "target": ("role",),
    "cluster": (),
    "fixture": (),
    "hooks": _OF_IDENTITIES,
}
"""The same of a broker with its users, which runs already."""
_TAKEN = {
    SERVER: _OF_SERVERS,
    CLIENT: _OF_CLIENTS,
    INTEROP: _OF_PAIRS,
    DEPLOYMENT: _OF_DEPLOYMENTS,
}
_NUMBERS = 2**63
"""What TOML promises to hold."""
SECONDS_NEEDED = "a number of seconds above 0"
MOST_BYTES = MB
MOST_DOTS = 200
_USER = ("id", "token", "roles", "username", "email", "permissions")


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says; everything has a default, so that no file is needed."""

    role: str = SERVER
    """What the file is about: all but bounds and seed is for targets of this role."""
    broker: BrokerTable = field(default_factory=BrokerTable)
    command: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    private_subjects: tuple[str, ...] = ()
    start_timeout_s: float | None = None
    instances: int = 1
    nodes: int = 1
    carrier: str | None = None
    attach: str | None = None
    client_command: tuple[str, ...] | None = None
    """Of a pair the command of the client; `command` is the server's."""
    fixture: FixtureConfig = field(default_factory=FixtureConfig)
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    identities: Identities = field(default_factory=Identities)
    bounds: Bounds = field(default_factory=Bounds)
    claim: Promise | None = None
    seed: int | None = None
    disguise: bool = False

    def for_another(self, role: str) -> Config:
        """What of it counts for a target of another role than the file is about.

        What is said of a side counts for a pair with it, and what is said of a pair for each side.
        """
        if role == INTEROP and self.role == SERVER:
            own = BrokerTable(self.broker.where, own=_programs(self.broker.own))
            return replace(
                self,
                role=role,
                broker=own,
                hooks={},
                claim=None,
                disguise=False,
                instances=1,
                nodes=1,
            )
        if self.role == INTEROP and role == SERVER:
            return replace(self, role=role, client_command=None, carrier=None)
        found = Config(role=role, bounds=self.bounds, seed=self.seed)
        if INTEROP not in (role, self.role):
            return found
        name = "client_command" if role == INTEROP else "command"
        command = self.command if role == INTEROP else self.client_command
        own = BrokerTable(self.broker.where, own=_programs(self.broker.own))
        return replace(found, broker=own, carrier=self.carrier, **{name: command})


def _whose(table: str, name: str) -> str:
    """Whom a setting is for that was written for somebody else."""
    if table == "identities" or (table == "hooks" and name in _OF_IDENTITIES):
        return "a deployment (role deployment)"
    if table == "target" and name in _FOR_PAIRS:
        return "a server with a client (role interop)"
    return "clients" if table == "target" and name in _FOR_CLIENTS else "servers"


def _programs(own: Mapping[str, str]) -> dict[str, str]:
    """Of the settings of a broker of the kit's own the program, which is for all targets."""
    return {name: value for name, value in own.items() if name == "program"}


def load_config(path: Path) -> Config:
    """Read a configuration file; UsageError names the file, the place and what to write instead."""
    try:
        raw = tomllib.loads(_readable(path))
    except OSError as error:
        raise UsageError(f"Cannot read the configuration {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no valid TOML: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} is no configuration: it is nested too deeply.") from error
    except ValueError as error:
        # An integer of thousands of digits, which Python does not read.
        raise UsageError(f"{path}: a number in it has too many digits.") from error
    return _Reader(str(path)).config(raw)


def _readable(path: Path) -> str:
    """The text of a file that can be read in a moment; raises OSError, UnicodeDecodeError, UsageError."""
    text = read_file(path, MOST_BYTES).decode("utf-8")
    # The parser's time grows with the square of a name's parts.
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise UsageError(
            f"{path} is no configuration: a line of it has more than {MOST_DOTS} dots."
        )
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str

    def fail(self, at: str, what: str) -> UsageError:
        return UsageError(f"{self.path}: {at}: {what}")

    def table(self, value: Any, at: str, names: tuple[str, ...]) -> dict[str, Any]:
        if not is_object(value):
            raise self.fail(at, "a table is needed here")
        for name in value:
            if name not in names:
                close = get_close_matches(name, names, 1)
                hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(names)}"
                raise self.fail(f"{at}.{name}" if at else name, f"there is no such setting; {hint}")
        return value

    def text(self, value: Any, at: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.fail(at, "a text that is not empty is needed here")
        if "\0" in value:
            raise self.fail(at, "a NUL character stands in it, which no program takes")
        return value

    def variables(self, value: Any, at: str) -> dict[str, str]:
        if not is_object(value):
            raise self.fail(at, "a table of texts and numbers is needed here")
        for name in value:
            if not name or "=" in name or "\0" in name:
                told = (
                    "empty" if not name else f"'{name.partition('=')[0]}…', with '=' or NUL in it"
                )
                raise self.fail(
                    at, f"the name of a variable is {told}: the system has no such names"
                )
        return {name: self.variable(v, f"{at}.{name}") for name, v in value.items()}

    def variable(self, value: Any, at: str) -> str:
        # What programs read there is text, and a port is written as a number.
        if isinstance(value, str):
            return self.text(value, at) if value else ""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and abs(value) < _NUMBERS:
            return str(value)
        raise self.fail(at, "a text or a number is needed here")

    def texts(self, value: Any, at: str) -> tuple[str, ...]:
        if not is_list(value):
            raise self.fail(at, "a list of texts is needed here")
        return tuple(self.text(item, f"{at}[{i}]") for i, item in enumerate(value))

    def command(self, value: Any, at: str) -> tuple[str, ...]:
        if isinstance(value, list):
            words = self.texts(value, at)
        else:
            words = split_command(self.text(value, at), f"{self.path}: {at}")
        if not words:
            raise self.fail(at, "a command is needed here")
        return words

    def seconds(self, value: Any, at: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(at, f"{SECONDS_NEEDED} is needed here")
        return checked_seconds(value, f"{self.path}: {at}")

    def config(self, raw: Any) -> Config:
        top = self.table(raw, "", tuple(_TABLES))
        parts = {
            name: self.table(top.get(name, {}), name, known) for name, known in _TABLES.items()
        }
        broker, target = parts["broker"], parts["target"]
        role = self.role(target, parts)
        client = target.get("client_command")
        return Config(
            role=role,
            broker=self.broker(broker),
            command=self.command(target["command"], "target.command")
            if "command" in target
            else None,
            env=self.variables(target.get("env", {}), "target.env"),
            private_subjects=self.private(target.get("private_subjects", [])),
            start_timeout_s=self.seconds(target["start_timeout"], "target.start_timeout")
            if "start_timeout" in target
            else None,
            instances=self.instances(target["instances"]) if "instances" in target else 1,
            nodes=self.nodes(parts["cluster"]["nodes"]) if "nodes" in parts["cluster"] else 1,
            carrier=self.carrier(target["carrier"]) if "carrier" in target else None,
            attach=self.attach(target) if "attach" in target else None,
            client_command=None
            if client is None
            else self.command(client, "target.client_command"),
            fixture=self.fixture(parts["fixture"]),
            hooks={n: self.command(v, f"hooks.{n}") for n, v in parts["hooks"].items()},
            identities=read_identities(self, parts["identities"]),
            bounds=self.bounds(parts["bounds"]),
            seed=self.seed(parts["run"]["seed"]) if "seed" in parts["run"] else None,
            disguise=self.flag(parts["run"], "run", "disguise"),
            claim=self.claim(parts["claim"], role) if parts["claim"] else None,
        )

    def role(self, target: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
        role = self.text(target["role"], "target.role") if "role" in target else SERVER
        if role not in TARGETS:
            known = ", ".join(TARGETS)
            raise self.fail("target.role", f"there is no role '{role}'; known are {known}")
        for table, taken in _TAKEN[role].items():
            for name in parts[table]:
                if name not in taken:
                    whose = _whose(table, name)
                    raise self.fail(
                        f"{table}.{name}",
                        f"this is for {whose}, and target.role is {role}: leave it out",
                    )
        return role

    def instances(self, value: Any) -> int:
        if type(value) is not int or not 1 <= value <= MOST_INSTANCES:
            raise self.fail(
                "target.instances", f"a number from 1 to {MOST_INSTANCES} is needed here"
            )
        return value

    def nodes(self, value: Any) -> int:
        if type(value) is not int or value not in NUMBERS:
            known = " or ".join(map(str, NUMBERS))
            raise self.fail("cluster.nodes", f"{known} is needed here")
        return value

    def carrier(self, value: Any) -> str:
        at = "target.carrier"
        name = self.text(value, at)
        if name not in CARRIERS:
            raise self.fail(at, f"there is no carrier '{name}'; known are {', '.join(CARRIERS)}")
        return name

    def attach(self, target: Mapping[str, Any]) -> str:
        at = "target.attach"
        if "command" in target:
            raise self.fail(at, "it runs already, and target.command starts one: leave out either")
        if target.get("carrier") == LINES:
            raise self.fail(at, "a client that runs already has no lines for the kit")
        return checked_subject(self.text(target["attach"], at), f"{self.path}: {at}")

    def claim(self, table: Mapping[str, Any], role: str) -> Promise:
        from omnisession_conformance.protocol.promise import Promise, known  # noqa: PLC0415 - stay light

        of_role = known(role)
        names = {n: self.names(table[n], f"claim.{n}", of_role[n]) for n in of_role if n in table}
        at = "requirements"
        least = self.count(table[at], f"claim.{at}") if at in table else 0
        return Promise(**names, requirements=least)

    def names(self, value: Any, at: str, known: tuple[str, ...]) -> tuple[str, ...]:
        found = self.texts(value, at)
        for i, name in enumerate(found):
            if name not in known:
                close = get_close_matches(name, known, 1)
                hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
                raise self.fail(f"{at}[{i}]", f"there is no '{name}'; {hint}")
        return found

    def seed(self, value: Any) -> int:
        if type(value) is not int or value < 0:
            raise self.fail("run.seed", "an integer of 0 or more is needed here")
        return value

    def flag(self, table: Mapping[str, Any], at: str, name: str) -> bool:
        value = table.get(name, False)
        if not isinstance(value, bool):
            raise self.fail(f"{at}.{name}", "true or false is needed here")
        return value

    def private(self, value: Any) -> tuple[str, ...]:
        at = "target.private_subjects"
        prefixes = self.texts(value, at)
        if prefixes:
            from omnisession_conformance.environment.private import problem  # noqa: PLC0415 - stay light

            for prefix in prefixes:
                if (wrong := problem(prefix)) is not None:
                    raise self.fail(at, wrong)
        return prefixes

    def bounds(self, table: Mapping[str, Any]) -> Bounds:
        found = Bounds()
        if "timeout" in table:
            found = replace(found, timeout_s=self.seconds(table["timeout"], "bounds.timeout"))
        for name, member in (("memory", "memory_mb"), ("messages", "messages")):
            if name in table:
                found = replace(found, **{member: self.count(table[name], f"bounds.{name}")})
        return found

    def count(self, value: Any, at: str) -> int:
        if type(value) is not int or value < 1:
            raise self.fail(at, "an integer above 0 is needed here")
        return value

    def broker(self, table: Mapping[str, Any]) -> BrokerTable:
        url: Any = table.get("url", [])
        first = self.flag(table, "broker", "tls_first")
        if "url" in table and not url:
            raise self.fail(
                "broker.url", "a text that is not empty, or a list of such, is needed here"
            )
        at = "broker.url"
        urls = self.texts(url, at) if is_list(url) else (self.text(url, at),)
        texts, own = (
            {n: self.text(table[n], f"broker.{n}") for n in names if n in table}
            for names in (BROKER_TEXTS, OWN_BROKER)
        )
        return BrokerTable(f"{self.path}: broker", urls, texts, first, own)

    def fixture(self, table: Mapping[str, Any]) -> FixtureConfig:
        takes_null = self.flag(table, "fixture", "takes_null")
        rights = self.table(table.get("rights", {}), "fixture.rights", ROLES)
        users: Any = table.get("users", [])
        if not is_list(users):
            raise self.fail("fixture.users", "write [[fixture.users]] once for each user")
        return FixtureConfig(
            secret=self.secret(table),
            takes_null=takes_null,
            rights={
                **DEFAULT_RIGHTS,
                **{r: self.texts(v, f"fixture.rights.{r}") for r, v in rights.items()},
            },
            users=tuple(self.user(u, f"fixture.users[{i}]") for i, u in enumerate(users)),
            expired=self.expired(table["expired"]) if "expired" in table else None,
        )

    def secret(self, table: Mapping[str, Any]) -> str | None:
        if "secret" in table:
            return self.text(table["secret"], "fixture.secret")
        if "secret_env" not in table:
            return None
        name = self.text(table["secret_env"], "fixture.secret_env")
        if not os.environ.get(name):
            raise self.fail("fixture.secret_env", f"the environment variable {name} is not set")
        if not is_text(os.environ[name]):
            raise self.fail("fixture.secret_env", f"bytes stand in {name} that are no UTF-8")
        return os.environ[name]

    def user(self, value: Any, at: str) -> User:
        table = self.table(value, at, _USER)
        for name in ("id", "token", "roles"):
            if name not in table:
                raise self.fail(at, f"'{name}' is missing")
        roles = self.texts(table["roles"], f"{at}.roles")
        for role in roles:
            if role not in ROLES:
                raise self.fail(f"{at}.roles", f"no role '{role}'; known are {', '.join(ROLES)}")
        return User(
            id=self.text(table["id"], f"{at}.id"),
            token=self.text(table["token"], f"{at}.token"),
            roles=roles,
            username=self.text(table["username"], f"{at}.username")
            if "username" in table
            else None,
            email=self.text(table["email"], f"{at}.email") if "email" in table else None,
            permissions=self.texts(table.get("permissions", []), f"{at}.permissions"),
        )

    def expired(self, value: Any) -> tuple[str, str]:
        table = self.table(value, "fixture.expired", ("id", "token"))
        return (
            self.text(table.get("id"), "fixture.expired.id"),
            self.text(table.get("token"), "fixture.expired.token"),
        )


def is_text(value: str) -> bool:
    """Whether a text from outside is one: bytes that are no UTF-8 come as halves of surrogate pairs."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def checked_seconds(value: float, where: str) -> float:
    """A time in seconds as it is; UsageError where it is none that passes."""
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not 0 < seconds < math.inf:
        raise UsageError(f"{where}: {SECONDS_NEEDED} is needed here")
    return seconds


def split_command(text: str, where: str) -> tuple[str, ...]:
    """Split a command line as a shell does; UsageError where its quotes do not match."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{where}: this is no command line: {error}.") from error

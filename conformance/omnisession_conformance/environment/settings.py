"""What a run is made with: options of the command line before the environment before the file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.access import Access, BrokerTable, read_access, read_login
from omnisession_conformance.environment.asked import Asked
from omnisession_conformance.environment.bounds import Bounds
from omnisession_conformance.environment.carriers import LINES, SUBJECT, carried
from omnisession_conformance.environment.config import (
    FILE_NAME,
    START_TIMEOUT_S,
    Config,
    checked_seconds,
    is_text,
    load_config,
    split_command,
)
from omnisession_conformance.environment.draws import new_seed
from omnisession_conformance.environment.identities import Identities
from omnisession_conformance.environment.secrets import in_environment, in_words
from omnisession_conformance.environment.topology import BrokerPlan, read_plan
from omnisession_conformance.environment.users import DEFAULT_RIGHTS, FixtureConfig
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.roles import CLIENT, DEPLOYMENT, INTEROP, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from omnisession_conformance.protocol.promise import Promise
    from omnisession_conformance.protocol.verdict import CheckId


START_TIMEOUTS_S = {
    SERVER: START_TIMEOUT_S,
    CLIENT: 30.0,
    INTEROP: 30.0,
    DEPLOYMENT: START_TIMEOUT_S,
}
"""How long a command may take where nobody says otherwise; for a client the contract says it."""
PAGE_TIMEOUT_S = 60.0
"""The same of a client on a subject: a browser may have to start."""
NEEDED_CLIENTS = 2
"""Of a deployment: one who tries, and one whose messages are tried for."""
SHRINK_S = 20.0
"""What a find of generated traffic may cost, once it is there: it is read by people."""


def _forget(secrets: Iterable[str]) -> None:
    """Nobody writes anything."""
    del secrets


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach the broker and the target, and what the run may do.

    `role` is what the target is judged as. Without `access` a broker is embedded as `broker` says, and
    the kit connects to it by `login`.
    Without `command` and with `access` the target is attached to; with neither the reference server is
    spawned. `attach` never spawns. `start_timeout_s` is how long a target that is started may take until
    it answers. `fail_fast` ends the run after the first case that failed, but for the checks in
    `expected`. `seed` decides on what is drawn; `disguise` keeps an attached target's operators from
    knowing the kit by its name.
    """

    role: str = SERVER
    access: Access | None = None
    broker: BrokerPlan = field(default_factory=BrokerPlan)
    login: Access = field(default_factory=Access)
    command: tuple[str, ...] | None = None
    client_command: tuple[str, ...] | None = None
    """Of a pair the command of the client; `command` is the server's."""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    instances: int = 1
    """How many processes of a server there are, or are started."""
    nodes: int = 1
    """How many nodes of the broker may end."""
    fixture: FixtureConfig = field(default_factory=FixtureConfig)
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    identities: Identities = field(default_factory=Identities)
    """Who may connect to a deployment that is judged."""
    private_subjects: tuple[str, ...] = ()
    start_timeout_s: float = START_TIMEOUT_S
    bounds: Bounds = field(default_factory=Bounds)
    claim: Promise | None = None
    """What the target is expected to declare at least."""
    allow_disruption: bool = False
    fail_fast: bool = False
    expected: frozenset[CheckId] = frozenset()
    seed: int = 0
    carrier: str = LINES
    """How the requests of the kit come to the adapter of a client that it starts."""
    attach: str | None = None
    """The subject on which a client takes them that somebody else runs."""
    shrink_s: float = SHRINK_S
    """How long a find of generated traffic may be made shorter."""
    programs: tuple[str, ...] = ()
    """Texts of programs of generated traffic to be played as well."""
    disguise: bool = False
    learn: Callable[[Iterable[str]], None] = _forget
    """Told of secrets that come while the run goes on, as the credentials of a client that a hook makes."""
    passed_over: str = ""
    """A sentence about the configuration, where it is about a target of another role."""

    @property
    def url(self) -> str | None:
        """The address of a broker that is running, without credentials."""
        return None if self.access is None else self.access.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What it was told that no output may show."""
        fixture = self.fixture
        expired = fixture.expired[1] if fixture.expired is not None else None
        told = (fixture.secret, expired, *(user.token for user in fixture.users))
        own = (self.login if self.access is None else self.access).secrets
        commands = (self.command or (), self.client_command or (), *self.hooks.values())
        return tuple(
            secret
            for secret in (
                *(*own, *told, *in_environment(self.env), *self.identities.secrets),
                *(secret for command in commands for secret in in_words(command)),
            )
            if secret
        )

    @property
    def keeps_transcript(self) -> bool:
        """Whether all that is heard may be written down: on a deployment others speak, of other things."""
        return self.role != DEPLOYMENT

    @property
    def attaches(self) -> bool:
        """Whether the target is somebody else's to run."""
        return self.attach is not None or (self.access is not None and self.command is None)

    def within(self, timeout_s: float, option: str) -> Settings:
        """These settings with another bound of time; raises UsageError that names the option."""
        allowed = checked_seconds(timeout_s, option)
        return replace(self, bounds=replace(self.bounds, timeout_s=allowed))

    @property
    def weakened(self) -> tuple[str, ...]:
        """What these settings keep from being judged, in sentences for every report."""
        fixture, found = self.fixture, list[str]()
        if self.private_subjects:
            names = ", ".join(self.private_subjects)
            found.append(
                f"private_subjects: what is published below {names} may be there, and is searched for "
                "what is told to some users alone"
            )
        if fixture.takes_null:
            found.append("takes_null: opening without a token is not judged")
        for role, rights in fixture.rights.items():
            if tuple(rights) != DEFAULT_RIGHTS[role]:
                found.append(f"rights.{role}: its users hold {', '.join(rights) or 'no right'}")
        return tuple(found)


def read_settings(
    config_file: Path | None,
    url: str | None,
    command: str | None,
    secret: str | None,
    start_timeout_s: float | None = None,
    topology: str | None = None,
    seed: int | None = None,
    *,
    disguise: bool = False,
    instances: int | None = None,
    nodes: int | None = None,
    asked: Asked | None = None,
) -> tuple[Settings, Config]:
    """Settings of a run: options before the environment before the file; raises UsageError.

    `asked` says what is judged, a server where it is None and the file says nothing else. Without a seed
    from anywhere a fresh one is drawn.
    """
    asked = replace(asked or Asked(SERVER if command else None), server_command=command)
    file = _config(config_file)
    role = asked.role_or(file.role)
    asked.check(role)
    config = file if role == file.role else file.for_another(role)
    fixture = config.fixture
    if role not in (SERVER, DEPLOYMENT):
        # A variable of the environment is meant for servers, and options are refused by now.
        url = topology = None
        disguise = False
    if role in (CLIENT, DEPLOYMENT):
        secret = None
    if secret:
        if not is_text(secret):
            raise UsageError(
                "--secret (or OMNISESSION_SECRET): bytes stand in it that are no UTF-8."
            )
        fixture = replace(fixture, secret=secret)
    fixture = replace(fixture, revoke=config.hooks.get("revoke", ()))
    words, client_words = _commands(role, asked, config, file)
    if start_timeout_s is not None:
        start_timeout_s = checked_seconds(start_timeout_s, "--start-timeout")
    access, table = read_access(url or None, config.broker), config.broker
    if access is not None and topology is not None:
        raise UsageError(
            "--topology is for a broker that the kit starts, and one that is running is named: "
            "leave out either."
        )
    nodes = nodes or config.nodes
    if role == DEPLOYMENT:
        _is_deployment(access, config)
    has_client = client_words is not None or (role == CLIENT and words is not None)
    carrier, attach = carried(role, asked, config, has_command=has_client)
    by_role_s = PAGE_TIMEOUT_S if carrier == SUBJECT else START_TIMEOUTS_S[role]
    settings = Settings(
        role=role,
        access=access,
        broker=read_plan(table.where, table.own, topology, nodes),
        login=read_login(table) if access is None else Access(),
        command=words,
        client_command=client_words,
        env=config.env,
        instances=instances or config.instances,
        nodes=nodes,
        fixture=fixture,
        hooks=config.hooks,
        identities=config.identities,
        private_subjects=config.private_subjects,
        start_timeout_s=start_timeout_s or config.start_timeout_s or by_role_s,
        carrier=carrier,
        attach=attach,
        bounds=config.bounds if carrier == LINES else config.bounds.with_a_browser,
        claim=config.claim,
        seed=_seed(seed, config),
        disguise=disguise or config.disguise,
        passed_over=_passed_over(file, role),
    )
    return settings, config


def _is_deployment(access: Access | None, config: Config) -> None:
    """UsageError where a deployment is not there to be judged, or nobody to judge it by."""
    if access is None:
        raise UsageError(
            "A deployment is judged where it runs, and no broker is named: give broker.url, or --nats "
            "nats://HOST:PORT."
        )
    if len(config.identities.clients) < NEEDED_CLIENTS and "credentials" not in config.hooks:
        raise UsageError(
            "A deployment is judged by what two clients of it may do: list them as "
            "[[identities.clients]] in omnisession.toml, or name a command that makes credentials, as "
            "hooks.credentials."
        )


def role_of(config_file: Path | None, asked: Asked) -> str:
    """The role of what is judged, where nothing else is wanted; raises UsageError."""
    return asked.role_or(_config(config_file).role)


def _commands(
    role: str, asked: Asked, config: Config, file: Config
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The command of the target, and of a pair that of the client: options before the file."""
    if role != INTEROP:
        return config.command if asked.command is None else _words(role, *asked.command), None
    server, client = asked.server_command, asked.client_command
    if server is None and config.command is None and file.broker.urls:
        raise UsageError(
            "The configuration is about a server that is running already, and that of a pair is started "
            "by the kit: name its command, by --server-cmd."
        )
    return (
        config.command if server is None else _words(SERVER, "--server-cmd", server),
        config.client_command if client is None else _words(CLIENT, "--client-cmd", client),
    )


def _passed_over(file: Config, role: str) -> str:
    told = replace(file, broker=replace(file.broker, where=BrokerTable().where))
    if INTEROP in (role, file.role):
        return ""
    if role == file.role or told == file.for_another(file.role):
        return ""
    return (
        f"the configuration is about a {file.role}: of it a {role} takes the bounds and the seed alone "
        "(target.role says what a file is about)"
    )


def _words(role: str, option: str, command: str) -> tuple[str, ...]:
    words = split_command(command, option)
    if not words:
        raise UsageError(f"{option} is empty: give the command that starts the {role}.")
    return words


def _seed(told: int | None, config: Config) -> int:
    found = told if told is not None else config.seed
    return new_seed() if found is None else found


def _config(config_file: Path | None) -> Config:
    if config_file is not None:
        return load_config(config_file)
    default = Path(FILE_NAME)
    return load_config(default) if os.path.lexists(default) else Config()

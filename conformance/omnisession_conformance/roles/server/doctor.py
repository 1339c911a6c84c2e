"""What `omnisession doctor` looks at: broker, target and fixture, one finding each.

Nothing here is a verdict: a finding says whether a run would be possible and what it would leave out.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from nats.errors import Error as NatsError

from omnisession_conformance.engine.conduct import begin, prepare
from omnisession_conformance.environment.users import ROLES
from omnisession_conformance.errors import BrokerError, KitError
from omnisession_conformance.roles.server.driver import ServerDriver
from omnisession_conformance.traffic.connection import (
    CONNECT_TIMEOUT_S,
    TapClient,
    connect,
    connect_as,
)
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from nats.aio.client import Client

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings

LEAST_PAYLOAD = 1_048_576
"""A state may hold 786 432 bytes, and headers count: the protocol's limits are made for 1 MiB."""
TRACING_SINCE = (2, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `ok`, a `note` about what a run will leave out, or `bad`."""

    mark: Literal["ok", "note", "bad"]
    what: str
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that a run needs, as far as it is there; never raises KitError."""
    findings: list[Finding] = []
    shown = Redactor(settings.secrets)
    try:
        async with prepare(settings) as run:
            shown.learn([run.fixture.config.secret or ""])
            async with _connected(run) as client:
                findings += _broker(client)
                findings.append(await _tap_allowed(run))
            findings += _fixture(run)
            findings += await _target(run)
    except KitError as error:
        what = "broker" if isinstance(error, BrokerError) else "target"
        findings.append(Finding("bad", what, str(error)))
    return [replace(finding, text=shown.text(finding.text)) for finding in findings]


@contextlib.asynccontextmanager
async def _connected(run: Run) -> AsyncGenerator[Client]:
    client = await connect(run.access, name="omnisession doctor")
    try:
        yield client
    finally:
        await client.close()


def _broker(client: Client) -> list[Finding]:
    version = client.connected_server_version
    number = (version.major, version.minor)
    found = [
        Finding("ok", "broker", f"nats-server {version.major}.{version.minor}.{version.patch}")
    ]
    if number < TRACING_SINCE:
        told = "below 2.11: no message traces, so queue groups cannot be judged (SUBJ-006)"
        found.append(Finding("note", "tracing", told))
    else:
        found.append(Finding("ok", "tracing", "the broker can tell who receives a subject"))
    payload = client.max_payload
    if payload < LEAST_PAYLOAD:
        told = f"{payload} bytes: the protocol's limits need {LEAST_PAYLOAD} (set max_payload)"
        found.append(Finding("bad", "max payload", told))
    else:
        found.append(Finding("ok", "max payload", f"{payload} bytes"))
    return found


async def _tap_allowed(run: Run) -> Finding:
    refused: list[str] = []

    async def note(error: Exception) -> None:
        refused.append(str(error))

    client = await connect_as(
        lambda: TapClient(lambda _: None), run.access, name="omnisession doctor", error_cb=note
    )
    try:
        await client.listen(">")
        heard = await client.hears_itself(f"_INBOX.{run.tag}mark", within_s=CONNECT_TIMEOUT_S)
    except NatsError as error:
        heard = False
        refused.append(str(error))
    finally:
        await client.close()
    if not heard:
        why = refused[0] if refused else "what it publishes does not come back to it"
        told = f"the kit must subscribe to `>` and publish on `_INBOX.>`, and may not: {why}"
        return Finding("bad", "permissions", told)
    return Finding("ok", "permissions", "the kit may see every subject")


def _fixture(run: Run) -> list[Finding]:
    fixture = run.fixture
    if fixture.mints:
        return [Finding("ok", "fixture", "users are minted with the secret")]
    missing = [role for role in ROLES if f"role:{role}" not in fixture.offers()]
    found = [
        Finding("ok", "fixture", f"{len(fixture.config.users)} users with tokens of their own")
    ]
    if missing:
        told = f"no user of role {', '.join(missing)}: what needs one is not run"
        found.append(Finding("note", "fixture", told))
    if "fixture:expired-token" not in fixture.offers():
        found.append(Finding("note", "fixture", "no expired token: 4011 is not judged"))
    return found


async def _target(run: Run) -> list[Finding]:
    started = time.monotonic()
    found = await begin(run, ServerDriver(run))
    declared = found.declared
    seconds = time.monotonic() - started
    name = f"{declared.server} {declared.version}".strip()
    return [
        Finding("ok", "target", f"{name} answers ({seconds:.2f} s after it was asked first)"),
        Finding("ok", "profiles", ", ".join(sorted(declared.profiles))),
        Finding("ok", "kinds", ", ".join(declared.kinds) or "none"),
    ]

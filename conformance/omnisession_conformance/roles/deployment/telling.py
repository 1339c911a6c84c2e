"""What an identity may do on the broker, in words: the attempts of the suite, and no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.environment.access import Access
from omnisession_conformance.environment.identities import Identity
from omnisession_conformance.errors import BrokerError, first_line
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.deployment.attempt import (
    RIGHT,
    THEIRS,
    Names,
    Verb,
    each_on_another,
)
from omnisession_conformance.roles.deployment.attempts import (
    ACROSS_TENANTS,
    OF_CLIENTS,
    OF_SERVERS_USER,
    RIGHT_OF_SERVERS,
)
from omnisession_conformance.roles.deployment.exchanges import from_elsewhere
from omnisession_conformance.roles.deployment.trying import UnclearError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.engine.finding import Mark
    from omnisession_conformance.roles.deployment.attempt import Attempt
    from omnisession_conformance.roles.deployment.attempts import Kind
    from omnisession_conformance.roles.deployment.driver import DeploymentDriver
    from omnisession_conformance.roles.deployment.trying import Trier

MOST = 4
"""So many subjects of one kind are named."""
NOT_CLAIMED = "not claimed"


async def rights_of_all(driver: DeploymentDriver) -> list[Finding]:
    """What nobody, each client, a server's user and another tenant may do; raises BrokerError."""
    trier, tag = await driver.trier(), driver.run.tag
    found = await _of_nobody(trier, driver.clients, tag)
    for names in each_on_another(driver.clients, tag):
        found += await _of_one(trier, names, names.attacker.id, RIGHT, OF_CLIENTS)
    named, client = driver.deployment.identities, driver.clients[0]
    if named.server is None:
        found.append(_not_given("server", "identities.server", OF_SERVERS_USER.requirement))
    else:
        names = Names(named.server, client, tag, "{i}.{w}.m", f"{THEIRS}.state")
        kinds = (OF_SERVERS_USER,)
        found += await _of_one(trier, names, "the server", RIGHT_OF_SERVERS, kinds)
    if named.tenant is None:
        found.append(_not_given("tenant", "identities.tenant", ACROSS_TENANTS.requirement))
    else:
        found += await _of_tenant(trier, Names(named.tenant, client, tag))
    if all(tok(one.id) == one.id for one in driver.clients) and not driver.deployment.commands:
        found.append(_not_given("odd id", "identities.clients with an odd id", "SECU-010"))
    return found


async def _of_nobody(trier: Trier, clients: Sequence[Identity], tag: str) -> list[Finding]:
    """What a connection without credentials may do, if the broker takes it."""
    who = "anonymous"
    try:
        if not await trier.takes(Access()):
            return [_finding("ok", who, "may not", "connect without credentials")]
    except UnclearError as error:
        return [_finding("note", who, "unclear", str(error))]
    found = [_finding("warn", who, "may", "connect without credentials (SECU-011)")]
    # A broker often takes such a one for a user that it has: its own subjects show what is let through.
    as_client = Identity(clients[0].id, Access(inbox=clients[0].inbox))
    return found + await _of_one(trier, Names(as_client, clients[1], tag), who, RIGHT, OF_CLIENTS)


async def _of_one(
    trier: Trier, names: Names, who: str, right: Iterable[Attempt], kinds: Sequence[Kind]
) -> list[Finding]:
    try:
        allowed = [one.through for one in await trier.all(names, right)]
        tried = [(kind, await trier.all(names, kind.attempts)) for kind in kinds]
    except (UnclearError, BrokerError) as error:
        return [_finding("note", who, "unclear", first_line(str(error)))]
    may = [attempt for attempt, through in zip(right, allowed, strict=True) if through]
    found = [_finding("ok", who, "may", _listed(may, names, most=len(may)) or "connect")]
    closed: dict[str, None] = {}
    for kind, results in tried:
        pairs = zip(kind.attempts, results, strict=True)
        open_ = [attempt for attempt, one in pairs if one.through]
        if open_:
            told = f"{kind.what} ({kind.requirement}): {_listed(open_, names)}"
            found.append(_finding("warn", who, "may", told))
        else:
            closed[kind.what] = None
    if closed:
        found.append(_finding("ok", who, "may not", ", ".join(closed)))
    return found


async def _of_tenant(trier: Trier, names: Names) -> list[Finding]:
    who, kind = "the tenant", ACROSS_TENANTS
    try:
        open_ = [
            attempt
            for attempt in kind.attempts
            if await from_elsewhere(trier, names, attempt.named(names.texts))
        ]
    except UnclearError as error:
        return [_finding("note", who, "unclear", first_line(str(error)))]
    if not open_:
        return [_finding("ok", who, "may not", kind.what)]
    told = f"{kind.what} ({kind.requirement}): {_listed(open_, names)}"
    return [_finding("warn", who, "may", told)]


def _listed(attempts: Sequence[Attempt], names: Names, most: int = MOST) -> str:
    """Subjects by what is done there: what is of the run has a name that says what it stands for."""
    shown = {**names.texts, "s": "SESSION", "t": "SESSION", "w": "ID"}
    told = {Verb.HEAR: "subscribe", Verb.SAY: "publish", Verb.ANSWER: "answer", Verb.TRACE: "trace"}
    by_verb: dict[str, list[str]] = {}
    for attempt in attempts[:most]:
        one = attempt.named(shown)
        by_verb.setdefault(told[one.verb], []).append(f"{one.subject} {one.queue}".rstrip())
    words = "; ".join(f"{verb} {', '.join(subjects)}" for verb, subjects in by_verb.items())
    left = len(attempts) - most
    return f"{words}; and {left} more" if left > 0 else words


def _not_given(what: str, setting: str, requirement: str) -> Finding:
    text = f"{NOT_CLAIMED}: {setting} names nobody, so {requirement} is not tried"
    return Finding("note", what, text, f"deployment.{what.replace(' ', '-')}")


def _finding(mark: Mark, who: str, verb: str, text: str) -> Finding:
    return Finding(mark, f"{who} {verb}", text, f"deployment.{verb.replace(' ', '-')}")

"""Looks at the broker before a server is started: which rights it gives the kit.

A right that is needed and lacking keeps a run from being made; each of the others is kept in mind, and
what needs it is not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER, Right, Verb
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.traffic.rights import Tried, try_rights

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run

THE_KIT, THE_SERVER = (
    "the kit's user of the broker",
    "the server, which is started as the kit's user,",
)
KIT, SERVER = "kit", "server"
INBOX = "inbox"


async def look(run: Run) -> list[Finding]:
    """Look at fixture and broker, and note which rights are lacking; see `Driver.look` for errors."""
    if not run.fixture.mints and not run.fixture.config.users:
        raise UsageError(
            "The fixture has neither a secret nor users, so no session can be opened. Give the "
            "secret that signs the server's tokens (--secret, OMNISESSION_SECRET or "
            "[fixture] secret), or list users with tokens in omnisession.toml."
        )
    kit = await try_rights(
        run.access, OF_THE_KIT, _users(run), run.tag, run.draws.connection_name("rights")
    )
    writes = [right for right in OF_THE_KIT if right.verb is Verb.PUBLISH]
    run.rights.needed = tuple(r.subjects(run.access.inbox) for r in writes if r.needed)
    run.rights.others = tuple(r.subjects(run.access.inbox) for r in writes if not r.needed)
    findings = [_finding(run, one, KIT, THE_KIT) for one in kit]
    if run.server_access is not None:
        server = await try_rights(
            run.server_access,
            OF_THE_SERVER,
            _users(run),
            run.tag,
            run.draws.connection_name("rights"),
        )
        findings += [_finding(run, one, SERVER, THE_SERVER) for one in server]
    return findings


async def deaf_to(run: Run) -> str | None:
    """The first right to hear something that the kit has not, in words; None where it has all."""
    hears = [right for right in OF_THE_KIT if right.verb is Verb.SUBSCRIBE]
    tried = await try_rights(
        run.access, hears, _users(run), run.tag, run.draws.connection_name("rights")
    )
    lacking = next((one.right for one in tried if one.refused), None)
    return None if lacking is None else f"{THE_KIT} may not {lacking.shown(run.access.inbox)}"


def _users(run: Run) -> list[str]:
    """Users as subjects name them: one that is made up, and those that are lent."""
    return [run.tag, *(tok(user.id) for user in run.fixture.config.users)]


def _finding(run: Run, tried: Tried, of: str, who: str) -> Finding:
    right, inbox = tried.right, run.access.inbox
    code, what = f"right.{of}.{right.code}", f"{of} may"
    shown = f"{right.shown(inbox)} ({right.what})"
    if not tried.refused:
        return Finding("ok", what, shown, code)
    why = f"{who} may not {right.shown(inbox)}"
    if right.needed:
        told = f"{why[0].upper()}{why[1:]} ({right.what}){_way_out(right, of)}."
        return Finding("bad", f"{what} not", told, code)
    run.rights.lacking[right.subjects(inbox)] = why
    return Finding("note", f"{what} not", f"{shown}: what needs it is not run", code)


def _way_out(right: Right, of: str) -> str:
    if of == SERVER:
        return "; a user of its own is told to it by [target] env, as NATS_USER and NATS_PASSWORD"
    return "; inboxes elsewhere are told by inbox_prefix in [broker]" if right.name == INBOX else ""

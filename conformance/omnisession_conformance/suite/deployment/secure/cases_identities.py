"""Who is let in, and that a name opens nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.environment.access import Access
from omnisession_conformance.environment.address import Login
from omnisession_conformance.environment.keys import forged
from omnisession_conformance.roles.deployment.attempt import (
    LIMIT_MS,
    OWN,
    RIGHT,
    THEIRS,
    Names,
    hear,
    say,
)
from omnisession_conformance.roles.deployment.attempts import AS_SERVER, RIGHT_OF_SERVERS

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.attempt import Attempt
    from omnisession_conformance.roles.deployment.context import Context

ODD = ("*", ">", "a.b", "{{name()}}", "{{subject()}}", "Zoë", "~server", "omnisession", "$SYS")
"""User ids that are patterns, templates, or the names of roles."""
AS_ODD: tuple[Attempt, ...] = (
    hear(f"{THEIRS}.state"),
    hear("session.*.*.*", f"{THEIRS}.events"),
    hear("session.>", f"{THEIRS}.control"),
    hear("{j}.>", "{j}.{w}.1"),
    hear("_INBOX.~server.>", "_INBOX.~server.{w}"),
    say(f"{THEIRS}.control"),
    say("user.actions.{v}"),
    say(f"{OWN}.state"),
)


@case("SECU-010", needs=("identity:odd",), limit_ms=LIMIT_MS)
async def a_name_opens_nothing(ctx: Context) -> None:
    """Users whose ids are wildcards, templates or names of roles may do what others may, and no more."""
    for client in await ctx.odd_clients(ODD):
        victim = next(one for one in ctx.clients if one.id != client.id)
        names = ctx.names(client, victim)
        await ctx.allowed("SECU-010", RIGHT, names)
        await ctx.denied("SECU-010", AS_ODD, [names])


@case("SECU-011")
async def nobody_is_let_in_without_credentials(ctx: Context) -> None:
    """Connections without credentials, with unknown and with wrong ones are refused."""
    word = ctx.tag
    tried = {
        "without credentials": Access(),
        "as an unknown user": Access(login=Login(f"{word}-nobody", word)),
        "with an unknown token": Access(login=Login(token=word)),
    }
    for client in ctx.clients:
        user, signer = client.login.login.user, client.login.signer
        if user is not None:
            wrong = Access(login=Login(user, f"{word}-wrong"))
            tried[f"as {client.id!r} with a wrong password"] = wrong
        if signer is not None:
            what = "key" if signer.jwt is None else "signature"
            tried[f"as {client.id!r} with a forged {what}"] = Access(signer=forged(signer))
    for how, login in tried.items():
        taken = await ctx.taken(login)
        ctx.check(
            "SECU-011",
            not taken,
            expected="the broker refuses it",
            seen=f"the broker took a connection {how}" if taken else "it was refused",
        )


@case("SECU-015", needs=("identity:server",), limit_ms=LIMIT_MS)
async def a_server_has_its_row_and_no_more(ctx: Context) -> None:
    """The server's user hears no answers, no states and nothing outside of its queue group."""
    server = ctx.identities.server
    ctx.require(server is not None, "there is no identity of a server")
    if server is not None:
        names = Names(server, ctx.clients[0], ctx.tag, "{i}.{w}.m", f"{THEIRS}.state")
        tried = await ctx.tried(names, RIGHT_OF_SERVERS)
        lacking = [str(one.attempt) for one in tried if not one.through]
        ctx.require(
            not lacking, f"the server's user cannot do what it has to: {', '.join(lacking)}"
        )
        await ctx.denied("SECU-015", AS_SERVER, [names])

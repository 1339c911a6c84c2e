"""DISC: a server as the micro-service `omnisession` of NATS (ADR-32), for those who look after brokers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.discovery import NAME, Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

HEADERS = {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
VERBS = {
    "PING": "io.nats.micro.v1.ping_response",
    "INFO": "io.nats.micro.v1.info_response",
    "STATS": "io.nats.micro.v1.stats_response",
}
"""What can be asked, and the type of the answers to it."""
SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\Z",
    re.ASCII,
)


@case("DISC-001")
async def service_is_found(ctx: Context) -> None:
    """Ping, info and statistics are answered, asked of all, of the name, and of one instance."""
    asked = Asked(ctx)
    subjects = {await asked.ask(verb, *name): verb for verb in VERBS for name in ((), (NAME,))}
    ids: dict[str, None] = {}
    for subject, verb in subjects.items():
        first = await asked.first(subject)
        _answered(ctx, subject, verb, [first] if first is not None else [])
        ids |= {_text(first, "id"): None} if first is not None else {}
        if first is None:
            # One that does not answer this answers nothing: it need not be waited for nine times.
            return
    for id_ in ids:
        subjects = {await asked.ask(verb, NAME, id_): verb for verb in VERBS}
        for subject, verb in subjects.items():
            await asked.first(subject)
            answers = asked.answers(subject)
            _answered(ctx, subject, verb, answers)
            told = sorted({_text(answer, "id") for answer in answers})
            ctx.equal("DISC-001", [id_], told, on=answers, why=f"who answers {subject}")
    # Tools that follow their requests send headers with them.
    subject = await asked.ask("PING", NAME, headers=HEADERS)
    first = await asked.first(subject)
    _answered(ctx, f"{subject} with a header", "PING", [first] if first is not None else [])


def _text(record: Record, name: str) -> str:
    return str((record.body or {}).get(name))


def _answered(ctx: Context, subject: str, verb: str, answers: Sequence[Record]) -> None:
    """Observe answers of the service to a request, by what ADR-32 says of all of them."""
    if not answers:
        ctx.absent("DISC-001", expected=f"an answer of the service {NAME}", why=subject)
    for answer in answers:
        wanted = {"type": VERBS[verb], "name": NAME}
        seen = {name: _text(answer, name) for name in wanted}
        ctx.equal("DISC-001", wanted, seen, on=answer, why=f"the answer to {subject}")
        version = _text(answer, "version")
        ctx.check(
            "DISC-001",
            SEMVER.match(version) is not None,
            expected="a version as SemVer writes it",
            seen=version,
            on=answer,
            pointer="/version",
            why=f"the answer to {subject}",
        )


async def _everything(ctx: Context) -> list[Record]:
    """Ask for all that there is, and return the answers of session servers.

    Without any there is nothing to judge: that nobody answers is a matter of DISC-001.
    """
    asked = Asked(ctx)
    subjects = [await asked.ask(verb, NAME) for verb in VERBS]
    if await asked.first(subjects[0]) is None:
        raise NotOffered(f"nobody answers as the micro-service {NAME}")
    return [r for s in subjects if await asked.first(s) is not None for r in asked.answers(s)]


@case("DISC-002")
async def service_tells_what_it_speaks(ctx: Context) -> None:
    """The metadata of the service are those of `session.opened`: versions, profiles and limits."""
    session = await ctx.open(ctx.user())
    opened = session.opened.data if session.opened else {}
    for answer in await _everything(ctx):
        metadata = as_object((answer.body or {}).get("metadata"))
        on, what = answer, _text(answer, "type")
        for name in ("protocol", "profiles", "limits"):
            told = metadata.get(name, "(missing)")
            good = isinstance(told, str) and told not in ("", "(missing)")
            pointer = f"/metadata/{name}"
            ctx.check(
                "DISC-002", good, expected="a text", seen=told, on=on, pointer=pointer, why=what
            )
        versions = _names(metadata.get("protocol"))
        ctx.check(
            "DISC-002",
            opened.get("protocol") in versions,
            expected=f"the version of the session, {opened.get('protocol')}, among others",
            seen=metadata.get("protocol"),
            on=on,
            pointer="/metadata/protocol",
            why=what,
        )
        profiles, pointer = sorted(_names(metadata.get("profiles"))), "/metadata/profiles"
        wanted = sorted(opened.get("profiles") or [])
        ctx.equal("DISC-002", wanted, profiles, on=on, pointer=pointer, why=what)
        limits, pointer = _json(metadata.get("limits")), "/metadata/limits"
        ctx.equal("DISC-002", opened.get("limits"), limits, on=on, pointer=pointer, why=what)


def _names(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


@case("DISC-003")
async def service_tells_of_nobody(ctx: Context) -> None:
    """While sessions of two users act and are refused, no answer of the service tells of any."""
    sessions = [await ctx.open(ctx.user()) for _ in range(2)]
    for session in sessions:
        await _acts(session)
        await ctx.session(session.user).open(token=f"{session.user.token}x")
    texts = [text for session in sessions for text in _secrets(session)]
    for answer in await _everything(ctx):
        found = [text for text in texts if text.encode() in answer.data]
        ctx.check(
            "DISC-003",
            not found,
            expected="no user id, session id, token or email",
            seen=found or "none of them",
            on=answer,
            why=_text(answer, "type"),
        )


async def _acts(session: Session) -> None:
    """Do what a server may count, remember and complain about."""
    await session.ask("session.ping")
    await session.act("session.noop")
    await session.ask("session.sync", {"kinds": 5})
    await session.act("x-none.do_thing")


def _secrets(session: Session) -> list[str]:
    user = session.user
    # A lent user may have a name that is in any text.
    ids = [session.id] + ([user.id] if not user.id.isalpha() else [])
    return [*ids, user.token, *([user.email] if user.email else [])]

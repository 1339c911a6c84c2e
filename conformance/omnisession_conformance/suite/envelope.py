"""ENV: what a receiver ignores, copies and keeps; the form of bodies is judged on every message."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.suite.changes import KIND, open_articles, takes, unique
from omnisession_conformance.suite.control_helpers import answered

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

UNKNOWN: dict[str, Any] = {
    "x_text": "unknown",
    "x_null": None,
    "x_list": [{"a": [None, True]}],
    "x_object": {"type": "session.close", "user_id": "nobody"},
}
STRINGS = {
    "markup": "<b>&amp;\"quoted\" 'single' </script>",
    "white space": "  leads, trails, \t tabs\r\nand breaks \n ",
    "control characters": "\x01\x08\x0b\x0c\x1f\x7f\x85",
    "beyond the basic plane": "\U0001f469\U0000200d\U0001f680 \U00010348 \U0010fffd",
    "combining characters": "e\u0301 \u00e9 \u1e9b\u0323 \ufb01 \u212b",
    "separators and marks": "\u2028\u2029\ufeff\u200f\u202e\u00a0",
    "escapes of others": "\\u0041 \\n %20 &#65; ${x} {{y}} \\",
    "nothing": "",
}


@case("ENV-007")
async def unknown_members_of_requests_are_ignored(w: World) -> None:
    """Requests with members that no version knows, at every level, are answered as without."""
    session = w.session(w.user())
    data = session.open_data(timers={"coalesce_ms": 0})
    for part in (data, data["auth"], data["client"], data["timers"]):
        part.update(UNKNOWN)
    body = {**session.request_body("session.open", data), **UNKNOWN}
    answer = await (await session.send("session.open", body=body)).answer()
    if not answered(w, "ENV-007", answer, "session.opened", "an open with unknown members"):
        return
    session.opened = answer
    for type_, type_data, wanted in (
        ("session.ping", {}, "session.pong"),
        ("session.sync", {}, "session.syncing"),
        ("session.resume", {"epoch": 1, "seq": 0}, "session.resumed"),
        ("session.close", {}, "session.closed"),
    ):
        body = {**session.request_body(type_, {**type_data, **UNKNOWN}), **UNKNOWN}
        answer = await (await session.send(type_, body=body)).answer()
        answered(w, "ENV-007", answer, wanted, f"{type_} with unknown members")


@case("ENV-007", needs=takes("create", "update"))
async def unknown_members_of_actions_are_ignored(w: World) -> None:
    """Actions with members that no version knows, at every level, have their effect."""
    session = await open_articles(w, w.user())
    title = unique(w, "title")
    create = session.action_body("article.create", {"title": title, **UNKNOWN})
    outcome = await (await session.send_action({**create, **UNKNOWN})).outcome()
    if not w.acked("ENV-007", outcome, why="a create with unknown members") or outcome is None:
        return
    article_id = outcome.result.get("article_id")
    renamed = unique(w, "renamed")
    data = {"article_id": article_id, "changes": {"title": renamed, **UNKNOWN}, **UNKNOWN}
    update = session.action_body("article.update", data)
    outcome = await (await session.send_action({**update, **UNKNOWN})).outcome()
    w.acked("ENV-007", outcome, why="an update with unknown members")
    await session.fence()
    titles = [a.get("title") for a in session.slice(KIND)["articles"] if a.get("id") == article_id]
    w.equal("ENV-007", [renamed], titles, why="the title after the update")


def trace_of(record: Record) -> str | None:
    """The trace id of a message's traceparent header, if it has one."""
    parts = record.headers.get("traceparent", "").split("-")
    return parts[1] if len(parts) >= 4 else None


@case("ENV-009", needs=takes("create"))
async def trace_of_an_action_goes_on(w: World) -> None:
    """The outcome of an action and the state or event that it causes carry its trace id."""
    session = await open_articles(w, w.user(), events=True)
    before = await session.fence()
    trace = secrets.token_hex(16)
    headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    title = unique(w, "traced")
    body = session.action_body("article.create", {"title": title})
    sent = await session.send_action(body, headers=headers)
    outcome = await sent.must()
    w.require(outcome.acked, f"article.create was not acked: {outcome}")
    await session.fence()
    mark = title.encode()
    caused = [r for r in session.after(before) if mark in r.data]
    pushed = sent.on_control()
    seen = [outcome.record, *([pushed] if pushed else []), *caused]
    w.require(bool(caused), "the create made no state or event in its own session")
    w.equal("ENV-009", [trace] * len(seen), [trace_of(r) for r in seen], on=seen)


def shown(session: Session, article_id: Any) -> dict[str, Any]:
    """An article as the session's list has it."""
    found = [a for a in session.slice(KIND)["articles"] if a.get("id") == article_id]
    return found[0] if found else {}


@case("ENV-010", needs=takes("create", "select"))
async def strings_are_kept_as_they_are(w: World) -> None:
    """Strings with every sort of character are shown as they were sent, in events and states."""
    user = w.user()
    session = await open_articles(w, user, events=True)
    plain = await open_articles(w, user)
    for what, text in STRINGS.items():
        title = f"{unique(w, 'title')}{text}"
        data = {"title": title, "subtitle": text, "content": text, "tags": [text, f"x{text}"]}
        ack = await session.apply("article.create", data)
        article_id = ack.result.get("article_id")
        await session.apply("article.select", {"article_id": article_id})
        await plain.apply("article.select", {"article_id": article_id})
        await w.fences(session, plain)
        if session.timers:
            await session.sync()
        for one in (session, plain):
            entry = shown(one, article_id)
            current: dict[str, Any] = one.slice(KIND).get("current_article") or {}
            seen = {**{n: entry.get(n) for n in data}, "content": current.get("content")}
            w.equal("ENV-010", data, seen, on=one.stream[-1], why=f"strings with {what}")


@case("ENV-005", "ENV-006")
async def nothing_is_an_empty_list_or_null(w: World) -> None:
    """A user without any data is shown empty lists and nulls, not absent members."""
    session = await w.open(w.user(), kinds=w.declared.kinds)
    states = session.states()
    for requirement in ("ENV-005", "ENV-006"):
        flaws = [f for s in states for f in s.flaws if f.requirement == requirement]
        w.check(
            requirement,
            not flaws,
            expected="every list an array, every member that may be null present",
            seen=[f"{f.pointer}: {f.message}" for f in flaws],
            on=states,
        )

"""URL: codes that are taken for one, and addresses and codes that are shown as they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.addresses import addresses
from omnisession_conformance.protocol.vocabulary.near import lengths, numbers, plain
from omnisession_conformance.protocol.vocabulary.words import WORDS
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.sending import numbered
from omnisession_conformance.roles.server.steps.urls import (
    KIND,
    LONGEST_CODE,
    address,
    code,
    create_url,
    open_urls,
    part_of,
    takes_url,
    url_id,
    urls_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.urls import Entry

AT_ONCE = 15
"""Urls of a user at a time: the list may show no more than twenty."""


@case("URL-002", needs=takes_url("create"))
async def near_codes_are_other_codes(ctx: Context) -> None:
    """Codes that only case, signs, zeros or their ends tell apart are taken, and each but once."""
    stem = code(ctx)[: LONGEST_CODE - 20]
    near = {
        **{stem + end: group.what for group in plain() for end in group.ends},
        stem.swapcase(): "case",
        f"0{stem}": "a zero in front",
        f"-{stem}": "a minus in front",
        **{text: what for text, what in numbers(ctx.draws.digits()).items() if "." not in text},
        **lengths(code(ctx).ljust(LONGEST_CODE, "x")),
    }
    told = [(text, what) for text, what in near.items() if "+" not in text]
    other = await open_urls(ctx, ctx.user(), events=True)
    await create_url(ctx, other, short_code=code(ctx))
    for at in range(0, len(told), AT_ONCE):
        if not await _apart(ctx, dict(told[at : at + AT_ONCE]), other):
            return


async def _apart(ctx: Context, near: Mapping[str, str], other: Session) -> bool:
    """Observe that codes are taken and shown, and refused to whoever asks for one of them again."""
    session = await open_urls(ctx, ctx.user())
    data = [{"target_url": address(ctx), "short_code": text} for text in near]
    bodies = [session.action_body("url.create", each, client_seq=0) for each in data]
    made: list[Answer] = []
    answers = await numbered(session, bodies)
    for answer, (text, what) in zip(answers, near.items(), strict=True):
        why = f"the code {text!r}, which differs from those of other urls in {what}"
        if not ctx.acked("URL-002", answer, why=why) or answer is None:
            return False
        made.append(answer)
    urls = await urls_of(session)
    shown = {str(url.get("id")): url.get("short_code") for url in urls}
    for ack, text in zip(made, near, strict=True):
        seen = shown.get(url_id(ack), "(missing)")
        ctx.equal("URL-002", text, seen, on=session.stream[-1:], why="the code of a url")
    bodies = [other.action_body("url.create", each, client_seq=0) for each in data[::2]]
    for body, answer in zip(bodies, await numbered(other, bodies), strict=True):
        why = f"the code {body['data']['short_code']!r}, which a url has"
        ctx.refused("URL-002", answer, 4220, why=why)
    return True


@case("ACTION-016", needs=takes_url("create", "update"))
async def codes_have_one_to_64_characters(ctx: Context) -> None:
    """A code without a character, and one with 65, is refused in a new url and in an update."""
    session = await open_urls(ctx, ctx.user())
    made = await create_url(ctx, session, short_code=code(ctx))
    before = [_given(url) for url in await urls_of(session)]
    for text in ("", code(ctx).ljust(LONGEST_CODE + 1, "x")):
        for type_, data in (
            ("url.create", {"target_url": address(ctx), "short_code": text}),
            ("url.update", {"url_id": made, "changes": {"short_code": text}}),
        ):
            answer = await session.act(type_, data)
            ctx.refused(
                "ACTION-016", answer, 4001, why=f"{type_}, a code of {len(text)} characters"
            )
    after = [_given(url) for url in await urls_of(session)]
    why = "urls after codes that are none"
    ctx.equal("ACTION-016", before, after, on=session.stream[-1:], why=why)


def _given(url: Entry) -> Entry:
    """What a creator gives; a url that is followed changes by itself."""
    return {name: url.get(name) for name in ("id", "short_code", "target_url", "is_active")}


@case("ENV-010", needs=takes_url("create", "update"))
async def addresses_are_shown_unaltered(ctx: Context) -> None:
    """Addresses that a parser would write in another way, and odd codes, are shown as they were given."""
    odd = list(addresses(ctx.draws.text("page")).items())
    used = 0
    for at in range(0, len(odd), AT_ONCE):
        session = await open_urls(ctx, ctx.user(), events=bool(at))
        used += await _kept(ctx, session, "target_url", odd[at : at + AT_ONCE])
    # Others may have such codes, and a server its rules for them.
    words = [(f"the code {word!r}", word) for word in WORDS if len(word) > 2][:AT_ONCE]
    await _kept(ctx, await open_urls(ctx, ctx.user()), "short_code", words)
    ctx.require(used > 0, "the server took none of the addresses")


async def _kept(
    ctx: Context, session: Session, member: str, texts: Iterable[tuple[str, str]]
) -> int:
    """Observe that texts are shown as given, in new urls and after updates; how many were taken."""
    told: list[tuple[str, str, Answer, Answer]] = []
    for number, (what, text) in enumerate(texts):
        made = await taken(session, "url.create", {"target_url": address(ctx), member: text})
        if made is None:
            continue
        told.append((f"{what}, in a new url", text, made, made))
        if member == "short_code":
            continue
        # Who compares by something coarser sees no change in it.
        changes: Entry = {member: f"{text}/" if number % 2 else text.swapcase()}
        data = {"url_id": url_id(made), "changes": changes}
        if again := await taken(session, "url.update", data):
            told.append((f"{what}, by an update", changes[member], made, again))
    await session.fence()
    for what, text, made, ack in told:
        urls: list[Entry] = session.slice(KIND, upto=ack.position).get("urls") or []
        url = next((url for url in urls if url.get("id") == url_id(made)), None)
        seen = part_of(url, (member,))
        ctx.equal("ENV-010", {member: text}, seen, on=session.stream[-1:], why=what)
    return len(told)

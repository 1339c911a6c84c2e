"""SEC, ERR: tokens that are signed as they should be, with claims that are not as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.session import now_ms
from omnisession_conformance.roles.server.steps.timers import BEATS
from omnisession_conformance.roles.server.steps.users import KIND, user_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

HOUR_S = 3_600
FRESH_S = 20
"""So long ago that the clock of no server is behind it."""
OWN_FAULTS = (5000, 5030, 5040)
REFUSED = (4010, 4011, 4031)
EXPIRED = 4011
LASTS_S, TRIES = 1.0, 5
"""How long a token lasts that is to expire, and how often it is asked for after that."""
BEHIND_S = 0.25
"""So much may the clock of one instance of a server be behind that of another."""
Claims = dict[str, Any]


def odd_claims(user: User) -> Iterator[tuple[str, Claims]]:
    """Claims of which each has one that is missing or of another type than usual, by what it is."""
    usual: Claims = {
        "sub": user.id,
        "exp": now_ms() // 1_000 + HOUR_S,
        "perm": list(user.permissions),
        "name": user.username,
        "email": user.email,
    }
    for name in ("perm", "name", "email", "exp"):
        yield f"without {name}", {key: value for key, value in usual.items() if key != name}
    yield "with nothing but user and end", {name: usual[name] for name in ("sub", "exp")}
    odd: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("perm", (None, "post", 5, {}, [5, None, [], {}])),
        ("name", (None, "", 5, [])),
        ("email", (None, "", 5, [])),
        ("exp", (None, "soon", True, [], usual["exp"] + 0.5, 1e30)),
        ("iat", (None, "now", 0)),
        ("nbf", (None, "now", 0)),
    )
    for name, values in odd:
        for value in values:
            yield f"with {value!r} as {name}", {**usual, name: value}


def of_nobody(user: User) -> Iterator[tuple[str, Claims]]:
    """Claims that tell no user, or not this one."""
    end: Claims = {"exp": now_ms() // 1_000 + HOUR_S, "perm": []}
    yield "without sub", end
    for value in ("", None, 5, [user.id], {"id": user.id}, f"{user.id} ", f" {user.id}"):
        yield f"with {value!r} as sub", {**end, "sub": value}


@case("SEC-006", needs=("fixture:auth", "fixture:mint"))
async def fresh_tokens_open(ctx: Context) -> None:
    """A token that was issued a moment ago, and is valid since then, opens a session."""
    user = ctx.user()
    kinds = [ctx.declared.cheapest_kind]
    issued = now_ms() // 1_000 - FRESH_S
    usual: Claims = {"sub": user.id, "exp": issued + HOUR_S, "perm": list(user.permissions)}
    for name in ("iat", "nbf"):
        session = ctx.session(user)
        token = ctx.fixture.sign({**usual, name: issued}, whole=True)
        data = session.open_data(kinds=kinds, token=token)
        answer = await (await session.send("session.open", data)).answer()
        why = f"session.open with a token whose {name} was {FRESH_S} s ago"
        if answer is None:
            ctx.absent("SEC-006", expected="session.opened", why=why)
            continue
        good = answer.type == "session.opened"
        ctx.check("SEC-006", good, expected="session.opened", seen=str(answer), on=answer, why=why)
        if good:
            session.opened = answer
            await session.close()
            session.leave_open = True


@case("SEC-006", needs=("fixture:auth", "fixture:mint"), slow=True)
async def known_tokens_expire(ctx: Context) -> None:
    """A token that has opened a session is expired as any other when its time is over."""
    user = ctx.user()
    clock = await ctx.open(user, timers=BEATS)
    usual: Claims = {"sub": user.id, "exp": now_ms() / 1_000 + LASTS_S, "perm": []}
    known = ctx.fixture.sign(usual, whole=True)
    answer = await ctx.session(user).open(token=known)
    ctx.require(answer.type == "session.opened", f"a token that is in time got {answer}")
    for number in range(TRIES):
        await clock.wait(lambda: None, LASTS_S / 2)
        # One of the same end that was never seen tells what time it is for the server.
        unseen = ctx.fixture.sign({**usual, "name": f"unseen {number}"}, whole=True)
        other = ctx.session(user)
        if (told := await other.open(token=unseen)).code == EXPIRED:
            # Another instance of the server may find out a moment later.
            await clock.wait(lambda: None, BEHIND_S)
            answer = await (await other.send("session.open", other.open_data(token=known))).answer()
            why = "session.open with a token that has opened a session, and is over"
            ctx.refused("SEC-006", answer, EXPIRED, why=why)
            return
        ctx.require(told.type == "session.opened", f"a token of the same end got {told}")
        await other.close()
        other.leave_open = True
    ctx.require(False, "a token did not expire in its time")


@case("ERR-008", "SEC-006", needs=("fixture:auth", "fixture:mint"))
async def odd_claims_are_taken_or_refused(ctx: Context) -> None:
    """A signed token with odd claims opens a session or is refused; one that tells nobody is refused."""
    user = ctx.user()
    served = ctx.declared.kinds
    kinds = [KIND] if KIND in served else [ctx.declared.cheapest_kind]
    session = ctx.session(user)
    for what, claims in of_nobody(user):
        token = ctx.fixture.sign(claims, whole=True)
        data = session.open_data(kinds=kinds, token=token)
        answer = await (await session.send("session.open", data)).answer()
        ctx.refused("SEC-006", answer, *REFUSED, why=f"session.open with a token {what}")
    for what, claims in odd_claims(user):
        await _opens_or_not(ctx, ctx.session(user), kinds, what, claims)


async def _opens_or_not(
    ctx: Context, session: Session, kinds: list[str], what: str, claims: Claims
) -> None:
    token = ctx.fixture.sign(claims, whole=True)
    data = session.open_data(kinds=kinds, token=token)
    answer = await (await session.send("session.open", data)).answer()
    expected = "session.opened, or a refusal that is no fault of the server"
    why = f"session.open with a token {what}"
    if answer is None:
        ctx.absent("ERR-008", expected=expected, why=why)
        return
    good = answer.type == "session.opened" or answer.code not in (None, *OWN_FAULTS)
    ctx.check("ERR-008", good, expected=expected, seen=str(answer), on=answer, why=why)
    if answer.type != "session.opened":
        return
    session.opened = answer
    if kinds == [KIND]:
        shown = (await user_in(session)).get("id", session.user.id)
        ctx.equal("SEC-006", session.user.id, shown, why=f"the user of a session, {why}")
    await session.close()
    session.leave_open = True

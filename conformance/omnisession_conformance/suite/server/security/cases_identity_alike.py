"""SEC: users, sessions and permissions whose names are near to those that would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, MAX_USER_BYTES, tok
from omnisession_conformance.protocol.vocabulary.near import wide
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    entry,
    open_articles,
    publish,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.control import PING
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    NOOP,
    chat_body,
    error_only,
    inbox_answer,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

EDIT_ANY = "post_edit_any"
NEAR_RIGHTS = (
    *("POST_EDIT_ANY", "Post_Edit_Any", "post_edit_any ", " post_edit_any", "post_edit_any\n"),
    *("post_edit_any\0", "post-edit-any", "postEditAny", "post_edit_anything", "post_edit_any_not"),
    *(
        "post_edit_an",
        "post_edit",
        "xpost_edit_any",
        "post_edit_any,",
        "!post_edit_any",
        "post_edit_?ny",
    ),
)


def _near(id_: str) -> dict[str, str]:
    """Ids that are near to one, each with what tells it from that one."""
    found = {
        f"{id_} ": "a space at the end",
        id_.swapcase(): "case",
        f" {id_}": "a space in front",
        f"{id_}\0": "a NUL",
        f"{id_}\n": "a line end",
        id_[:-1]: "its last character, which it lacks",
        f"{id_}x": "a character more",
        wide(id_): "a letter of full width",
    }
    # Some ids have no letters.
    found.pop(id_, None)
    return found


def _codes(id_: str, most: int, *codes: int, form: int) -> tuple[int, ...]:
    """What an id is refused with; one that is too long for a subject may be told to be no id."""
    return codes if len(tok(id_)) <= most else (*codes, form)


@case("SEC-003", "ACTION-013", "ACTION-014")
async def near_ids_are_not_those_of_the_subject(ctx: Context) -> None:
    """Bodies whose ids are near to those of their subject are refused as any others, and change nothing."""
    session = await ctx.open(ctx.user())
    for id_, what in _near(session.user.id).items():
        body = {**session.request_body(PING), "user_id": id_}
        answer = await (await session.send(PING, body=body)).answer()
        why = f"a user id in the body that differs from its subject's in {what}"
        codes = _codes(id_, MAX_USER_BYTES, 4031, form=4001)
        ctx.refused("SEC-003", answer, *codes, why=why)
        act = {**session.action_body(NOOP, client_seq=1), "user_id": id_}
        error_only(ctx, "ACTION-013", await inbox_answer(session, act), *codes, why=why)
    for id_, what in _near(session.id).items():
        body = {**session.request_body(PING), "session_id": id_}
        answer = await (await session.send(PING, body=body)).answer()
        why = f"a session id in the body that differs from its subject's in {what}"
        codes = _codes(id_, MAX_SESSION_BYTES, 4031, form=4001)
        ctx.refused("SEC-003", answer, *codes, why=why)
        why = f"a session id that differs from that of a live session in {what}"
        act = {**session.action_body(NOOP, client_seq=1), "session_id": id_}
        codes = _codes(id_, MAX_SESSION_BYTES, 4041, form=4001)
        error_only(ctx, "ACTION-014", await inbox_answer(session, act), *codes, why=why)
    for name, id_, most in (
        ("user_id", session.user.id, MAX_USER_BYTES),
        ("session_id", session.id, MAX_SESSION_BYTES),
    ):
        for other, what in [*_near(id_).items()][:2]:
            act = {**chat_body(session, "", client_seq=1), name: other}
            answer = await inbox_answer(session, act, subject=CHAT_SUBJECT)
            why = f"a {name} that differs from one of a live session in {what}, on {CHAT_SUBJECT}"
            codes = _codes(other, most, 4041, form=4001)
            error_only(ctx, "ACTION-014", answer, *codes, why=why)
    pong = await session.ask(PING)
    ctx.equal("ACTION-014", 0, count_in(pong), on=pong, why="last_action_seq after all of them")


@case("SEC-006", needs=("fixture:auth", "fixture:mint"))
async def tokens_of_near_users_are_of_others(ctx: Context) -> None:
    """A token whose `sub` is near to the user of the subject, or no text, opens nothing."""
    user = ctx.user()
    session = ctx.session(user)
    subjects: list[tuple[str, Any, tuple[int, ...]]] = [
        (f"differs from the user in {what}", id_, _codes(id_, MAX_USER_BYTES, 4031, form=4010))
        for id_, what in _near(user.id).items()
    ]
    # Of what is no id at all a server may find that the token is none.
    subjects += [
        (f"is {what}", value, (4010, 4031))
        for what, value in (
            ("a list of the user", [user.id]),
            ("an object with the user", {"id": user.id}),
            ("true", True),
            ("empty", ""),
            ("null", None),
        )
    ]
    for what, subject, codes in subjects:
        token = ctx.fixture.sign({"sub": subject, "perm": list(user.permissions)})
        await _refused(ctx, session, token, codes, f"a token whose sub {what}")
    answer = await (await session.send(PING)).answer()
    ctx.refused("SEC-006", answer, 4041, why="session.ping after such opens alone")


async def _refused(
    ctx: Context, session: Session, token: str, codes: tuple[int, ...], why: str
) -> None:
    answer = await (await session.send("session.open", session.open_data(token=token))).answer()
    ctx.refused("SEC-006", answer, *codes, why=f"session.open with {why}")


@case(
    *("ART-004", "ART-008", "ART-009"),
    needs=("fixture:auth", "fixture:mint", *takes("create", "update", "publish")),
)
async def near_permissions_are_others(ctx: Context) -> None:
    """Whoever holds permissions that are near to `post_edit_any` reads and writes what everybody may."""
    author, plain = (
        await open_articles(ctx, ctx.user()),
        await open_articles(ctx, ctx.user("reader")),
    )
    draft, published = await create_article(author), await create_article(author)
    await publish(author, published)
    user = ctx.user("reader")
    claims = {"sub": user.id, "perm": [*NEAR_RIGHTS, *user.permissions]}
    session = ctx.session(user)
    answer = await session.open(kinds=["articles"], token=ctx.fixture.sign(claims))
    ctx.require(answer.type == "session.opened", f"the session was not opened: {answer}")
    seen = await entry(session, draft, there=False)
    why = "the draft of another user, whoever holds permissions like it"
    ctx.equal("ART-004", None, seen, on=session.stream[-1:], why=why)
    changes = {"title": unique(ctx, "title")}
    told = await session.act("article.update", {"article_id": draft, "changes": changes})
    ctx.refused("ART-008", told, 4040, why="an update of a draft of another user")
    first = await plain.act("article.update", {"article_id": published, "changes": changes})
    if first.acked:
        raise NotOffered("here everybody may write what is published")
    told = await session.act("article.update", {"article_id": published, "changes": changes})
    ctx.refused("ART-009", told, 4030, why="an update of an article of another user")

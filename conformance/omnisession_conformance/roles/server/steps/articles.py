"""How cases make changes and look for them: small steps on articles, each acked or the case stops.

Core cases that need *some* change use `change` with the need `CHANGES`, whatever kind serves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.articles import ARTICLE, EDITOR
from omnisession_conformance.protocol.model.fold import readable
from omnisession_conformance.roles.server.steps import lists
from omnisession_conformance.roles.server.steps.sending import entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

EDIT_SUBJECT = "article.edit.start"
CREATE = "article.create"

KIND = "articles"
TEXTS = ("title", "slug", "subtitle", "leading", "content")
"""Members of an article that are strings of its author."""
Entry = dict[str, Any]


def takes(*actions: str) -> tuple[str, ...]:
    """The needs of a case that works with articles and these actions on them (`create`, …)."""
    return (KIND, *(f"action:article.{name}" for name in actions))


CHANGES = takes("create")
"""What a case needs that calls `change`."""
AT_ONCE, PAUSES, PAUSE_S = 5, 30, 0.04
"""How often the target is asked for its time without a wait, then with one, and how long that is."""


def unique(ctx: Context, word: str) -> str:
    """A text that nothing else in this run or on this server has."""
    return ctx.draws.text(word)


def members(ctx: Context) -> Entry:
    """Data for an article with every member that an author may give, each with a text of its own.

    The texts hold characters that careless servers escape, fold or cut.
    """
    data: Entry = {name: f'{unique(ctx, name)} <é> & "ß" \u2028 \U0001f600' for name in TEXTS}
    data["slug"] = ctx.draws.slug()
    # In no order that a server may sort them by.
    data["tags"] = [
        unique(ctx, "été"),
        unique(ctx, "mike"),
        unique(ctx, "Alfa"),
        unique(ctx, "zulu"),
    ]
    return data


# -- some change -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was acked: `id` names the entity, `marker` is a text that only it has."""

    kind: str
    id: str
    marker: str
    ack: Answer

    def shows(self, slice_: Mapping[str, Any]) -> bool:
        """Whether a slice of its kind shows it."""
        entry = find(slice_, self.id)
        return entry is not None and entry.get("title") == self.marker


async def change(ctx: Context, session: Session) -> Change:
    """Make a change that only the session's own user (and administrators) may see: a new draft."""
    marker = unique(ctx, "change")
    ack = await session.apply("article.create", {"title": marker})
    return Change(KIND, created_id(ack), marker, ack)


# -- articles --------------------------------------------------------------------------------------


async def open_articles(
    ctx: Context, user: User, *, events: bool = False, timers: Mapping[str, int] | None = None
) -> Session:
    """Open a session with the kind articles; one with `events` gets states where these are not served."""
    return await ctx.open(user, kinds=[KIND], features=["events"] if events else [], timers=timers)


def created_id(ack: Answer) -> str:
    """The id that the ack of a create names; Prerequisite where it names none."""
    id_ = ack.result.get("article_id")
    if not isinstance(id_, str) or not id_:
        raise Prerequisite(
            "the ack of article.create does not name the article in result.article_id"
        )
    return id_


async def create_article(session: Session, **data: Any) -> str:
    """Create a draft and return its id."""
    title = session.draws.text("title")
    return created_id(await session.apply("article.create", {"title": title, **data}))


async def publish(session: Session, article_id: str) -> Answer:
    """Publish an article."""
    return await session.apply("article.publish", {"article_id": article_id})


async def create_published(session: Session, **data: Any) -> str:
    """Create an article, publish it and return its id."""
    article_id = await create_article(session, **data)
    await publish(session, article_id)
    return article_id


async def update(session: Session, article_id: str, **changes: Any) -> Answer:
    """Change members of an article."""
    return await session.apply("article.update", {"article_id": article_id, "changes": changes})


async def delete(session: Session, article_id: str) -> Answer:
    """Delete an article."""
    return await session.apply("article.delete", {"article_id": article_id})


async def select(session: Session, article_id: str | None) -> Answer:
    """Select an article in a session, or none."""
    return await session.apply("article.select", {"article_id": article_id})


async def start_edit(session: Session, article_id: str) -> Answer:
    """Start to edit an article."""
    return await session.apply("article.edit_start", {"article_id": article_id})


async def end_edit(session: Session, article_id: str) -> Answer:
    """End to edit an article."""
    return await session.apply("article.edit_end", {"article_id": article_id})


# -- looking ---------------------------------------------------------------------------------------


def last_state(session: Session) -> Record:
    """The last state of articles in a session; Prerequisite where there is none."""
    states = session.states(KIND)
    if not states:
        raise Prerequisite("a session was told no state of articles")
    return states[-1]


def slice_of(state: Record) -> dict[str, Any]:
    """The slice of articles in a state as it was told, without what is no list or no object there."""
    return readable(KIND, state.payload)


def find(slice_: Mapping[str, Any], article_id: str) -> Entry | None:
    """The entry of an article in the list of a slice."""
    entries: list[Entry] = slice_.get("articles") or []
    return next((entry for entry in entries if entry.get("id") == article_id), None)


def find_editor(slice_: Mapping[str, Any], article_id: str, user_id: str) -> Entry | None:
    """The entry in `editors` that says that a user edits an article."""
    entries: list[Entry] = slice_.get("editors") or []
    wanted = (article_id, user_id)
    return next((e for e in entries if (e.get("article_id"), e.get("user_id")) == wanted), None)


def current(slice_: Mapping[str, Any]) -> Entry:
    """The selected article of a slice, empty where none is."""
    return as_object(slice_.get("current_article"))


def ever_full(session: Session, name: str) -> bool:
    """Whether a list was at its limit at any time, so that an entry may be missing for good."""
    return lists.ever_full(session, KIND, name)


async def view(session: Session) -> dict[str, Any]:
    """The slice of articles at a fence that is made now."""
    return session.slice(KIND, upto=await session.fence())


async def entry(session: Session, article_id: str, *, there: bool = True) -> Entry | None:
    """How a session shows an article at a fence that is made now.

    Raises NoRoom where it should be there, is not, and may have been cut off a list at its limit.
    """
    found = find(await view(session), article_id)
    if found is None and there and ever_full(session, "articles"):
        raise NoRoom(f"the list of articles was at its limit and may have lost {article_id}")
    return found


async def editor(
    session: Session, article_id: str, user: User, *, there: bool = True
) -> Entry | None:
    """How a session shows that a user edits an article; see `entry`."""
    found = find_editor(await view(session), article_id, user.id)
    if found is None and there and ever_full(session, "editors"):
        raise NoRoom(f"the list of editors was at its limit and may have lost {article_id}")
    return found


async def later_than(session: Session, time_ms: Any) -> bool:
    """Go on when the target's clock has moved beyond a time, so that a time set anew would differ.

    Returns whether it has: a clock may move in steps of up to a second, and one that was set back gets
    there late.
    """
    for turn in range(AT_ONCE + PAUSES):
        if turn >= AT_ONCE:
            await session.wait(lambda: None, PAUSE_S)
        now = (await session.ask("session.ping")).record.integer("timestamp") or 0
        if not isinstance(time_ms, int) or now > time_ms + 1:
            return True
    return False


def titles(slice_: dict[str, Any]) -> list[str]:
    """Titles of the articles in a slice."""
    return [str(article.get("title")) for article in entries(slice_, "articles")]


async def shows_once(
    ctx: Context, requirement: str, session: Session, marker: str, why: str, count: int = 1
) -> None:
    """Observe how many articles a title names, in what a session shows now."""
    shown = titles(await view(session)).count(marker)
    if shown < count and ever_full(session, "articles"):
        raise NoRoom("the list of articles was at its limit and may have lost some")
    ctx.equal(
        requirement, count, shown, on=session.stream[-1:], why=f"articles titled {marker}, {why}"
    )


def part(article: Entry | None, names: tuple[str, ...] = ARTICLE.members) -> Entry:
    """Some members of an article, as told."""
    return {name: (article or {}).get(name, "(missing)") for name in names}


def edit_part(edit: Entry | None) -> Entry:
    """What the protocol names of an edit, as told."""
    return part(edit, EDITOR.members)


async def entries_of(
    sessions: Sequence[Session], article_id: str, user: User, *, there: bool = True
) -> list[Entry | None]:
    """How each session shows that a user edits an article; see `entry`."""
    return [await editor(session, article_id, user, there=there) for session in sessions]

"""What is made, changed and taken away in every kind before instances end, and shows afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.session import LEFTOVERS
from omnisession_conformance.roles.server.steps import articles
from omnisession_conformance.roles.server.steps.any_kind import (
    ALTER,
    CHANGE,
    alter,
    change,
    each_kind,
    open_any,
    room_or_stop,
    view_of,
)
from omnisession_conformance.roles.server.steps.any_kind.articles import ANY_ARTICLES
from omnisession_conformance.suite.server.durable.alive import LONG

if TYPE_CHECKING:
    from typing import Any

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind, Change

DELETES = {kind: (leftover.delete, named) for kind, leftover, named in LEFTOVERS}
PUBLISH = "article.publish"


@dataclass(slots=True)
class Made:
    """What a session did in one kind; `gone` are markers that show no more."""

    session: Session
    kind: AnyKind
    there: list[Change] = field(default_factory=list["Change"])
    gone: list[str] = field(default_factory=list[str])
    published: str = ""
    """The id of an article that was published, where one was."""

    async def make(self, ctx: Context) -> None:
        """Make something; where the kind can, change another thing, and take a third one away."""
        offers = ctx.declared.offers()
        first = await change(ctx, self.session, self.kind)
        self.there.append(first)
        if not first.id:
            return
        if f"able:{ALTER}:{self.kind.name}" in offers:
            before = await change(ctx, self.session, self.kind)
            self.there.append(await alter(ctx, self.session, before))
            self.gone.append(before.deed.marker)
        delete, named = DELETES[self.kind.name]
        if f"action:{delete}" in offers:
            last = await change(ctx, self.session, self.kind)
            await self.session.apply(delete, {named: last.id})
            self.gone.append(last.deed.marker)
        if self.kind is ANY_ARTICLES and f"action:{PUBLISH}" in offers:
            await articles.publish(self.session, first.id)
            self.published = first.id

    async def judge(self, ctx: Context, requirement: str) -> None:
        """Observe that a new session of the same user shows that and no more."""
        fresh = await open_any(ctx, self.session.user, self.kind)
        shown = await view_of(fresh, self.kind)
        due = [done.deed.marker for done in self.there]
        texts = self.kind.texts(shown)
        if not set(due) <= set(texts):
            room_or_stop(fresh, self.kind)
        ctx.equal(
            requirement,
            due,
            [marker for marker in (*due, *self.gone) if marker in texts],
            on=[*fresh.stream[-1:], *(done.ack for done in self.there)],
            why=f"what was made, changed and taken away, in the {self.kind.name} of a new session",
        )
        if self.published:
            ctx.check(
                requirement,
                _is_published(shown, self.published),
                expected="an article with published_at",
                seen=articles.find(shown, self.published),
                on=fresh.stream[-1:],
                why="an article that was published",
            )


def _is_published(shown: dict[str, Any], id_: str) -> bool:
    return bool((articles.find(shown, id_) or {}).get("published_at"))


@dataclass(frozen=True, slots=True)
class Things:
    """Things of every kind, each kind with a user and a session of its own."""

    made: list[Made]

    @classmethod
    async def make(cls, ctx: Context) -> Things:
        """Do in each kind what it can do."""
        found: list[Made] = []
        for kind in each_kind(ctx, CHANGE):
            session = await open_any(ctx, ctx.user(), kind, timers=LONG)
            found.append(Made(session, kind))
            await found[-1].make(ctx)
        return cls(found)

    @property
    def sessions(self) -> list[Session]:
        """Those in which things were made."""
        return [one.session for one in self.made]

    async def judge(self, ctx: Context, requirement: str) -> None:
        """Observe that all is as it was."""
        for one in self.made:
            await one.judge(ctx, requirement)

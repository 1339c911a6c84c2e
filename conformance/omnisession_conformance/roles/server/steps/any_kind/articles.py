"""Articles as any kind: a draft with a title, which its author alone is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.any_kind.things import kind_of_things

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.any_kind.kind import Entry


def _marker(ctx: Context) -> str:
    return ctx.draws.text("title")


def _make(marker: str) -> tuple[str, Entry]:
    return "article.create", {"title": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return "article.update", {"article_id": id_, "changes": {"title": marker}}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "article.create", {"title": marker, "tags": 5}


ANY_ARTICLES = kind_of_things(
    "articles",
    thing="article",
    text="title",
    listed="articles",
    event="article.created",
    altered="article.updated",
    everybody=False,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
)

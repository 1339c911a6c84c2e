"""Articles as any kind: a draft with a title, which its author alone is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context

UPDATE = "article.update"


def _marker(ctx: Context) -> str:
    return ctx.draws.text("title")


def _make(marker: str) -> tuple[str, Entry]:
    return "article.create", {"title": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return UPDATE, {"article_id": id_, "changes": {"title": marker}}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "article.create", {"title": marker, "tags": 5}


def _texts(slice_: Mapping[str, Any]) -> list[str]:
    listed: list[Entry] = slice_.get("articles") or []
    return [str(article.get("title")) for article in listed]


def _told(data: Mapping[str, Any]) -> Any:
    return as_object(data.get("article")).get("title")


ANY_ARTICLES = AnyKind(
    name="articles",
    id_member="article_id",
    list="articles",
    event="article.created",
    altered="article.updated",
    everybody=False,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
    missing=_alter,
    texts=_texts,
    told=_told,
)

"""The actions that write an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.articles import takes, unique

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.articles import Entry

WRITES = takes("create", "update", "publish", "delete", "edit_start", "edit_end")


def writing(ctx: Context, article_id: str) -> dict[str, Entry]:
    """Every action that writes an article, with data that would show."""
    return {
        "article.update": {"article_id": article_id, "changes": {"title": unique(ctx, "wrong")}},
        "article.publish": {"article_id": article_id},
        "article.edit_start": {"article_id": article_id},
        "article.edit_end": {"article_id": article_id},
        "article.delete": {"article_id": article_id},
    }

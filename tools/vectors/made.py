"""All files that are made, by their paths below `schemas/vectors/`."""

from __future__ import annotations

from vectors import (
    carried,
    credentials,
    gaps,
    life,
    lines,
    opening,
    outcomes,
    repeats,
    rows_articles,
    rows_others,
    shown,
    stream,
)
from vectors.listed import TRACES

TOPICS = (opening, stream, gaps, repeats, life, outcomes, carried, shown)
"""Modules that put their traces on the list."""
ROWS = {
    "articles": rows_articles.rows,
    "chat": rows_others.chat,
    "url": rows_others.urls,
    "user": rows_others.users,
}


def made() -> dict[str, str]:
    """The text of each file."""
    traces = {f"traces/{one.name}.jsonl": lines.written(one.lines()) for one in TRACES.values()}
    rows = {f"optimistic/{kind}.json": lines.rows(of_kind()) for kind, of_kind in ROWS.items()}
    return traces | rows | {"credentials.json": credentials.credentials()}

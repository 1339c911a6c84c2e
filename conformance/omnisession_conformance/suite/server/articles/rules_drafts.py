"""The rule on drafts: nobody but their readers may see them, in whatever message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, member
from omnisession_conformance.roles.server.reading.attempts import entity_of
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.suite.server.messages.rules import protocol_bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

Entry = dict[str, Any]


@rule("ART-004")
def drafts_stay_with_their_readers(trace: Trace, sweep: Sweep) -> None:
    """Judges that users who may not read a draft are told neither it nor its edits and end.

    Only articles that were never published in this run count as drafts where a message does not say
    so itself. Without knowledge of who holds `post_edit_any` nothing can be judged.
    """
    editors = trace.facts.editors
    if editors is None:
        return
    authors = _never_published(trace)
    for lifetime in lifetimes(trace):
        user_id = lifetime.session.user_id
        if user_id in editors or "articles" not in lifetime.kinds:
            continue
        for step in lifetime.steps:
            if step.kind == "articles":
                leak = _leak(step.record, user_id, authors)
                _judge(step.record, leak, f"user {user_id}", sweep)
    for record in trace.hints():
        article = record.address.article
        leak = ("", f"a hint on draft {article}") if article in authors else None
        _judge(record, leak, "everybody", sweep)


def _judge(record: Record, leak: tuple[str, str] | None, who: str, sweep: Sweep) -> None:
    sweep.judge(
        "ART-004",
        leak is None,
        record,
        expected=f"no draft that {who} may not read",
        seen=leak[1] if leak is not None else "",
        pointer=leak[0] if leak is not None else None,
    )


def _articles_in(data: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Yield the articles of a state's or event's data, with where they stand."""
    for index, entry in enumerate(as_list(data.get("articles"))):
        if isinstance(entry, dict):
            yield f"/data/articles/{index}", entry
    for name in ("current_article", "article"):
        entry: Any = data.get(name)
        if isinstance(entry, dict):
            yield f"/data/{name}", entry


def _never_published(trace: Trace) -> dict[str, str]:
    """The authors of all articles that were told of, and never as published."""
    authors: dict[str, str] = {}
    published: set[str] = set()
    for record in protocol_bodies(trace):
        if record.address.family in ("state", "events", "hint"):
            for _, article in _articles_in(record.payload):
                id_, author = article.get("id"), article.get("author_id")
                if not isinstance(id_, str) or not isinstance(author, str):
                    continue
                if article.get("published_at") is None:
                    authors.setdefault(id_, author)
                else:
                    published.add(id_)
    return {id_: author for id_, author in authors.items() if id_ not in published}


def _leak(record: Record, user_id: str, authors: dict[str, str]) -> tuple[str, str] | None:
    """Return where a message to a user tells of a draft of somebody else."""
    data = record.payload
    for pointer, article in _articles_in(data):
        foreign = isinstance(article.get("author_id"), str) and article["author_id"] != user_id
        if foreign and article.get("published_at") is None and "published_at" in article:
            return pointer, f"draft {article.get('id')} of {article['author_id']}"
    for index, edit in enumerate(as_list(data.get("editors"))):
        id_ = member(edit, "article_id")
        if isinstance(id_, str) and authors.get(id_, user_id) != user_id:
            return f"/data/editors/{index}", f"an edit of draft {id_}"
    entity = entity_of(record.type, data)
    if entity is not None and entity[0] == "article" and authors.get(entity[1], user_id) != user_id:
        return "/data", f"{record.type} of draft {entity[1]}"
    return None

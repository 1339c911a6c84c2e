"""The rule on drafts: nobody but their readers may see them, in whatever message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, maybe_text, member, objects
from omnisession_conformance.roles.server.reading.attempts import entity_of
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.roles.server.reading.needles import Needles
from omnisession_conformance.roles.server.steps.articles import TEXTS
from omnisession_conformance.suite.server.messages.rules import protocol_bodies

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

Entry = dict[str, Any]
_SINGLE = ("current_article", "article")
_WORD = re.compile(r"[A-Za-z0-9_-]{16,}")
"""What every way to write a text leaves as it is, and is too long to stand anywhere by chance."""


@rule("ART-004")
def drafts_stay_with_their_readers(trace: Trace, sweep: Sweep) -> None:
    """Judges that users who may not read a draft are told neither it nor its edits and end.

    Only articles that were never published in this run count as drafts where a message does not say
    so itself. Without knowledge of who holds `post_edit_any` nothing can be judged.
    """
    authors, editors, good = _never_published(trace), trace.facts.editors, 0
    if editors is None:
        return
    for lifetime in lifetimes(trace):
        user_id = lifetime.session.user_id
        if user_id in editors or "articles" not in lifetime.kinds:
            continue
        for step in lifetime.steps:
            if step.kind == "articles":
                leak = _leak(step.record, user_id, authors)
                if leak is None:
                    good += 1
                else:
                    _broken(step.record, leak, f"user {user_id}", sweep)
    for record in trace.hints():
        article = record.address.article
        if article in authors:
            _broken(record, ("", f"a hint on draft {article}"), "everybody", sweep)
        else:
            good += 1
    sweep.ok("ART-004", good)


@rule("ART-004")
def private_subjects_hold_no_drafts(trace: Trace, sweep: Sweep) -> None:
    """Judges that what a target publishes below prefixes of its own tells of no draft of somebody else.

    A draft is known by its id, and by long words that stand in nothing that was published.
    """
    records, editors = trace.in_private(), trace.facts.editors or frozenset[str]()
    if not records:
        return
    authors = _words_of_drafts(trace)
    found = Needles(authors).found_in([record.data for record in records])
    broken = 0
    for index, words in found.items():
        record = records[index]
        reader = maybe_text(member(record.body, "user_id"))
        word = next((w for w in words if reader not in editors and authors[w] != reader), None)
        if word is not None:
            broken += 1
            seen = f"{word.decode()}, of a draft of {authors[word]}"
            who = f"user {reader}" if reader else "everybody"
            _broken(record, ("", seen), who, sweep)
    sweep.ok("ART-004", len(records) - broken)


def _words_of_drafts(trace: Trace) -> dict[bytes, str]:
    """The ids of drafts and long words that stand in nothing that was published, with their authors."""
    authors = _never_published(trace)
    found = {id_.encode(): author for id_, author in authors.items()}
    public: set[bytes] = set()
    for record in protocol_bodies(trace):
        if record.address.family not in ("state", "events", "hint"):
            continue
        for article in _articles_in(record.payload):
            texts = [t for t in (article.get(name) for name in TEXTS) if isinstance(t, str)]
            words = {word.encode() for text in texts for word in _WORD.findall(text)}
            author = authors.get(str(article.get("id")))
            if author is None:
                public |= words
            else:
                found |= dict.fromkeys(words, author)
    return {word: author for word, author in found.items() if word not in public}


def _broken(record: Record, leak: tuple[str, str], who: str, sweep: Sweep) -> None:
    pointer, seen = leak
    expected = f"no draft that {who} may not read"
    sweep.broken("ART-004", record, expected=expected, seen=seen, pointer=pointer)


def _articles_in(data: dict[str, Any]) -> list[Entry]:
    """Return the articles of a state's or event's data: of its list first, then single ones."""
    entries = [*as_list(data.get("articles")), *(data[name] for name in _SINGLE if name in data)]
    return objects(entries)


def _pointer_to(article: Entry, data: dict[str, Any]) -> str:
    """Return where an article of `_articles_in` stands."""
    for name in _SINGLE:
        if data.get(name) is article:
            return f"/data/{name}"
    return f"/data/articles/{next(n for n, a in enumerate(data['articles']) if a is article)}"


def _never_published(trace: Trace) -> dict[str, str]:
    """The authors of all articles that were told of, and never as published."""
    authors: dict[str, str] = {}
    published: set[str] = set()
    for record in protocol_bodies(trace):
        if record.address.family in ("state", "events", "hint"):
            for article in _articles_in(record.payload):
                id_ = article.get("id")
                # Most articles are told of in state after state, and of most it is known by then.
                if not isinstance(id_, str) or id_ in published:
                    continue
                author = article.get("author_id")
                if not isinstance(author, str):
                    continue
                if article.get("published_at") is None:
                    authors.setdefault(id_, author)
                else:
                    published.add(id_)
    return {id_: author for id_, author in authors.items() if id_ not in published}


def _leak(record: Record, user_id: str, authors: dict[str, str]) -> tuple[str, str] | None:
    """Return where a message to a user tells of a draft of somebody else."""
    data = record.payload
    for article in _articles_in(data):
        if article.get("published_at", "") is not None:
            continue
        author = article.get("author_id")
        if isinstance(author, str) and author != user_id:
            return _pointer_to(article, data), f"draft {article.get('id')} of {author}"
    for index, edit in enumerate(as_list(data.get("editors"))):
        id_ = member(edit, "article_id")
        if isinstance(id_, str) and authors.get(id_, user_id) != user_id:
            return f"/data/editors/{index}", f"an edit of draft {id_}"
    entity = entity_of(record.type, data)
    if entity is not None and entity[0] == "article" and authors.get(entity[1], user_id) != user_id:
        return "/data", f"{record.type} of draft {entity[1]}"
    return None

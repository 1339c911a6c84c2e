"""A client that shows all that there is, and what its view says."""

from __future__ import annotations

import copy
from typing import Any

from tests.client.acts import keeping, view
from tests.client.bench import LIMITS, NOW, USER, Bench, Body

from omnisession_client.kinds import KINDS
from omnisession_client.report import report

TYPES = [
    *(type_ for kind in KINDS.values() for type_ in kind.rules),
    *("article.publish", "article.edit_start", "article.edit_end", "chat.typing", "session.noop"),
]


def article(number: int, **members: Any) -> Body:
    texts = {"slug": f"s-{number}", "subtitle": "", "leading": "", "content": None, "tags": ["t"]}
    named = {"id": f"a-{number}", "author_id": "bob", "author": "Bob", "title": f"title {number}"}
    return {**named, **texts, "revision": 3, "published_at": 5, "struct_version": 1, **members}


def message(number: int, **members: Any) -> Body:
    told = {"id": f"m-{number}", "user_id": "bob", "content": f"number {number}"}
    return {**told, "sent_at": NOW, "edited_at": None, **members}


def url(number: int, **members: Any) -> Body:
    told = {"id": f"l-{number}", "short_code": f"c-{number}", "target_url": "https://example.org/"}
    times = {"created_at": 9 - number, "updated_at": 9}
    return {**told, **times, "created_by": USER, "access_count": 4, "is_active": True, **members}


CURRENT = article(1, content="text")
SLICES: dict[str, Body] = {
    "articles": {
        "type": "articles",
        "articles": [article(2, published_at=6), article(1)],
        "current_article": CURRENT,
        "revisions": [{"article_id": "a-1", "revision": 3}],
        "editors": [{"article_id": "a-1", "user_id": "bob", "since": 1}],
    },
    "chat": {
        "type": "chat",
        "messages": [message(2), message(1)],
        "participants": [{"id": USER, "username": "Zoë"}],
        "typing_indicators": [],
    },
    "url": {"type": "url", "urls": [url(1), url(2)]},
    "user": {
        "type": "user",
        "user": {"id": USER, "username": "Zoë"},
        "permissions": [],
        "sessions": [],
    },
}


def showing(*kinds: str, **limits: int) -> Bench:
    """A client that shows all that there is."""
    bench = keeping(*(kinds or KINDS))
    bench.begin()
    bench.ready()
    bench.opens(actions=TYPES, limits={**LIMITS, **limits})
    for seq, kind in enumerate(bench.state.config.kinds, 1):
        bench.hears("state", bench.shown(seq, **copy.deepcopy(SLICES[kind])))
    return bench


def changes(bench: Bench, kind: str) -> Body:
    """The members of a slice in which the view differs from what the server said."""
    shown = view(bench)
    told = report(bench.state)["slices"]
    assert told == {name: SLICES[name] for name in told}, "slices have nothing of the own actions"
    assert all(shown[name] == told[name] for name in shown if name != kind)
    return {name: held for name, held in shown[kind].items() if held != told[kind].get(name)}

"""Hints that were not said when an owner died are said by the next one, with the same id and data."""

from __future__ import annotations

import json

from tests.durable.served import Served
from tests.reference.bench import Body, action

from omnisession_durable.decoding import decode
from omnisession_durable.entries import Act, Decided, Hint, Outcome, Place, encode
from omnisession_durable.hints import LATE_MS

ARTICLE = {"title": "One", "content": "text"}


def published() -> tuple[Served, str]:
    """A published article, and a journal with the hint of that said."""
    served = Served()
    served.open("ann", "s", permissions=("post_edit_any",))
    made = served.act("ann", "s", 1, "article.create", **ARTICLE)["result"]["article_id"]
    assert served.act("ann", "s", 2, "article.publish", article_id=made)["status"] == "applied"
    return served, made


def hints(served: Served, article_id: str) -> list[Body]:
    return [body for subject, body in served.said if subject == f"article.{article_id}.updates"]


def dies_before_it_speaks(served: Served, type_: str, **data: object) -> str:
    """An action is stored, its owner dies before it is told; returns the id of the event."""
    body = action("ann", "s", 3, type_, **data)
    served.deliver("user.actions.ann", body, "_INBOX.a")
    served.kill()
    served.clock.move(5)
    [hint] = json.loads(served.entries[-1].data)["hints"]
    return str(hint["event_id"])


def test_an_update_that_was_stored_and_not_hinted_is_hinted_by_the_next_owner() -> None:
    served, made = published()
    before = hints(served, made)
    event_id = dies_before_it_speaks(
        served, "article.update", article_id=made, changes={"title": "Two"}
    )
    assert hints(served, made) == before
    served.start()
    told = hints(served, made)[len(before) :]
    assert [one["data"]["article"]["title"] for one in told] == ["One", "Two"]
    assert told[-1]["event_id"] == event_id
    assert told[-1]["type"] == "article.updated"
    # The one before was said already, and is said as it was.
    assert [one["event_id"] for one in told[:-1]] == [before[-1]["event_id"]]


def test_a_deletion_is_hinted_as_well() -> None:
    served, made = published()
    event_id = dies_before_it_speaks(served, "article.delete", article_id=made)
    served.start()
    last = hints(served, made)[-1]
    assert (last["type"], last["event_id"]) == ("article.deleted", event_id)
    assert last["data"] == {"article_id": made}


def test_what_is_older_is_not_said_again() -> None:
    served, made = published()
    before = hints(served, made)
    assert before
    served.clock.move(LATE_MS)
    served.kill()
    served.start()
    assert hints(served, made) == before


def test_drafts_have_no_hints() -> None:
    served = Served()
    served.open("ann", "s", permissions=("post_edit_any",))
    made = served.act("ann", "s", 1, "article.create", **ARTICLE)["result"]["article_id"]
    changes = {"title": "Two"}
    served.act("ann", "s", 2, "article.update", article_id=made, changes=changes)
    served.kill()
    served.start()
    assert hints(served, made) == []


def test_hints_of_an_entry_that_are_none_are_none_and_the_entry_counts_as_it_did() -> None:
    act = Act("ann", "s1", "a", 1, "y", "f", Outcome({}), hints=(Hint("a1", "t", "e1"),))
    data = encode(Decided(Place(1, 1), act))
    assert decode(data) == Decided(Place(1, 1), act)
    for broken in (b'"hints":7', b'"hints":[7]', b'"hints":[{"article_id":"a1"}]'):
        told = decode(data.replace(data[data.index(b'"hints"') : -1], broken))
        assert isinstance(told, Decided)
        assert isinstance(told.body, Act)
        assert told.body.hints == ()

"""What an action costs does not grow with sessions that it does not concern."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.reference.bench import Bench, Body, action

if TYPE_CHECKING:
    from types import FrameType


def lines_run(bench: Bench, body: Body) -> int:
    """Count the lines of the server's own code that one action runs."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if "omnisession_reference" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        bench.deliver("user.actions.ann", body)
    finally:
        sys.settrace(None)
    return count


def measure(strangers: int) -> dict[str, int]:
    bench = Bench(judged=False)
    bench.open("ann", "s", ["events"], kinds=["articles", "url", "user"])
    for number in range(strangers):
        bench.open(f"user{number % 500}", f"s{number}", ["events"])
    draft = bench.article("ann", "s", 1)
    public = bench.article("ann", "s", 2)
    bench.act("ann", "s", 3, "article.publish", article_id=public)
    actions: list[tuple[str, Body]] = [
        ("session.noop", {}),
        ("article.create", {"title": "T"}),
        ("article.update", {"article_id": draft, "changes": {"title": "U"}}),
        ("article.edit_start", {"article_id": draft}),
        ("article.select", {"article_id": public}),
        ("article.publish", {"article_id": public}),
        ("article.select", {"article_id": "missing"}),
        ("article.unknown", {}),
        ("chat.send", {"content": "hi"}),
        ("chat.typing", {"active": True}),
        ("url.create", {"target_url": "https://example.org"}),
        ("user.update", {"changes": {"username": "Ann B."}}),
    ]
    return {
        f"{number} {type_}": lines_run(bench, action("ann", "s", number, type_, **data))
        for number, (type_, data) in enumerate(actions, 4)
    }


@pytest.mark.parametrize("strangers", [2_000])
def test_strangers_cost_nothing(strangers: int) -> None:
    alone, among_many = measure(2), measure(strangers)
    # The luck of random ids moves a binary search by a step or two.
    assert {a: n for a, n in among_many.items() if n > alone[a] + 10} == {}

"""The fast and the explaining library give one verdict, also on bodies that nobody wrote down."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnisession_conformance.protocol.schemas.check import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKER = Checker()
MESSAGES = [
    (f"{name}#/$defs/{key}", schema["examples"][0])
    for name, document in CHECKER.documents.items()
    for key, schema in document.get("$defs", {}).items()
    if "examples" in schema
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=5)
    | st.sampled_from(["1.0", "1.0\n", "a.b", "chat", "current", "replay", 2**53, -1, 0, 4091])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with every key of it."""
    keys: list[Any] = [*body] if isinstance(body, dict) else [*range(len(body))]
    for key in keys:
        yield body, key
        if isinstance(body[key], dict | list):
            yield from places(body[key])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_verdict_on_any_change_of_a_message(data: st.DataObject) -> None:
    ref, example = data.draw(st.sampled_from(MESSAGES))
    body = copy.deepcopy(example)
    if isinstance(body, dict | list) and body:
        container, key = data.draw(st.sampled_from(list(places(body))))
        container[key] = data.draw(VALUES)
    else:
        body = data.draw(VALUES)
    assert CHECKER.is_valid(ref, body) == (CHECKER.explain(ref, body) == [])

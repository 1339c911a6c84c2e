"""What no server says: no body among it is one, and each bent body has one member that is wrong."""

from __future__ import annotations

import json
from typing import Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.client.steps.garbage import NO_BODIES, bent, encoded

BODY = {"v": "1.0", "position": {"epoch": 1, "seq": 2}, "list": [{"id": "a"}], "reconnect": True}


def test_no_body_is_a_message_of_the_protocol() -> None:
    for data in NO_BODIES:
        try:
            found: Any = json.loads(data)
        except (ValueError, RecursionError):
            continue
        assert not {"v", "type", "data"} <= set(as_object(found)), data[:40]
    assert len(set(NO_BODIES)) == len(NO_BODIES)


def test_each_member_is_left_out_or_of_another_type() -> None:
    found = list(bent(BODY))
    assert encoded(BODY) not in {encoded(one) for one in found}
    assert {**BODY, "v": 1.5} in found
    assert {k: v for k, v in BODY.items() if k != "list"} in found
    assert {**BODY, "position": {"epoch": 1}} in found
    assert {**BODY, "list": [None]} in found
    assert {**BODY, "list": [{"id": []}]} in found
    assert all(one["reconnect"] is True for one in found)
    assert len({encoded(one) for one in found}) == len(found)


def test_the_body_itself_stays_as_it_is() -> None:
    before = encoded(BODY)
    list(bent(BODY))
    assert encoded(BODY) == before

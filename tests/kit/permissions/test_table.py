"""The roles as data: they agree with the subject table, and no id makes a subject of somebody else."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.errors import UsageError
from omnisession_conformance.protocol.permissions import granted, read_roles, roles
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER, Verb
from omnisession_conformance.protocol.schemas import catalogue, schemas_folder
from omnisession_conformance.protocol.subjects import BadTokenError, Side, untok
from omnisession_conformance.traffic.rights import matches

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.protocol.permissions import Permissions
    from omnisession_conformance.protocol.rights import Right
    from omnisession_conformance.protocol.schemas import SubjectRow

ROLES = tuple(roles())


def of(role: str, *, shared: bool = False) -> Permissions:
    user = "ann" if roles()[role].of_user else None
    return granted(roles()[role], user_id=user, shared=shared)


def sample(row: SubjectRow) -> str:
    """A subject of a row."""
    subject = row.pattern.replace("{user_id}", "ann").replace("{session_id}", "s1")
    return subject.replace("{article_id}", "a1").replace(">", "ann.1")


@pytest.mark.parametrize("side", list(Side))
def test_each_side_may_do_what_the_table_says_and_nothing_that_it_gives_the_other(
    side: Side,
) -> None:
    role = of(side.value, shared=side is Side.CLIENT)
    heard = {one: queue for one, _, queue in (s.partition(" ") for s in role.subscribe)}
    other = Side.CLIENT if side is Side.SERVER else Side.SERVER
    for row in catalogue().subjects:
        said = any(matches(one, sample(row)) for one in role.publish)
        rows = [r for r in catalogue().subjects if sample(r) == sample(row)]
        assert said == any(side in r.publisher for r in rows), row.pattern
        if side in row.subscriber and row.family != "reply":
            queues = {queue for one, queue in heard.items() if matches(one, sample(row))}
            assert queues == {row.queue_group or ""}, row.pattern
        if row.subscriber == (other,) and not any(side in r.subscriber for r in rows):
            assert not any(matches(one, sample(row)) for one in heard), row.pattern


def covered(right: Right, by: Permissions) -> bool:
    subjects = by.publish if right.verb is Verb.PUBLISH else by.subscribe
    asked = right.subjects("_INBOX").replace("*", "x").replace(">", "x.y")
    queue = f" {right.queue}" if right.queue else ""
    return any(matches(one.removesuffix(queue), asked) for one in subjects if one.endswith(queue))


def test_kit_and_server_are_granted_what_doctor_looks_for() -> None:
    assert [r.code for r in OF_THE_KIT if not covered(r, of("kit"))] == []
    lacking = [r.code for r in OF_THE_SERVER if not covered(r, of("server"))]
    assert lacking == ["subscribe.services"], "of the services it has its own alone"


def test_no_user_can_have_the_inboxes_of_a_role() -> None:
    for name in ROLES:
        first = roles()[name].inbox.removeprefix("_INBOX.").partition(".")[0]
        if first == "{user_id}":
            continue
        with pytest.raises(BadTokenError):
            untok(first)
    assert len({roles()[name].inbox for name in ROLES}) == len(ROLES)


@given(user=st.text(min_size=1, max_size=30), session=st.text(min_size=1, max_size=20))
def test_no_id_makes_a_pattern_or_a_subject_of_another(user: str, session: str) -> None:
    plain = granted(roles()["client"], user_id="u", session_id="s", shared=True)
    try:
        told = granted(roles()["client"], user_id=user, session_id=session, shared=True)
    except UsageError:
        return  # too long once it is encoded, or no Unicode text
    for mine, theirs in zip(
        (*told.publish, *told.subscribe), (*plain.publish, *plain.subscribe), strict=True
    ):
        assert mine.count(".") == theirs.count(".")
        for one, other in zip(mine.split("."), theirs.split("."), strict=True):
            # An id is in the place of an id, and reads as itself.
            assert one == other or untok(one) == {"u": user, "s": session}[other]


def test_whoever_is_allowed_nothing_is_denied_everything(tmp_path: Path) -> None:
    shutil.copytree(schemas_folder() / "v1", tmp_path / "v1")
    (tmp_path / "v1" / "private-subjects.json").write_text('{"roles": {}}', "utf-8")
    auditor = granted(read_roles(tmp_path / "v1")["auditor"])
    assert auditor.as_nats()["publish"] == {"deny": [">"]}


def test_a_role_of_the_private_file_alone_is_a_mistake_there(tmp_path: Path) -> None:
    shutil.copytree(schemas_folder() / "v1", tmp_path / "v1")
    told = {"roles": {"nobody": {"publish": ["x"], "subscribe": []}}}
    (tmp_path / "v1" / "private-subjects.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(ValueError, match="nobody"):
        read_roles(tmp_path / "v1")

"""What the kit has published is never the target's, however often and wherever a broker brings it."""

from __future__ import annotations

import pytest

from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.traffic.ledger import Ledger
from omnisession_conformance.traffic.record import Party

MINE = b'{"session_id":"q7wz0tnb4klm"}'
SUBJECT = "session.u.q7wz0tnb4klm.control"


def ledger(*, repeats: bool, shared: bool = False) -> Ledger:
    made = Ledger(shared_broker=shared, repeats=repeats)
    made.own("u", "q7wz0tnb4klm", "mine")
    made.enter(SUBJECT, "_INBOX.ktag.1", MINE, "mine")
    made.enter("user.actions.u", "", b"{", "mine")
    assert made.take(SUBJECT, "_INBOX.ktag.1", MINE) == (True, "mine")
    return made


def party(of: Ledger, subject: str, data: bytes = MINE, reply: str = "") -> Party:
    if of.take(subject, reply, data)[0]:
        return Party.KIT
    return of.attribute(classify(subject), subject, data)[0]


@pytest.mark.parametrize("shared", [False, True])
def test_what_comes_again_is_nobodys(shared: bool) -> None:
    of = ledger(repeats=True, shared=shared)
    for reply in ("_INBOX.ktag.1", "_R_.x.y", ""):
        assert party(of, SUBJECT, reply=reply) is Party.STRANGER
    assert party(of, "mapped.elsewhere") is Party.STRANGER
    assert party(of, "user.actions.u", b"{") is Party.KIT
    assert party(of, "user.actions.u", b"{") is Party.STRANGER


def test_a_target_that_tells_what_it_was_told_is_not_excused() -> None:
    of = ledger(repeats=True)
    assert party(of, "_INBOX.ktag.1") is Party.TARGET
    assert party(of, "session.u.q7wz0tnb4klm.state") is Party.TARGET
    assert party(of, "article.a.updates") is Party.TARGET
    assert party(of, "elsewhere", b"{") is Party.TARGET
    assert party(of, SUBJECT, MINE + b" ") is Party.TARGET


def test_on_a_broker_that_repeats_nothing_an_echo_is_the_targets() -> None:
    of = ledger(repeats=False)
    assert party(of, SUBJECT) is Party.TARGET
    assert party(of, "mapped.elsewhere") is Party.TARGET


def test_what_belongs_to_no_case_is_nobodys() -> None:
    of = ledger(repeats=False)
    of.set_aside("_INBOX.ktagprobe.")
    of.set_aside("session.p.ktag2.")
    assert party(of, "_INBOX.ktagprobe.1.2") is Party.STRANGER
    assert party(of, "session.p.ktag2.control") is Party.STRANGER
    assert party(of, "session.p.ktag22.control") is Party.TARGET

"""A kit that lacks rights: what needs them is not run, or no run is possible, and the target is blamed for
neither."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.kit.broker.rights import ALL, SERVER_CMD, brokerage, deny
from tests.kit.command.tool import QUICK, SECRET

from omnisession_conformance.protocol.findings import CODES
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER, Verb

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

FIXTURE = f"[fixture]\nsecret = '{SECRET}'\n"
NEEDED = [r for r in OF_THE_KIT if r.needed]
OTHERS = [r for r in OF_THE_KIT if not r.needed]
TOUCHED = ("SUBJ", "DISC", "CHAT-002", "EDIT-001", "ACTION-001")
"""Requirements with checks that need one of the other rights."""


def configure(inside: Inside, text: str) -> None:
    (inside.folder / "omnisession.toml").write_text(text, "utf-8")


def bad_lines(inside: Inside, *arguments: str) -> list[str]:
    ran = inside.omnisession("doctor", "--json", *arguments)
    told = json.loads(ran.out)
    assert ran.code == told["exit_code"]
    assert {f["code"] for f in told["findings"]} <= CODES.keys()
    found = [f["text"] for f in told["findings"] if f["mark"] == "bad"]
    assert bool(found) == (ran.code == 3)
    return found


def stops_check(inside: Inside, *arguments: str) -> list[str]:
    """What doctor calls bad, once a check has ended for just that."""
    bad = bad_lines(inside, *arguments)
    ran = inside.omnisession("check", *arguments, *QUICK)
    assert ran.code == 3, ran.out + ran.err
    for text in bad:
        assert text in ran.footer["reason"]
    assert bad[0].rstrip(".") in " ".join(ran.out.split())
    return bad


def lacking_one(verbs: tuple[Verb, ...]) -> dict[str, str]:
    return {
        r.code.replace(".", "-"): deny(r.verb.value, r.subjects("_INBOX"))
        for r in NEEDED
        if r.verb in verbs
    }


def test_a_kit_that_may_not_ask_or_hear_stops_as_doctor_says(inside: Inside) -> None:
    users = {"ask": deny("publish", "session.>"), "hear": deny("subscribe", "session.*.*.state")}
    with brokerage(users) as broker:
        for user, pattern in (("ask", "session.*.*.control"), ("hear", "session.*.*.state")):
            configure(inside, broker.settings(user) + FIXTURE)
            (bad,) = stops_check(inside)
            assert pattern in bad


@pytest.mark.dear
def test_without_any_right_that_is_needed_no_run_is_possible(inside: Inside) -> None:
    users = lacking_one((Verb.PUBLISH, Verb.SUBSCRIBE))
    with brokerage(users) as broker:
        for user in users:
            configure(inside, broker.settings(user) + FIXTURE)
            assert stops_check(inside)


@pytest.mark.dear
def test_a_server_that_is_started_as_a_user_without_its_rights(inside: Inside) -> None:
    hears = {r.subjects("_INBOX") for r in OF_THE_KIT if r.verb is Verb.SUBSCRIBE}
    users = {
        r.code.replace(".", "-"): deny(r.verb.value, r.subjects("_INBOX"))
        for r in OF_THE_SERVER
        if r.verb is Verb.PUBLISH and r.subjects("_INBOX") in hears
    }
    users["group"] = deny("subscribe", "> omnisession")
    with brokerage(users) as broker:
        for user in users:
            configure(
                inside,
                f"[broker]\nurl = '{broker.url(user)}'\n[target]\ncommand = '{SERVER_CMD}'\n",
            )
            bad = stops_check(inside)
            assert any("started as the kit's user" in text for text in bad), user


@pytest.mark.dear
def test_what_needs_a_right_that_is_lacking_is_not_run(inside: Inside) -> None:
    with brokerage({"kit": deny("publish", "user.actions.*", "chat.messages")}) as broker:
        configure(inside, broker.settings("kit") + FIXTURE)
        ran = inside.omnisession("check", *QUICK, "--only", "SUBJ-006", "--only", "CHAT-002")
        assert ran.code == 0, ran.out + ran.err
        assert bad_lines(inside) == []
    not_run = [c for c in ran.of("check") if c["excuse"] == "no-right"]
    assert {c["check"].partition("@")[0] for c in not_run} >= {"SUBJ-006", "CHAT-002"}
    assert all("the kit's user of the broker may not publish on" in c["reason"] for c in not_run)
    assert ran.statuses() == {"PASS", "NOT_RUN"}
    assert "for want of a right of the kit" in ran.out


@pytest.mark.dear
@pytest.mark.parametrize("right", [r.pattern for r in OTHERS])
def test_a_right_server_never_fails_for_want_of_a_right(right: str, inside: Inside) -> None:
    selected = [argument for name in TOUCHED for argument in ("--only", name)]
    with brokerage({"kit": deny("publish", right)}) as broker:
        configure(inside, broker.settings("kit") + FIXTURE)
        ran = inside.omnisession("check", *selected)
    assert ran.code == 0, ran.out + ran.err
    assert any(c["excuse"] == "no-right" for c in ran.of("check"))
    assert not {"FAIL", "WARN", "HARNESS", "INCONCLUSIVE"} & ran.statuses()
    assert inside.omnisession("report", "--strict", str(ran.folder / "results.jsonl")).code == 1


@pytest.mark.dear
def test_a_kit_with_inboxes_of_its_own(inside: Inside) -> None:
    with brokerage({"kit": deny("publish", "_INBOX.*", "_INBOX.*.*")}) as broker:
        configure(inside, broker.settings("kit") + FIXTURE)
        (bad,) = stops_check(inside)
        assert "inbox_prefix in [broker]" in bad
        configure(inside, broker.settings("kit", "inbox_prefix = '_INBOX.kit.one'") + FIXTURE)
        ran = inside.omnisession("check", *QUICK, "--only", "SUBJ-006", "--only", "DISC")
        assert ran.code == 0, ran.out + ran.err
    assert ran.statuses() == {"PASS"}


@pytest.mark.parametrize("prefix", ["inbox", "_INBOXES", "_INBOX.*", "_INBOX.a b", "_INBOX.>"])
def test_inboxes_that_no_server_answers_on(prefix: str, inside: Inside) -> None:
    configure(inside, f"[broker]\nurl = 'nats://127.0.0.1:1'\ninbox_prefix = '{prefix}'\n")
    ran = inside.omnisession("check")
    assert ran.code == 4
    assert "broker.inbox_prefix" in ran.err


# -- whoever runs the broker ---------------------------------------------------------------------------


def test_a_broker_on_which_everybody_may_everything_is_warned_of(
    inside: Inside, broker: str
) -> None:
    ran = inside.omnisession("doctor", "--json", "--nats", broker, "--secret", SECRET)
    (found,) = [f for f in json.loads(ran.out)["findings"] if f["code"] == "broker.anybody"]
    assert found["mark"] == "warn"
    assert "every client" in found["text"]


@pytest.mark.parametrize(
    ("more", "mark", "told"),
    [
        ("", "ok", "do not get in"),
        *(
            pytest.param(*row, marks=pytest.mark.dear)
            for row in (
                ("no_auth_user: guest\n", "ok", "neither read sessions nor act"),
                ("no_auth_user: kit\n", "warn", "every client may do all of this"),
            )
        ),
    ],
)
def test_what_a_client_without_credentials_may(
    more: str, mark: str, told: str, inside: Inside
) -> None:
    users = {"kit": ALL, "guest": '{ publish: { deny: [">"] }, subscribe: { deny: [">"] } }'}
    with brokerage(users, more) as broker:
        configure(inside, broker.settings("kit") + FIXTURE)
        ran = inside.omnisession("doctor", "--json")
    (found,) = [f for f in json.loads(ran.out)["findings"] if f["code"] == "broker.anybody"]
    assert (found["mark"], ran.code) == (mark, 0)
    assert told in found["text"]

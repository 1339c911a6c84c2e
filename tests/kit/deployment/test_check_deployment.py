"""Deployments are judged by what is tried there: what is wrong is caught by what it breaks alone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.kit.deployment.judged import deployed, judge

from omnisession_conformance.protocol.permissions import granted, roles
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status
from omnisession_deployments.faults import FAULTS, Change, says
from omnisession_deployments.grants import Grant, of_client, of_role
from omnisession_deployments.place import KIT, ODD, PASSWORD, Place
from omnisession_deployments.variants import NULLS

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

OF_DEPLOYMENTS = [r for r in load_registry() if r.role == "deployment"]


def test_what_a_right_deployment_grants_is_what_is_printed() -> None:
    for user in ("ann", ODD, "Zoë", "a.b"):
        printed = granted(roles()["client"], user_id=user)
        assert of_client(user).lists() == printed.as_nats()
        assert of_client(user).subs == printed.subs
    for role in ("server", KIT):
        assert of_role(role).lists() == granted(roles()[role]).as_nats()
    journal = granted(roles()["server"], journal=True)
    assert of_role("server", journal=True).lists() == journal.as_nats()


def test_what_is_printed_is_conformant(inside: Inside) -> None:
    found = judge(inside, Place())
    assert (found.code, found.broken) == (0, set()), found.out
    assert set(found.statuses.values()) == {Status.PASS}
    assert "CONFORMANT: secure, tenants (15 of 15)" in found.out
    assert PASSWORD not in found.out + found.err
    # Others speak on a broker that is in use: what they say is not written down.
    assert not list((inside.folder / "report").glob("transcript*"))


def test_what_no_profile_claims_is_not_claimed(inside: Inside) -> None:
    found = judge(inside, Place(tenant=None), "--only", "SECU-014")
    assert found.statuses == {"SECU-014": Status.NOT_CLAIMED}


def test_every_sentence_has_a_deployment_that_breaks_it() -> None:
    assert {one.requirement for one in FAULTS.values()} == {r.id for r in OF_DEPLOYMENTS}


MORE_THAN_ONE = {
    # Who may do all breaks all but what is about who is let in, and what the broker does by itself.
    "no-permissions": {f"SECU-{n:03}" for n in (*range(1, 10), 10, 15)},
    "open-all": {f"SECU-{n:03}" for n in (1, 4, 6, 8)},
    # It is one of the clients, too, and opens what it opens for all of them.
    "raw-id": {"SECU-001", "SECU-002", "SECU-004", "SECU-010"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_nothing_else_is_said_to_be_broken(inside: Inside, name: str) -> None:
    fault = FAULTS[name]
    found = judge(inside, fault.change(Place()))
    assert found.broken == MORE_THAN_ONE.get(name, {fault.requirement}), found.out
    only_recommended = all(found.statuses[id_] is Status.WARN for id_ in found.broken)
    assert found.code == (0 if only_recommended else 1)


def of_kit(change: Change, wrong: Change = lambda place: place) -> Place:
    """A deployment whose kit may do less, with a client that is wrong there, perhaps."""
    return change(wrong(Place()))


def deaf(*subjects: str) -> Change:
    """The kit may hear everything but some subjects."""
    return lambda place: place.having(KIT, replace(place.users[KIT], deny=subjects))


def mute(subject: str, *instead: str) -> Change:
    """The kit may not publish on a subject, but on others."""

    def less(grant: Grant) -> Grant:
        assert subject in grant.publish
        kept = tuple(one for one in grant.publish if one != subject)
        return replace(grant, publish=(*kept, *instead))

    return lambda place: place.having(KIT, less(place.users[KIT]))


OWN_INBOXES = ("_INBOX.ann.>", "_INBOX.bob.>", "_INBOX.=2a.>", "_INBOX.~kit.>")
HALF_KITS: dict[str, tuple[Place, str]] = {
    "hears no inboxes": (of_kit(deaf("_INBOX.bob.>")), "may not hear _INBOX.bob."),
    "hears no JetStream": (
        of_kit(deaf("$JS.>", "$KV.>"), says("$JS.API.>")),
        "may not hear $JS.API",
    ),
    "hears no answers of imports": (of_kit(deaf("_R_.>")), "may not hear _R_."),
    "says nothing to servers": (
        of_kit(mute("_INBOX.>", *OWN_INBOXES)),
        "publishes on _INBOX.",
    ),
    "says nothing to imports": (
        of_kit(mute("_R_.>"), FAULTS["imports-open"].change),
        "publishes on _R_.",
    ),
    "says no actions": (of_kit(mute("user.actions.*")), "may not publish on user.actions."),
    "says no messages": (of_kit(mute("chat.messages")), "may not publish on chat.messages"),
    "asks no services": (
        of_kit(mute("$SRV.>"), FAULTS["srv-heard"].change),
        "may not publish on $SRV.",
    ),
}
"""Kits that may not say or hear a part of what is tried, some with a client that is wrong there."""


@pytest.mark.dear
@pytest.mark.parametrize("name", HALF_KITS)
def test_what_the_kit_may_not_say_or_hear_itself_is_never_green(inside: Inside, name: str) -> None:
    place, told = HALF_KITS[name]
    found = judge(inside, place)
    assert found.code == 3, found.out
    assert Status.PASS not in found.statuses.values()
    assert told in found.out


@pytest.mark.dear
@pytest.mark.parametrize("name", NULLS)
def test_a_deployment_that_is_none_is_never_green(inside: Inside, name: str) -> None:
    found = judge(inside, NULLS[name].change(Place()))
    assert found.code == 3, found.out
    assert Status.PASS not in found.statuses.values()


@pytest.mark.dear
def test_clients_are_made_by_the_hook(inside: Inside) -> None:
    mint = inside.folder / "mint.py"
    mint.write_text(
        f"import json, sys\nprint(json.dumps({{'user': sys.argv[1], 'password': '{PASSWORD}'}}))\n",
        "utf-8",
    )
    # The kit draws the names of two users, and has clients of others that it names itself.
    made = ("ann", "bob", ODD)
    with deployed(Place(tenant=None), inside.folder):
        text = (inside.folder / "omnisession.toml").read_text("utf-8")
        head, _, _ = text.partition("[[identities.clients]]")
        one = f'[[identities.clients]]\nid = "ann"\nuser = "ann"\npassword = "{PASSWORD}"\n'
        hook = f"[hooks]\ncredentials = {json.dumps([sys.executable, str(mint), '{user}'])}\n"
        (inside.folder / "omnisession.toml").write_text(f"{head}{one}{hook}", "utf-8")
        ran = inside.omnisession("check", "--seed", "0")
    # The broker knows no such user, which is told, and nothing is green.
    assert ran.code == 3
    assert "cannot connect" in ran.out
    assert made[0] in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no broker is named"),
        ('[broker]\nurl = "nats://127.0.0.1:1"\n', "two clients"),
        (
            '[broker]\nurl = "nats://127.0.0.1:1"\n[[identities.clients]]\nid = "ann"\n',
            "identities.clients[0]: nothing says who it is",
        ),
        (
            '[broker]\nurl = "nats://127.0.0.1:1"\n[identities]\nprofiles = ["tenant"]\n',
            "did you mean 'tenants'?",
        ),
        (
            '[broker]\nurl = "nats://127.0.0.1:1"\n[identities]\nprofiles = ["tenants"]\n',
            "'tenants' needs an [identities.tenant]",
        ),
        (
            '[broker]\nurl = "nats://127.0.0.1:1"\n'
            + '[[identities.clients]]\nid = "ann"\ntoken = "x"\n' * 2,
            "two of them are of one user",
        ),
        ('[fixture]\nsecret = "x"\n', "fixture.secret: this is for servers"),
        ('[target]\ncommand = "./x"\n', "target.command: this is for servers"),
        (
            '[[identities.clients]]\nid = "ann"\ntoken = "x"\njwt = "y"\n',
            "there is 'token' already",
        ),
        ('[[identities.clients]]\nid = "ann"\njwt = "y"\n', "this is no JSON Web Token"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told(inside: Inside, text: str, said: str) -> None:
    role = '[target]\nrole = "deployment"\n' if "[target]" not in text else ""
    body = text.replace("[target]", '[target]\nrole = "deployment"')
    (inside.folder / "omnisession.toml").write_text(f"{role}{body}", "utf-8")
    ran = inside.omnisession("check")
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--server-cmd", "./x"),
            "and --role deployment judges a deployment",
        ),
        (("--topology", "leaf"), "--topology is not for a deployment"),
        (("--secret", "x"), "--secret is not for a deployment"),
        (("--profile", "core"), "no profile 'core' of a deployment"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    inside: Inside, options: tuple[str, ...], said: str
) -> None:
    with deployed(Place(tenant=None), inside.folder):
        ran = inside.omnisession("check", "--role", "deployment", *options)
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err

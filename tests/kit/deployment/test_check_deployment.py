"""Deployments are judged by what is tried there: what is wrong is caught by what it breaks alone."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.kit.deployment.judged import judge
from tests.kit.deployment.places import ODD, Place, right, running
from tests.kit.deployment.wrong import RIGHT, WRONG, lines_with
from tests.kit.permissions.brokers import PASSWORD, of_client, of_role

from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

DENY = 'permissions {\n publish { deny: ">" }\n subscribe { deny: ">" }\n}'
OF_DEPLOYMENTS = [r for r in load_registry() if r.role == "deployment"]
UNCLAIMED = {"SECU-014"}


def test_what_is_printed_is_conformant(inside: Inside) -> None:
    found = judge(inside, Place())
    assert (found.code, found.broken) == (0, set()), found.out
    assert {id_ for id_, one in found.statuses.items() if one is not Status.PASS} == UNCLAIMED
    assert "CONFORMANT: secure (14 of 14; 1 not claimed)" in found.out
    assert PASSWORD not in found.out + found.err
    # Others speak on a broker that is in use: what they say is not written down.
    assert not list((inside.folder / "report").glob("transcript*"))


@pytest.mark.dear
@pytest.mark.parametrize("name", RIGHT)
def test_right_deployments_are_not_flagged(inside: Inside, name: str) -> None:
    found = judge(inside, RIGHT[name])
    assert (found.code, found.broken) == (0, set()), found.out


@pytest.mark.dear
@pytest.mark.parametrize("name", WRONG)
def test_deployments_that_are_wrong_in_one_way_are_caught_by_it(inside: Inside, name: str) -> None:
    found = judge(inside, WRONG[name].place)
    assert found.broken == WRONG[name].breaks, found.out
    only_recommended = all(found.statuses[id_] is Status.WARN for id_ in found.broken)
    assert found.code == (0 if only_recommended else 1)


def test_every_sentence_has_a_deployment_that_breaks_it() -> None:
    broken = {id_ for one in WRONG.values() for id_ in one.breaks}
    assert broken == {r.id for r in OF_DEPLOYMENTS}


def of_kit(old: str, new: str, ann: str = "") -> Place:
    """The kit's permissions with another line in them, and ann's where they are wrong as well."""
    lines = of_role("kit")
    assert old in lines, f"{old} is not in:\n{lines}"
    return Place({**right(), "kit": lines.replace(old, new), "ann": ann or of_client("ann")})


def deaf(*subjects: str) -> tuple[str, str]:
    """The kit may hear everything but some subjects."""
    after = '"_INBOX.~kit.>"\n    ]\n'
    return after, f"{after}deny: {json.dumps(subjects)}\n"


HALF_KITS: dict[str, tuple[Place, str]] = {
    "hears no inboxes": (of_kit(*deaf("_INBOX.bob.>")), "may not hear _INBOX.bob."),
    "hears no JetStream": (
        of_kit(*deaf("$JS.>", "$KV.>"), ann=lines_with("publish", "$JS.API.>")),
        "may not hear $JS.API",
    ),
    "hears no answers of imports": (of_kit(*deaf("_R_.>")), "may not hear _R_."),
    "says nothing to servers": (
        of_kit('"_INBOX.>"', '"_INBOX.ann.>", "_INBOX.bob.>", "_INBOX.=2a.>", "_INBOX.~kit.>"'),
        "publishes on _INBOX.",
    ),
    "says nothing to imports": (
        of_kit('"_R_.>"', "", ann=lines_with("subscribe", "_R_.>")),
        "publishes on _R_.",
    ),
    "says no actions": (of_kit('"user.actions.*"', ""), "may not publish on user.actions."),
    "says no messages": (of_kit('"chat.messages"', ""), "may not publish on chat.messages"),
    "asks no services": (
        of_kit('"$SRV.>"', "", ann=lines_with("subscribe", "$SRV.>")),
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


NULLS: dict[str, tuple[Place, int]] = {
    "no permissions": (Place(dict.fromkeys(right(), "")), 1),
    "deny all": (
        Place({name: DENY for name in right() if name != "kit"} | {"kit": right()["kit"]}),
        3,
    ),
    "deny one": (Place({**right(), "bob": DENY}), 3),
    "right permissions for the wrong users": (
        Place({**right(), "ann": of_client("bob"), "bob": of_client("ann")}),
        3,
    ),
    "a kit that hears nothing": (Place({**right(), "kit": of_client("kit")}), 3),
}
"""Deployments that are none, and the exit code: what refuses everything has no verdict."""


@pytest.mark.dear
@pytest.mark.parametrize("name", NULLS)
def test_a_deployment_that_is_none_is_never_green(inside: Inside, name: str) -> None:
    place, code = NULLS[name]
    found = judge(inside, place)
    assert found.code == code, found.out
    assert code == 1 or Status.PASS not in found.statuses.values()


@pytest.mark.dear
def test_clients_are_made_by_the_hook(inside: Inside) -> None:
    mint = inside.folder / "mint.py"
    mint.write_text(
        f"import json, sys\nprint(json.dumps({{'user': sys.argv[1], 'password': '{PASSWORD}'}}))\n",
        "utf-8",
    )
    # The kit draws the names of two users, and has clients of others that it names itself.
    made = ("ann", "bob", ODD)
    with running(Place(), inside.folder):
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
    with running(Place(), inside.folder):
        ran = inside.omnisession("check", "--role", "deployment", *options)
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err

"""Server, client and kit work with what the command grants them, and with no more than that."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.client.kit import Adapter, Json
from tests.kit.command.tool import QUICK, SECRET
from tests.kit.permissions.brokers import PASSWORD, Broker, broker_with, of_client, of_role
from tests.reference.broker import server
from tests.registry import of_profiles

if TYPE_CHECKING:
    from tests.kit.command.inside import Inside

MOST = tuple(
    word
    for area in ("SUBJ", "SEC", "DISC", "RESUME", "CHAT", "EDIT", "ACTION-001", "ACTION-013")
    for word in ("--only", area)
)
ODD = "Zo\u00eb.*"
"""A user whose id is no token as it stands."""


def is_live(report: Json) -> bool:
    return report["phase"] == "live"


def contents(report: Json) -> list[str]:
    return [message["content"] for message in report["slices"]["chat"]["messages"]]


def test_a_server_and_two_users_are_allowed_all_that_they_need() -> None:
    async def scenario(broker: Broker) -> None:
        async with Adapter() as adapter:
            await adapter.start("a", broker.url_of("ann"), "ann")
            await adapter.start("b", broker.url_of("odd"), ODD, features=[])
            for session in "ab":
                await adapter.until(session, is_live)
            await adapter.act("a", "chat.send", content="one")
            await adapter.until("b", lambda r: contents(r) == ["one"])
            await adapter.act("b", "chat.send", content="two")
            await adapter.act("b", "user.update", changes={"username": "B"})
            await adapter.until("a", lambda r: sorted(contents(r)) == ["one", "two"])
            told = await adapter.done("report", session="a")
            assert told["refused"] == []

    users = {"server": of_role("server"), "ann": of_client("ann"), "odd": of_client(ODD)}
    with broker_with(users) as broker, server(broker.url_of("server")):
        asyncio.run(scenario(broker))


def configure(inside: Inside, broker: Broker, more: str = "") -> None:
    """The kit is one user, and starts the server as another."""
    text = (
        f"[broker]\nurl = 'nats://{broker.place}'\nuser = 'kit'\npassword = '{PASSWORD}'\n"
        f"{more}[target]\ncommand = '{sys.executable} -m omnisession_reference'\n"
        f"env = {{ NATS_URL = '{broker.url_of('server')}' }}\n"
        f"[fixture]\nsecret = '{SECRET}'\n"
    )
    (inside.folder / "omnisession.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("selection", [QUICK, pytest.param(MOST, marks=pytest.mark.dear)])
def test_the_kit_comes_to_its_verdict(inside: Inside, selection: tuple[str, ...]) -> None:
    with broker_with({role: of_role(role) for role in ("kit", "server")}) as broker:
        configure(inside, broker)
        looked = inside.omnisession("doctor", "--json")
        ran = inside.omnisession("check", *selection)
    marks = {finding["code"]: finding["mark"] for finding in json.loads(looked.out)["findings"]}
    assert "bad" not in marks.values(), looked.out
    assert ran.code == 0, ran.out + ran.err
    assert ran.statuses() <= {"PASS", "NOT_RUN", "NOT_CLAIMED"}
    assert ran.not_claimed() <= of_profiles("secure", "durable")
    unexcused = {check["reason"] for check in ran.of("check") if check["status"] == "NOT_RUN"}
    assert not [reason for reason in unexcused if "may not" in str(reason)]


ANY_INBOX = ("--only", "CTRL-001@requests-are-answered-on-any-inbox")


@pytest.mark.parametrize(
    ("more", "status", "reason"),
    [
        pytest.param("", "PASS", None, marks=pytest.mark.dear),
        ("inbox_prefix = '_INBOX.~kit'\n", "NOT_RUN", "below _INBOX.~kit alone, as `inbox_prefix`"),
    ],
)
def test_with_a_prefix_the_check_of_other_inboxes_is_not_run_and_says_so(
    inside: Inside, more: str, status: str, reason: str | None
) -> None:
    with broker_with({role: of_role(role) for role in ("kit", "server")}) as broker:
        configure(inside, broker, more)
        ran = inside.omnisession("check", *ANY_INBOX)
    [check] = [one for one in ran.of("check") if one["check"].startswith("CTRL-001@requests")]
    assert check["status"] == status, ran.out + ran.err
    assert reason is None or reason in str(check["reason"])

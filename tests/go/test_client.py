"""The reference client on both servers: three sessions, cuts, and at rest the same slices."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from tests.client.gate import gate_to
from tests.client.kit import POLL_S, Adapter, Json
from tests.go.servers import REFERENCE, build, started
from tests.reference.broker import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

OF_THE_SESSION: Json = {"current_article": None, "revisions": []}


def is_live(report: Json) -> bool:
    return report["phase"] == "live" and report["slices"]["user"]["user"] is not None


async def change(adapter: Adapter, session: str, chance: random.Random, number: int) -> None:
    """Do one thing, to what the session shows where it can be."""
    slices = (await adapter.done("report", session=session))["slices"]
    articles = [article["id"] for article in slices["articles"]["articles"]]
    urls = [url["id"] for url in slices["url"]["urls"]]
    match chance.randrange(8):
        case 0:
            await adapter.act(session, "article.create", title=f"T {number}", content="text")
        case 1 if articles:
            await adapter.act(session, "article.publish", article_id=chance.choice(articles))
        case 2 if articles:
            await adapter.act(session, "article.select", article_id=chance.choice(articles))
        case 3 if articles:
            await adapter.act(session, "article.edit_start", article_id=chance.choice(articles))
        case 4:
            await adapter.act(session, "url.create", target_url=f"https://example.org/{number}")
        case 5 if urls:
            await adapter.act(session, "url.delete", url_id=chance.choice(urls))
        case 6:
            await adapter.act(session, "user.update", changes={"username": f"Ann {number}"})
        case _:
            await adapter.act(session, "chat.send", content=f"number {number}")


def shared(report: Json) -> Json:
    """What every session of the user shows."""
    slices = report["slices"]
    return {**slices, "articles": slices["articles"] | OF_THE_SESSION}


async def scenario(url: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 no secret
    async with gate_to(url) as one, gate_to(url) as two, Adapter() as adapter:
        await adapter.start("a", one.url, "ann")
        await adapter.start("b", two.url, "ann", features=["events"])
        await adapter.start("c", url, "bob", features=["digests"])
        for session in "abc":
            await adapter.until(session, is_live)
        for number in range(40):
            await change(adapter, chance.choice("abc"), chance, number)
            if chance.random() < 0.15:
                chance.choice([one, two]).cut()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                a, b, c = [await adapter.done("report", session=s) for s in "abc"]
                if shared(a) == shared(b) and a["slices"]["chat"] == c["slices"]["chat"]:
                    break
                await asyncio.sleep(POLL_S)
        lost = [
            told for r in (a, b, c) for told in r["refused"] if told.get("reason") == "given_up"
        ]
        assert lost == []
        assert one.connections + two.connections > 2


@pytest.mark.dear
@pytest.mark.parametrize("server", ["reference", "go"])
@pytest.mark.needs("go")
def test_three_sessions_come_to_the_same_slices(server: str, tmp_path: Path) -> None:
    command = REFERENCE if server == "reference" else [str(build(tmp_path))]
    with started(command) as (url, _):
        for seed in range(2):
            asyncio.run(scenario(url, seed))

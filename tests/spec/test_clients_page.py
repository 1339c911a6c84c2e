"""The page of clients says which sentence binds whom as the registry has it, and knows every profile."""

from __future__ import annotations

import json
import re

from tests.registry import entries

from spec_lint import PAGES, ROOT

PAGE = (ROOT / PAGES / "clients.md").read_text("utf-8")
OF_CLIENTS = [entry for entry in entries() if entry["role"] == "client"]
THEIRS = ("clients.md", "optimistic.md")
LABEL = re.compile(r"^\*\*([A-Z]+-\d+)\*\*\{", re.MULTILINE)
TESTEE = json.loads((ROOT / "schemas/testee/v1/testee.schema.json").read_text("utf-8"))


def cells(heading: str) -> dict[str, list[str]]:
    """The rows of the table that begins with a heading, by the names in their first cell."""
    rows = PAGE.partition(f"| Profile | {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    split = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return {name: row[1:] for row in split for name in re.findall(r"`([a-z]+)`", row[0])}


def test_the_sentences_of_a_profile_are_those_of_the_registry() -> None:
    told = {
        profile: re.findall(r"\[([A-Z]+-\d+)\]", row[0])
        for profile, row in cells("Sentences").items()
    }
    wanted: dict[str, list[str]] = {}
    for entry in OF_CLIENTS:
        wanted.setdefault(entry["profile"], []).append(entry["id"])
    assert len(OF_CLIENTS) > 40
    assert told == wanted


def test_every_profile_of_the_contract_is_there_with_what_it_needs() -> None:
    needs = {
        profile: re.findall(r"`([a-z]+)`", row[1])
        for profile, row in cells("Claimed by a client that | Needs").items()
    }
    assert list(needs) == TESTEE["$defs"]["profile"]["examples"]
    assert {needed for some in needs.values() for needed in some} <= set(needs)
    assert [profile for profile, some in needs.items() if not some] == ["states"]


def test_labels_of_clients_stand_on_their_two_pages_alone() -> None:
    labels = {page: LABEL.findall((ROOT / PAGES / page).read_text("utf-8")) for page in THEIRS}
    told = {page: [e["id"] for e in OF_CLIENTS if _page(e) == page] for page in THEIRS}
    assert {page: sorted(some) for page, some in labels.items()} == told
    assert {_page(entry) for entry in OF_CLIENTS} == set(THEIRS)
    on_optimistic = {e["profile"] for e in OF_CLIENTS if _page(e) == "optimistic.md"}
    assert on_optimistic == {"optimistic"}


def _page(entry: dict[str, str]) -> str:
    return entry["spec"].partition("#")[0]

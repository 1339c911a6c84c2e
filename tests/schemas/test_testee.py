"""The contract between kit and client adapter: its schema, and the conversation that its page shows."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator
from tests.schemas.contract import Json, faults, schema

from omnisession_conformance.protocol.schemas import schemas_folder

PAGE = schemas_folder().parent / "docs" / "reference" / "testee.md"
BLOCK = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\| `([a-z_]+)` \|", re.MULTILINE)
NAMED = {"name": "x", "version": ""}
REQUESTS = ("hello", "start", "dispatch", "report", "stop")


def conversation() -> list[tuple[str, Json]]:
    """The messages that the page shows, with their direction; a line that is indented goes on."""
    [block] = BLOCK.findall(PAGE.read_text("utf-8"))
    lines = re.sub(r"\n +", " ", block).splitlines()
    return [(line[0], json.loads(line[1:])) for line in lines]


def of(do: str) -> Json:
    """The first request of this sort that the page shows."""
    return next(said for way, said in conversation() if way == "→" and said["do"] == do)


def answer_to(do: str) -> Json:
    number = of(do)["id"]
    return next(said for way, said in conversation() if way == "←" and said["id"] == number)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == "https://omnisession.dev/schemas/testee/v1/testee.schema.json"


@pytest.mark.parametrize("name", sorted(schema()["$defs"]))
def test_every_definition_says_what_it_is(name: str) -> None:
    definition = schema()["$defs"][name]
    assert definition["title"]
    assert definition["description"].endswith((".", "?"))


def test_what_the_page_shows_is_valid() -> None:
    asked: dict[int, str] = {}
    for way, said in conversation():
        if way == "→":
            asked[said["id"]] = said["do"]
            assert faults("request", said) == []
        else:
            assert faults("answer", said) == []
            assert faults(f"{asked.pop(said['id'])}_result", said["ok"]) == []
    assert asked == {}, "an answer is missing"


def test_the_page_shows_every_request() -> None:
    assert {said["do"] for way, said in conversation() if way == "→"} == set(REQUESTS)
    assert {f"{do}_result" for do in REQUESTS} <= set(schema()["$defs"])


@pytest.mark.parametrize("do", REQUESTS)
def test_a_request_is_closed(do: str) -> None:
    asked = of(do)
    assert faults("request", {**asked, "more": 1})
    for name in schema()["$defs"][do]["required"]:
        assert faults("request", {k: v for k, v in asked.items() if k != name}), name


@pytest.mark.parametrize("do", REQUESTS)
def test_an_answer_is_open(do: str) -> None:
    answer = answer_to(do)
    assert faults("answer", {**answer, "more": 1}) == []
    assert faults(f"{do}_result", {**answer["ok"], "more": 1}) == []


@pytest.mark.parametrize(
    ("definition", "wrong"),
    [
        ("answer", {"id": 1}),
        ("answer", {"id": 1, "ok": {}, "error": "both"}),
        ("answer", {"ok": {}}),
        ("answer", {"id": None, "ok": {}}),
        ("answer", {"id": 1, "error": ""}),
        ("hello_result", {"contract": 1, "client": NAMED, "profiles": ["core"]}),
        ("hello_result", {"contract": 0, "client": NAMED, "profiles": ["states"]}),
        ("dispatch_result", {"refused": ""}),
        ("report_result", {"position": {"epoch": 0, "seq": 0, "last_action_seq": 0}}),
        ("report_result", {"slices": {"articles": {}}}),
        ("report_result", {"slices": {"weather": {"type": "chat"}}}),
        ("report_result", {"refused": [{"action_id": "a"}]}),
        ("report_result", {"handled": -1}),
        ("report_result", {"pending": [{"action_id": "a", "client_seq": 0}]}),
    ],
)
def test_what_is_wrong_is_refused(definition: str, wrong: Json) -> None:
    assert faults(definition, wrong)


def test_an_error_may_answer_what_has_no_id() -> None:
    assert faults("answer", {"id": None, "error": "This is no JSON object."}) == []


def test_the_tables_of_the_page_name_what_the_schema_has() -> None:
    by_hand = PAGE.read_text("utf-8").partition("<!-- generated")[0]
    named = set(TABLE.findall(by_hand))
    assert set(schema()["$defs"]["timers"]["properties"]) <= named
    told = schema()["$defs"]["reason"]["description"].partition(": ")[2].partition(".")[0]
    assert set(re.split(r", | or ", told)) - {"given_up"} <= named
    alone = {"articles", "chat", "url", "user"}  # they share a row
    assert set(schema()["$defs"]["profile"]["examples"]) - alone <= named
    assert all(f"`{kind}`" in by_hand for kind in alone)

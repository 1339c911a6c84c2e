from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from omnisession_conformance.cli.validate import CODES_OF_FLAWS, validate
from omnisession_conformance.protocol.schemas import catalogue
from omnisession_conformance.protocol.schemas.check import Checker
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.results.diff import Change

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.inspect.conftest import Run

PING: dict[str, Any] = {
    "v": "1.0",
    "type": "session.ping",
    "user_id": "ann",
    "session_id": "s-7Hq2mWc9TzK4pXvB1nRd0A",
    "timestamp": 1_730_000_000_000,
    "data": {},
}
CONTROL = "session.ann.s-7Hq2mWc9TzK4pXvB1nRd0A.control"


def write(path: Path, *bodies: object, indent: int | None = None) -> str:
    text = "\n".join(json.dumps(b, indent=indent) for b in bodies)
    path.write_text(text + "\n", encoding="utf-8")
    return str(path)


def examples() -> list[tuple[str, dict[str, Any]]]:
    """One valid message of each definition that a subject names."""
    documents = Checker().documents
    found: list[tuple[str, dict[str, Any]]] = []
    for row in catalogue().subjects:
        for ref in row.definitions.values():
            name, _, path = ref.partition("#")
            node: Any = documents[name]
            for step in path.split("/")[1:]:
                node = node[step]
            found += [(row.pattern, example) for example in node.get("examples", ())]
    return found


def test_every_example_of_the_schemas_is_valid_by_its_type(run: Run, tmp_path: Path) -> None:
    bodies = [body for _, body in examples()]
    assert len(bodies) > 30
    ran = run(validate, "--lines", write(tmp_path / "all.jsonl", *bodies))
    assert ran.code == 0, ran.said
    assert ran.said.endswith(f"{len(bodies)} of {len(bodies)} messages valid\n")


def test_a_good_file_names_the_definition_that_judged_it(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "ping.json", PING, indent=2)
    assert run(validate, file).said == (
        f"{file}: session.ping is valid (control.schema.json#/$defs/session.ping)\n"
        "1 of 1 message valid\n"
    )


def test_what_is_wrong_is_told_with_line_and_pointer(run: Run, tmp_path: Path) -> None:
    bad = {**PING, "timestamp": "soon", "data": None}
    del bad["session_id"]
    file = write(tmp_path / "ping.json", bad, indent=2)
    ran = run(validate, file)
    assert ran.code == 1
    assert ran.said.splitlines() == [
        f"{file}: session.ping is not valid (control.schema.json#/$defs/session.ping)",
        "  line 6     /data  is null, expected an object  [ENV-002]",
        "  line 1     /session_id  is missing  [ENV-002]",
        '  line 5     /timestamp  is "soon", expected an integer  [ENV-003]',
        "0 of 1 message valid",
    ]


def test_lines_are_judged_one_by_one(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "m.jsonl", PING, {**PING, "user_id": 5}, PING)
    ran = run(validate, "--lines", file)
    assert ran.code == 1
    assert f"{file}, line 2: session.ping is not valid" in ran.said
    assert "  line 2     /user_id  " in ran.said
    assert ran.said.endswith("2 of 3 messages valid\n")


def test_standard_input_is_read(run: Run) -> None:
    ran = run(validate, "-", stdin=json.dumps(PING).encode())
    assert (ran.code, "standard input: session.ping is valid" in ran.said) == (0, True)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the body is empty"),
        (b"[1]", "/  the body is a list, not an object  [ENV-001]"),
        (b'{"a":1,\n"a":2}', "/a  the member stands here more than once  [ENV-001]"),
        (b'{\n"v":"1.0",\n"v" "x"}', "line 3     /  the body is not JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"{}", "/type  is missing or no text"),
        (b'{"type":"my.own"}', "'my.own' is no type of protocol 1.0; "),
    ],
)
def test_a_text_that_is_no_message_is_told_as_it_is(run: Run, data: bytes, told: str) -> None:
    ran = run(validate, "-", stdin=data)
    assert ran.code == 1
    assert told in ran.said


def test_a_number_is_told_once(run: Run) -> None:
    data = json.dumps(PING).replace("1730000000000", "1.5").encode()
    ran = run(validate, "-", stdin=data)
    assert ran.said.count("/timestamp") == 1


def test_a_type_that_stands_on_two_subjects_may_be_either(run: Run) -> None:
    hint = next(b for p, b in examples() if p == "article.{article_id}.updates")
    event = next(b for p, b in examples() if p.endswith(".events") and b["type"] == hint["type"])
    for body, where in ((hint, "article.updates.schema"), (event, "event.schema")):
        ran = run(validate, "-", stdin=json.dumps(body).encode())
        assert ran.code == 0
        assert where in ran.said


def test_with_its_subject_a_message_is_held_to_it(run: Run) -> None:
    good = json.dumps(PING).encode()
    assert run(validate, "-", "--subject", CONTROL, stdin=good).code == 0
    ran = run(validate, "-", "--subject", CONTROL.replace("ann", "bob"), stdin=good)
    assert ran.code == 1
    assert "/user_id  is 'ann', the subject says 'bob'  [ENV-008]" in ran.said
    on_state = run(validate, "-", "--subject", CONTROL.replace("control", "state"), stdin=good)
    assert on_state.code == 1
    assert "state.schema.json" in on_state.said


def test_an_event_of_a_newer_type_is_valid_on_its_subject(run: Run) -> None:
    event = copy.deepcopy(next(b for p, b in examples() if p.endswith(".events")))
    event["type"] = "weather.changed"
    subject = f"session.{event['user_id']}.{event['session_id']}.events"
    stdin = json.dumps(event).encode()
    assert run(validate, "-", "--subject", subject, stdin=stdin).code == 0
    assert run(validate, "-", stdin=stdin).code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gone.json",), "Cannot read gone.json: No such file"),
        (("-", "--subject", "weather.today"), "Its subjects are session.{user_id}"),
        (("-", "--subject", "session.=61.s.state"), "is none of the protocol: user: the token"),
        (("-", "--lines"), "There is no message in -."),
    ],
)
def test_what_cannot_be_used_is_an_error_with_the_way_out(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    ran = run(validate, *arguments)
    assert ran.code == 4
    assert told in ran.said


OTHER = "session.bob.s-7Hq2mWc9TzK4pXvB1nRd0A.control"


@pytest.mark.parametrize(
    ("raw", "subject", "codes"),
    [
        (json.dumps(PING), None, []),
        ("nope", None, ["bad-json"]),
        ('{"v": "1.0", "v": "1.0"}', None, ["bad-json", "no-type"]),
        (json.dumps({**PING, "type": "no.such"}), None, ["unknown-type"]),
        (json.dumps({**PING, "timestamp": 1.5e3}), None, ["bad-number"]),
        (json.dumps({**PING, "data": None}), None, ["schema:type"]),
        (json.dumps({**PING, "user_id": 5}), CONTROL, ["schema:type", "not-of-the-subject"]),
        (json.dumps(PING), OTHER, ["not-of-the-subject"]),
        (json.dumps({k: v for k, v in PING.items() if k != "v"}), None, ["schema:required"]),
    ],
)
def test_each_problem_has_a_code_for_programs(
    raw: str, subject: str | None, codes: list[str], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.json").write_text(raw)
    words = ("--subject", subject) if subject else ()
    ran = run(validate, "--json", *words, str(tmp_path / "m.json"))
    told = json.loads(ran.said)
    [message] = told["messages"]
    assert [problem["code"] for problem in message["problems"]] == codes
    assert all(problem["message"] and problem["line"] for problem in message["problems"])
    assert (ran.code, told["valid"], told["of"]) == (int(bool(codes)), int(not codes), 1)
    assert message["valid"] == (not codes)


def test_codes_are_on_the_page_of_the_command() -> None:
    page = (schemas_folder().parent / "docs/reference/command-line.md").read_text("utf-8")
    for code in (*CODES_OF_FLAWS.values(), "no-type", "unknown-type", "not-of-the-subject"):
        assert f"| `{code}` |" in page
    for change in Change:
        assert f"`{change.value}`" in page

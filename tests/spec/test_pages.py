"""The pages themselves: clean, linked, and in step with the schemas that they show."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import rfc8785

from spec_lint import PAGES, REGISTRY, ROOT, lint_pages, lint_registry, read_pages
from spec_source import read_registry

SPEC = ROOT / PAGES
KIT_DECISIONS = ROOT / "docs/contributing/decisions.md"
V1 = ROOT / "schemas" / "v1"
NAMES = sorted(path.name for path in SPEC.glob("*.md"))
BASE = "https://omnisession.dev/schemas/v1/"
CODE_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
ANCHOR = re.compile(r"\{ #(\S+) ")
HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)


def read(name: str) -> str:
    return (SPEC / name).read_text("utf-8")


def outside_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(name: str) -> set[str]:
    """Anchors of labels, and of headings as the site's slugs have them."""
    text = outside_code(read(name))
    plain = (re.sub(r"[^\w\s-]", "", h).strip().lower() for h in HEADING.findall(text))
    return set(ANCHOR.findall(text)) | {re.sub(r"[-\s]+", "-", slug) for slug in plain}


def schema(reference: str) -> jsonschema_rs.Validator:
    documents = [json.loads(path.read_text("utf-8")) for path in V1.glob("*.schema.json")]
    registry = jsonschema_rs.Registry([(d["$id"], d) for d in documents])
    return jsonschema_rs.validator_for({"$ref": BASE + reference}, registry=registry)


def definitions(type_: str) -> list[str]:
    """Schema references of all definitions that subjects.json names for a message type."""
    rows = json.loads((V1 / "subjects.json").read_text("utf-8"))["subjects"]
    found = [row["definitions"][type_] for row in rows if type_ in row["definitions"]]
    return ["state.schema.json"] if type_ == "session.state" else found


def examples() -> list[Any]:
    """All JSON examples, with their page and number."""
    return [
        pytest.param(json.loads(text), id=f"{name}-{number}")
        for name in NAMES
        for number, text in enumerate(CODE_BLOCK.findall(read(name)), start=1)
    ]


def test_the_real_pages_are_clean() -> None:
    pages = read_pages(SPEC)
    registry = read_registry((ROOT / REGISTRY).read_text("utf-8"))
    found = lint_pages(pages) + lint_registry(pages, registry)
    assert [str(finding) for finding in found] == []


def test_every_example_is_json() -> None:
    assert len(examples()) > 20


@pytest.mark.parametrize("body", [e for e in examples() if "v" in e.values[0]])
def test_every_message_shown_is_valid(body: dict[str, Any]) -> None:
    validators = [schema(reference) for reference in definitions(body["type"])]
    assert any(validator.is_valid(body) for validator in validators), [
        error.message for validator in validators for error in validator.iter_errors(body)
    ]


@pytest.mark.parametrize("body", [e for e in examples() if "code" in e.values[0]])
def test_every_error_shown_is_valid(body: dict[str, Any]) -> None:
    assert schema("error.schema.json").is_valid(body)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_and_anchors_that_exist(name: str) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in LINK.findall(outside_code(read(name)))
        if (target and not (SPEC / target).is_file())
        or (anchor and anchor not in anchors(target or name))
    ]
    assert broken == []


def test_the_index_lists_every_page() -> None:
    listed = {target for target, _ in LINK.findall(read("index.md"))}
    assert set(NAMES) - {"index.md"} <= listed


def test_the_error_table_is_the_catalogue() -> None:
    catalogue = json.loads((V1 / "errors.json").read_text("utf-8"))["errors"]
    rows = re.findall(r"^\| (\d{4}) \| `(\w+)` \| (yes|no) \|", read("errors.md"), re.MULTILINE)
    reserved = [e["code"] for e in catalogue if e["profile"] != "core"]
    assert [(int(code), name, word == "yes") for code, name, word in rows] == [
        (e["code"], e["name"], e["retryable"]) for e in catalogue if e["profile"] == "core"
    ]
    assert all(str(code) in read("errors.md") for code in reserved)


def test_the_limits_table_has_every_limit_of_the_schema() -> None:
    common = json.loads((V1 / "common.schema.json").read_text("utf-8"))
    rows = re.findall(r"^\| `(\w+)` \| [\d ]+ \|", read("limits.md"), re.MULTILINE)
    assert rows == common["$defs"]["limits"]["required"]


def test_the_reducer_tables_have_every_event_type() -> None:
    rows = json.loads((V1 / "subjects.json").read_text("utf-8"))["subjects"]
    events = next(row["definitions"] for row in rows if row["id"] == "session.events")
    cells = re.findall(r"^\| (`[a-z_., `]+`) \|", read("events.md"), re.MULTILINE)
    named = {type_ for cell in cells for type_ in re.findall(r"`(\w+\.\w+)`", cell)}
    assert named == set(events)


def test_the_subject_table_has_every_pattern() -> None:
    rows = json.loads((V1 / "subjects.json").read_text("utf-8"))["subjects"]
    assert [
        row["pattern"] for row in rows if f"`{row['pattern']}`" not in read("subjects.md")
    ] == []


def test_the_digest_shown_is_that_of_the_data_shown() -> None:
    section = read("state.md").partition("\n## Digests\n")[2]
    (data,) = (json.loads(text) for text in CODE_BLOCK.findall(section))
    canonical = rfc8785.dumps(data)
    assert canonical.decode() in section
    assert hashlib.sha256(canonical).hexdigest() in section


def test_the_tokens_shown_are_what_the_algorithm_makes() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (`[^`]+`|unchanged) \|", read("subjects.md"), re.MULTILINE)
    assert len(rows) > 5
    for id_, token in rows:
        made = "".join(
            chr(b) if re.fullmatch(r"[A-Za-z0-9_-]", chr(b)) else f"={b:02x}" for b in id_.encode()
        )
        assert made == (id_ if token == "unchanged" else token.strip("`"))


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    required = [re.split(r"[^a-z0-9-]", line)[0] for line in lines]
    assert len(required) > 20
    section = KIT_DECISIONS.read_text("utf-8").partition("\n## Libraries\n")[2]
    assert [name for name in required if not re.search(rf"\b{name}\b", section)] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    text = read("decisions.md")
    both = text + KIT_DECISIONS.read_text("utf-8")
    numbers = [int(n) for n in re.findall(r"^### (\d+)\. ", both, re.MULTILINE)]
    # Each stands on the page and in the part that it is about, so numbers are in no order there.
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert f"**{len(numbers) + 1}**" in text


def test_pages_stand_where_the_lint_looks() -> None:
    assert Path(PAGES) / "index.md" == Path("docs/spec/index.md")
    assert "index.md" in NAMES

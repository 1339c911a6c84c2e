"""What a schema says is on its page: no keyword is left out unless on purpose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.docs.pages import ROOT

from docs_markdown import DocsError
from docs_schema_source import Document, Library
from docs_schema_words import LAID_OUT, NOT_SHOWN, SAID
from docs_schemas import pretty, protocol_library, schema_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
FILES = [
    path
    for folder in ("v1", "kit", "testee/v1")
    for path in sorted((ROOT / "schemas" / folder).glob("*.schema.json"))
]
MAPS = ("properties", "$defs")
LISTS = ("allOf", "anyOf", "oneOf")
SINGLE = ("items", "contains", "propertyNames", "additionalProperties", "not", "if", "then", "else")


def schemas_in(schema: Any) -> Iterator[Json]:
    """A schema and all inside it, at any depth."""
    if not isinstance(schema, dict):
        return
    this = cast("Json", schema)
    yield this
    inner: list[Any] = [s for name in MAPS for s in this.get(name, {}).values()]
    inner += [s for name in LISTS for s in this.get(name, ())]
    inner += [this[name] for name in SINGLE if name in this]
    for one in inner:
        yield from schemas_in(one)


def used_keywords() -> set[str]:
    loaded = [json.loads(path.read_text("utf-8")) for path in FILES]
    return {keyword for schema in loaded for one in schemas_in(schema) for keyword in one}


def page(definition: Json, **others: Json) -> str:
    """The page of a small document with one definition `Thing`, and others beside it."""
    schema = {
        "$id": "https://omnisession.dev/schemas/v1/small.schema.json",
        "title": "Small",
        "$defs": {"Thing": definition, "Other": {"title": "Other", "type": "string"}, **others},
    }
    document = Document("reference/schemas/small.md", "small.schema.json", schema)
    return schema_pages(Library([document]))[document.page]


# A value for each keyword, in a definition that is not complete without it.
IN_DEFINITION: dict[str, tuple[Any, Json]] = {
    "title": ("A title", {"type": "string"}),
    "description": ("What it is.", {"type": "string"}),
    "examples": ([{"a": 1}], {"type": "object"}),
    "required": (["a"], {"type": "object", "properties": {"a": {"type": "string"}}}),
    "properties": ({"a": {"type": "string"}}, {"type": "object"}),
    "allOf": ([{"properties": {"a": {"const": 1}}}], {"type": "object"}),
    "x-omnisession-requirement": ("ENV-001", {"type": "string"}),
    "$ref": ("#/$defs/Other", {}),
    "const": ("x", {}),
    "enum": (["x", "y"], {}),
    "type": ("string", {}),
    "anyOf": ([{"type": "string"}, {"type": "null"}], {}),
    "oneOf": ([{"$ref": "#/$defs/Other"}], {}),
    "not": ({"const": 1}, {"type": "integer"}),
    "items": ({"type": "string"}, {"type": "array"}),
    "contains": ({"const": "core"}, {"type": "array", "items": {"type": "string"}}),
    "uniqueItems": (True, {"type": "array", "items": {"type": "string"}}),
    "minItems": (1, {"type": "array"}),
    "maxItems": (3, {"type": "array"}),
    "minLength": (1, {"type": "string"}),
    "maxLength": (3, {"type": "string"}),
    "minimum": (1, {"type": "integer"}),
    "maximum": (3, {"type": "integer"}),
    "pattern": ("^a|b$", {"type": "string"}),
    "propertyNames": ({"enum": ["a"]}, {"type": "object"}),
    "additionalProperties": ({"type": "string"}, {"type": "object"}),
    "contentEncoding": ("base64", {"type": "string"}),
    "x-omnisession": ("time", {"type": "integer"}),
    "then": (
        {"properties": {"b": {"const": 2}}},
        {"if": {"properties": {"a": {"const": 1}}}},
    ),
    "else": (
        {"properties": {"b": {"const": 2}}},
        {"if": {"properties": {"a": {"const": 1}}}, "then": {}},
    ),
    "if": ({"properties": {"a": {"const": 1}}}, {"then": {"properties": {"b": {"const": 2}}}}),
}


def test_every_keyword_is_shown_or_left_out_on_purpose() -> None:
    assert used_keywords() <= SAID | LAID_OUT | NOT_SHOWN.keys()
    assert not (SAID | LAID_OUT) & NOT_SHOWN.keys()
    assert all(NOT_SHOWN.values())


@pytest.mark.parametrize("keyword", sorted((SAID | LAID_OUT) - {"$defs"}))
def test_a_shown_keyword_changes_the_page(keyword: str) -> None:
    value, around = IN_DEFINITION[keyword]
    assert page({**around, keyword: value}) != page(around)


@pytest.mark.parametrize("keyword", sorted(SAID - {"not"}))
def test_a_keyword_changes_the_row_of_a_member(keyword: str) -> None:
    value, around = IN_DEFINITION[keyword]
    with_it, without = (
        page({"type": "object", "properties": {"m": member}})
        for member in ({**around, keyword: value}, around)
    )
    assert with_it != without


def test_definitions_become_headings() -> None:
    text = page({"title": "Thing"}, **{"a.b": {"title": "AB"}})
    assert "## Thing { #Thing }" in text
    assert "## `a.b` { #a.b }" in text


def test_an_unknown_keyword_is_an_error() -> None:
    with pytest.raises(DocsError, match="no page can show the keyword patternProperties"):
        page({"type": "object", "patternProperties": {}})
    with pytest.raises(DocsError, match="keyword dependentRequired"):
        page({"properties": {"a": {"properties": {"b": {"dependentRequired": {}}}}}})


def test_a_reference_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(DocsError, match="leads nowhere"):
        page({"$ref": "#/$defs/Nobody"})
    with pytest.raises(DocsError, match="points inside a definition"):
        page({"$ref": "#/$defs/Other/properties/a"}, Other={"properties": {"a": {}}})


def test_members_are_told_with_all_that_holds_for_them() -> None:
    base = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    thing: Json = {
        "$ref": "#/$defs/Base",
        "required": ["list"],
        "properties": {
            "a": {"const": "x"},
            "b": {"description": "A *b*.", "anyOf": [{"type": "integer"}, {"type": "null"}]},
            "list": {
                "type": "array",
                "items": {"type": "object", "properties": {"c": {"type": "boolean"}}},
            },
            "gone": {"not": {}, "x-omnisession-requirement": "ART-014"},
        },
    }
    text = page(thing, Base=base)
    assert "All members of [Base](#Base), and:" in text
    assert '| `a` | `"x"` |' in text
    assert r"| `b?` | integer or null | A \*b\*. |" in text
    assert "| `list` | list of object |" in text
    assert "| `list[].c?` | boolean |" in text
    assert "| `gone` | never there | [ART-014](../requirements.md#art-014) |" in text


def test_conditions_are_sentences() -> None:
    text = page(
        {
            "type": "object",
            "if": {"required": ["mode"], "properties": {"mode": {"const": "replay"}}},
            "then": {"properties": {"messages": {"minItems": 1}}, "required": ["more"]},
            "else": {"properties": {"messages": {"maxItems": 0}}},
        }
    )
    assert (
        '- If `mode` is `"replay"`: `more` is there, `messages` is not empty; '
        "otherwise: `messages` is empty." in text
    )


def test_each_file_has_a_page_that_is_in_the_navigation() -> None:
    made = schema_pages(protocol_library(ROOT / "schemas"))
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert made.keys()
    assert [name for name in made if f": {name}\n" not in navigation] == []


def test_json_is_laid_out_and_stays_what_it_is() -> None:
    value: Json = {"a": {"b": list(range(60)), "c": {}}, "d": "é" * 10, "e": []}
    assert json.loads(pretty(value)) == value
    assert max(map(len, pretty(value).splitlines())) <= 96

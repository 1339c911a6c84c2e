"""Pages about JSON Schemas: what each definition means, its members, its rules and an example."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from docs_markdown import code, count, fence, indent, plain, table, value
from docs_schema_source import Document, Library, label, read_document
from docs_schema_words import Words, description, known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from docs_schema_source import Schema, Target

FOLDER = "reference/schemas"
REQUIREMENTS = "reference/requirements.md"
RESULTS = "reference/results.md"
TESTEE = "reference/testee.md"
ENDING = ".schema.json"
NOTE = "<!-- Made by tools/docs_pages.py from schemas/v1: change the schemas, not this page. -->"


@dataclass(frozen=True, slots=True)
class Row:
    """A member: its path in the body, what it has to be, what it means."""

    path: str
    kind: str
    meaning: str


def protocol_library(schemas: Path) -> Library:
    """The schemas of the protocol, each with its page."""
    paths = sorted((schemas / "v1").glob(f"*{ENDING}"))
    return Library(
        read_document(path, f"{FOLDER}/{path.name.removesuffix(ENDING)}.md") for path in paths
    )


def parts(library: Library, schemas: Path) -> dict[str, str]:
    """The generated parts about schemas that stand on pages with other words, by name."""
    found = {"schema-list": schema_list(library)}
    kit = Library(
        read_document(schemas / "kit" / f"{name}{ENDING}", RESULTS, f"{name}-")
        for name in ("results", "transcript", "summary", "matrix")
    )
    testee = Library(
        [read_document(schemas / "testee" / "v1" / f"testee{ENDING}", TESTEE, "testee-")]
    )
    for beside in (kit, testee):
        for document in beside.documents.values():
            blocks = definitions(beside, document, level=3)
            found[f"{document.prefix}lines"] = "\n\n".join(blocks)
    return found


def is_made_whole(text: str) -> bool:
    """Whether a page was made by `schema_pages`."""
    return text.startswith(NOTE)


def schema_pages(library: Library) -> dict[str, str]:
    """A page for each document, by the path of the page."""
    return {document.page: _page(library, document) for document in library.documents.values()}


def schema_list(library: Library) -> str:
    """A table of the documents."""
    rows = [
        (
            f"[{d.schema['title']}]({posixpath.relpath(d.page, FOLDER)})",
            f"[`{d.file}`]({_file(d)})",
            description(d.schema),
        )
        for d in library.documents.values()
    ]
    return table(("Page", "File", "What it describes"), rows)


def _file(document: Document) -> str:
    return posixpath.relpath(f"schemas/v1/{document.file}", posixpath.dirname(document.page))


def _page(library: Library, document: Document) -> str:
    names = [label(name, schema) for name, schema in document.definitions().items()]
    size = f", with {count(len(names), 'definition')}" if names else ""
    parts = [
        NOTE,
        f"# {document.schema['title']}",
        f"File: [`{document.file}`]({_file(document)}){size}.",
        *definition(library, document, document.schema),
        *definitions(library, document, level=2),
    ]
    return "\n\n".join(parts) + "\n"


def definitions(library: Library, document: Document, *, level: int) -> Iterator[str]:
    """The definitions of a document under headings, as blocks of Markdown."""
    for name, schema in document.definitions().items():
        yield f"{'#' * level} {label(name, schema)} {{ #{document.prefix}{name} }}"
        yield from definition(library, document, schema)


def definition(library: Library, document: Document, schema: Schema) -> Iterator[str]:
    """What one definition says, as blocks of Markdown."""
    known(schema)
    words = Words(library, document.uri, _Links(document).to, _Links(document).requirement)
    if text := description(schema):
        yield text
    rows = list(_rows(words, schema, ""))
    yield from _introduction(words, schema, bool(rows))
    if rows:
        yield table(
            ("Member", "Value", "Meaning"), [(code(r.path), r.kind, r.meaning) for r in rows]
        )
    if rules := list(_rules(words, schema, "")):
        yield "\n".join(f"- {rule[0].upper()}{rule[1:]}." for rule in rules)
    if broken := schema.get("x-omnisession-requirement"):
        yield f"A body that breaks this breaks {words.requirement(broken)}."
    yield from _examples(schema)


def _introduction(words: Words, schema: Schema, has_rows: bool) -> Iterator[str]:
    if target := words.follow(schema):
        link = words.link(target)
        yield f"All members of {link}, and:" if has_rows else f"The same as {link}."
    elif "oneOf" in schema:
        yield "One of:\n\n" + "\n".join(f"- {words.say(choice)}" for choice in schema["oneOf"])
    elif not has_rows and "$defs" not in schema:
        said = words.say({k: v for k, v in schema.items() if k not in ("title", "description")})
        yield f"{said[0].upper()}{said[1:]}."


@dataclass(frozen=True, slots=True)
class _Links:
    document: Document

    def to(self, target: Target) -> str:
        """A link to a definition, from the page of the document."""
        anchor = f"#{target.document.prefix}{target.name}" if target.name else ""
        return f"[{target.label}]({self._page(target.document.page)}{anchor})"

    def requirement(self, requirement: str) -> str:
        """A link to a requirement."""
        return f"[{requirement}]({self._page(REQUIREMENTS)}#{requirement.lower()})"

    def _page(self, page: str) -> str:
        if page == self.document.page:
            return "" if page != REQUIREMENTS else posixpath.basename(page)
        return posixpath.relpath(page, posixpath.dirname(self.document.page))


# -- members ----------------------------------------------------------------------------------------


def _rows(words: Words, schema: Schema, path: str) -> Iterator[Row]:
    """The members of an object, each followed by those inside it."""
    known(schema)
    members: Mapping[str, Schema] = schema.get("properties", {})
    required = _required(words, schema)
    for name, member in members.items():
        known(member)
        optional = "" if name in required or member.get("not") == {} else "?"
        yield Row(f"{path}{name}{optional}", words.say(_value(member)), _meaning(words, member))
        yield from _inner(words, member, f"{path}{name}")
    for name in schema.get("required", ()):
        if name not in members:
            yield Row(f"{path}{name}", "", "has to be there")
    for part in schema.get("allOf", ()):
        if "if" not in part:
            yield from _rows(words, part, path)


def _inner(words: Words, member: Schema, path: str) -> Iterator[Row]:
    yield from _rows(words, member, f"{path}.")
    if isinstance(member.get("items"), dict):
        yield from _rows(words, member["items"], f"{path}[].")
    for choice in (*member.get("anyOf", ()), *member.get("oneOf", ())):
        yield from _rows(words, choice, f"{path}.")


def _required(words: Words, schema: Schema) -> set[str]:
    """What has to be there, by the schema or by what it builds on."""
    found = set(schema.get("required", ()))
    target = words.follow(schema)
    if target is not None:
        inner = Words(words.library, target.document.uri, words.link, words.requirement)
        found |= _required(inner, target.schema)
    return found


def _value(member: Schema) -> Schema:
    """What is left for the column of values when the rows below have the rest."""
    return {k: v for k, v in member.items() if k not in ("title", "description", "examples")}


def _meaning(words: Words, member: Schema) -> str:
    parts = [description(member)]
    target = words.follow(member)
    # "An integer of 1 or more" beside the link that says so would be noise.
    if not parts[0] and target is not None and set(target.schema) & {"properties", "pattern"}:
        parts = [plain(_first_sentence(str(target.schema.get("description", ""))))]
    if examples := member.get("examples"):
        parts.append(f"For example {value(examples[0])}.")
    if broken := member.get("x-omnisession-requirement"):
        parts.append(words.requirement(broken))
    return " ".join(filter(None, parts))


def _first_sentence(text: str) -> str:
    head, dot, _ = text.partition(". ")
    return f"{head}." if dot else head


def _rules(words: Words, schema: Schema, path: str) -> Iterator[str]:
    """The conditions of an object and of the objects inside it."""
    yield from words.rules(schema, path)
    members: Mapping[str, Schema] = schema.get("properties", {})
    for name, member in members.items():
        yield from _rules(words, member, f"{path}{name}.")


def _examples(schema: Schema) -> Iterator[str]:
    examples: Iterable[Any] = schema.get("examples", ())
    scalars = [e for e in examples if not isinstance(e, (dict, list))]
    if scalars:
        yield f"For example {', '.join(map(value, scalars))}."
    for example in examples:
        if isinstance(example, (dict, list)):
            block = fence("json", pretty(example))
            yield f'??? example "Example"\n\n{indent(block)}'


def pretty(json_value: Any, width: int = 96, at: int = 0) -> str:
    """JSON laid out for people: what fits into a line stays in one."""
    line = json.dumps(json_value, ensure_ascii=False)
    if len(line) + at <= width or not isinstance(json_value, (dict, list)) or not json_value:
        return line
    inner = " " * (at + 2)
    if isinstance(json_value, dict):
        members = cast("dict[str, Any]", json_value)
        entries = [
            f"{inner}{json.dumps(k)}: {pretty(v, width, at + 2)}" for k, v in members.items()
        ]
        return "{\n" + ",\n".join(entries) + f"\n{' ' * at}}}"
    items = [f"{inner}{pretty(v, width, at + 2)}" for v in cast("list[Any]", json_value)]
    return "[\n" + ",\n".join(items) + f"\n{' ' * at}]"

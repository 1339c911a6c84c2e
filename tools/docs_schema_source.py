"""Reads JSON Schema documents and follows the references between them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urldefrag, urljoin

from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from docs_markdown import DocsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Schema = dict[str, Any]
_DEFS = "/$defs/"


@dataclass(frozen=True, slots=True)
class Document:
    """A schema file: `page` is the path of its page below docs/, `schema` its content.

    `prefix` begins its anchors, where a page shows more than one file.
    """

    page: str
    file: str
    schema: Schema
    prefix: str = ""

    @property
    def uri(self) -> str:
        """Its `$id`."""
        return str(self.schema["$id"])

    def definitions(self) -> Mapping[str, Schema]:
        """Its `$defs` by name, in their order."""
        return cast("dict[str, Schema]", self.schema.get("$defs", {}))


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference means: a definition of a document, or the document itself (name "")."""

    document: Document
    name: str
    schema: Schema

    @property
    def label(self) -> str:
        """What people call it: message types by their name, the others by their title."""
        return label(self.name, self.schema)


def label(name: str, schema: Schema) -> str:
    """The heading of a definition, as Markdown."""
    return f"`{name}`" if "." in name else str(schema.get("title") or name)


class Library:
    """Documents that may refer to each other by `$id`."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = {document.uri: document for document in documents}
        resources = [
            (uri, DRAFT202012.create_resource(d.schema)) for uri, d in self.documents.items()
        ]
        self._registry = EMPTY_REGISTRY.with_resources(resources)

    def follow(self, ref: str, base: str) -> Target:
        """What a `$ref` in the document `base` points to; DocsError if there is nothing."""
        try:
            found = self._registry.resolver(base_uri=base).lookup(ref)
        except Unresolvable as error:
            raise DocsError(f"{base}: the reference {ref} leads nowhere") from error
        uri, fragment = urldefrag(urljoin(base, ref))
        document = self.documents[uri]
        name = fragment.removeprefix(_DEFS) if fragment.startswith(_DEFS) else ""
        if fragment and (not name or name not in document.definitions()):
            raise DocsError(f"{base}: {ref} points inside a definition, which no page can link to")
        return Target(document, name, cast("Schema", found.contents))


def read_document(path: Path, page: str, prefix: str = "") -> Document:
    """Read a schema file that is shown on a page."""
    return Document(page, path.name, json.loads(path.read_text("utf-8")), prefix)

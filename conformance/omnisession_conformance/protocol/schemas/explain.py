"""Says what is wrong with a body: where, which rule, and which requirement it breaks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from jsonschema import validators
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.schemas.classify import requirement_of
from omnisession_conformance.protocol.schemas.pointer import join
from omnisession_conformance.protocol.schemas.violation import Violation
from omnisession_conformance.protocol.schemas.wording import expected_by, message_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


_extend: Any = validators.extend  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    # In Python "$" also matches before a final line feed, in JSON Schema it does not.
    strict = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(strict, instance):
        yield ValidationError("does not match the pattern")


class Explainer:
    """Explains with the reference implementation of JSON Schema; slow: for failures only."""

    def __init__(self, documents: Mapping[str, Any], base_uri: str) -> None:
        """Take the parsed schema files by name, and the URI that their names stand below."""
        # Without "$schema": a file that names it is judged by the library's own class, whatever
        # the class that reached it.
        plain = [(n, {k: v for k, v in d.items() if k != "$schema"}) for n, d in documents.items()]
        resources = [
            (base_uri + name, DRAFT202012.create_resource(_absolute(document, base_uri + name)))
            for name, document in plain
        ]
        registry: Any = Registry[Any]().with_resources(resources).crawl()
        self._validator = _extend(
            validators.Draft202012Validator,
            {"pattern": _pattern, "$ref": _followed(registry.resolver())},
        )
        self._base_uri = base_uri

    def explain(self, ref: str, body: Any) -> list[Violation]:
        """Return the violations in the order of the body's places, each once."""
        validator = self._validator({"$ref": self._base_uri + ref})
        found = [v for error in validator.iter_errors(body) for v in _violations(error)]
        return sorted(dict.fromkeys(found), key=lambda v: (v.pointer, v.requirement, v.keyword))


def _absolute(node: Any, uri: str) -> Any:
    """A schema whose references say the same wherever they stand."""
    if is_list(node):
        return [_absolute(inner, uri) for inner in node]
    if not is_object(node):
        return node
    return {
        name: urljoin(uri, inner)
        if name == "$ref" and isinstance(inner, str)
        else _absolute(inner, uri)
        for name, inner in node.items()
    }


def _followed(resolver: Any) -> Any:
    """A keyword `$ref` that looks each absolute reference up once: that took half of the time."""

    @cache
    def contents(uri: str) -> Any:
        return resolver.lookup(uri).contents

    def ref(validator: Any, uri: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        yield from validator.descend(instance, contents(uri))

    return ref


def _violations(error: ValidationError) -> Iterator[Violation]:
    """Turn an error of the library into violations, digging into alternatives."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        branch = _nearest_branch(error.context)
        if branch:
            for child in branch:
                yield from _violations(child)
            return
    path = list(error.absolute_path)
    if error.validator == "required":
        # The library reports each absent member, but not in a way that a program can read.
        required: Any = error.validator_value
        for name in required:
            if name not in error.instance:
                yield _violation(error, [*path, name], name)
    else:
        yield _violation(error, path, None)


def _violation(error: ValidationError, path: list[str | int], missing: str | None) -> Violation:
    return Violation(
        pointer=join(path),
        message=message_of(error, missing),
        keyword=str(error.validator),
        expected=expected_by(error, missing),
        requirement=requirement_of(error, missing),
    )


def _nearest_branch(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """Return the errors of the alternative that the value was meant for, none if it fits none.

    An alternative whose type the value does not have was not meant, nor one whose constant (the
    message's type, the state's kind) differs where another one's agrees.
    """
    branches: dict[int | str, list[ValidationError]] = {}
    for error in errors:
        branches.setdefault(error.relative_schema_path[0], []).append(error)
    meant = [
        branch
        for branch in branches.values()
        if not any(error.validator == "type" and not error.relative_path for error in branch)
    ]
    return min(meant, key=_distance) if meant else []


def _distance(branch: list[ValidationError]) -> tuple[bool, int]:
    other_constant = any(error.validator in ("const", "not") for error in branch)
    return other_constant, len(branch)

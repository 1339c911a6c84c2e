"""Says in words what a JSON Schema asks of a value.

Every keyword of the schemas is either said here or in docs_schemas, or deliberately not shown; one
that is neither is an error, so that no page leaves out a rule without anybody's knowing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from docs_markdown import DocsError, code, plain, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docs_schema_source import Library, Schema, Target

SAID = frozenset(
    {"$ref", "const", "enum", "type", "anyOf", "oneOf", "not", "items", "contains", "uniqueItems"}
    | {"minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern"}
    | {"propertyNames", "additionalProperties", "contentEncoding", "x-omnisession"}
)
"""Keywords that become words about a value."""
LAID_OUT = frozenset(
    {"title", "description", "examples", "required", "properties", "$defs", "allOf"}
    | {"if", "then", "else", "x-omnisession-requirement"}
)
"""Keywords that become headings, tables, rules and links."""
NOT_SHOWN = {
    "$schema": "all files are of the draft 2020-12, which the overview says once",
    "$id": "it is the address of the file, which is linked at the head of the page",
}
"""Keywords that pages leave out, and why."""
ANNOTATIONS = {"time": "milliseconds since the Unix epoch"}
_SAFE = 9_007_199_254_740_991
_PLURALS = {"string": "strings", "integer": "integers", "object": "objects", "number": "numbers"}


@dataclass(frozen=True, slots=True)
class Words:
    """Says schemas of one document; `link` and `requirement` make links."""

    library: Library
    base: str
    link: Callable[[Target], str]
    requirement: Callable[[str], str]

    def follow(self, schema: Schema) -> Target | None:
        """What its `$ref` means, if it has one."""
        return self.library.follow(schema["$ref"], self.base) if "$ref" in schema else None

    def say(self, schema: Any) -> str:
        """What a value has to be, in a few words."""
        if schema is True or schema == {}:
            return "anything"
        if schema is False:
            return "nothing"
        known(schema)
        return ", ".join(filter(None, [self._shape(schema), *self._bounds(schema)])) or "anything"

    def _shape(self, schema: Schema) -> str:
        shapes: list[str] = []
        if target := self.follow(schema):
            shapes.append(self.link(target))
        if "const" in schema:
            shapes.append(value(schema["const"]))
        if "enum" in schema:
            shapes.append(any_of([value(v) for v in schema["enum"]]))
        choices = (schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema)
        shapes += [any_of([self.say(s) for s in some]) for some in choices]
        # A type beside a constant or a list of values says nothing new.
        if "type" in schema and not {"const", "enum"} & schema.keys():
            shapes.append(self._type(schema))
        elif "items" in schema:
            shapes.append(f"list of {self.many(schema['items'])}")
        shapes += [self.say(s) for s in schema.get("allOf", ()) if "if" not in s]
        return ", ".join(shapes)

    def _type(self, schema: Schema) -> str:
        told: Any = schema["type"]
        types: list[str] = [told] if isinstance(told, str) else told
        return any_of([self._one_type(t, schema) for t in types])

    def _one_type(self, name: str, schema: Schema) -> str:
        if name == "array" and "items" in schema:
            return f"list of {self.many(schema['items'])}"
        return {"array": "list", "null": "null"}.get(name, name)

    def many(self, schema: Any) -> str:
        """What the entries of a list have to be."""
        if isinstance(schema, dict):
            entry = cast("Schema", schema)
            if set(entry) <= {"type", "description"} and entry.get("type") in _PLURALS:
                return _PLURALS[entry["type"]]
            if "if" in entry:
                return f"objects: {'; '.join(self.rules(entry, ''))}"
        return self.say(schema)

    def _bounds(self, schema: Schema) -> Iterator[str]:
        yield from _range(schema)
        yield from _sizes(schema)
        if "pattern" in schema:
            yield f"matches {code(schema['pattern'])}"
        if "contentEncoding" in schema:
            yield f"encoded as {schema['contentEncoding']}"
        if schema.get("uniqueItems"):
            yield "each once"
        if "contains" in schema:
            yield f"at least one is {self.say(schema['contains'])}"
        if "propertyNames" in schema:
            yield f"its names: {self.say(schema['propertyNames'])}"
        if "additionalProperties" in schema:
            yield f"its other members: {self.say(schema['additionalProperties'])}"
        if "not" in schema:
            yield f"but never {self.say(schema['not'])}" if schema["not"] else "never there"
        if "x-omnisession" in schema:
            yield annotation(schema["x-omnisession"])

    # -- conditions ---------------------------------------------------------------------------------

    def rules(self, schema: Schema, path: str) -> list[str]:
        """The conditions of an object at a path, one sentence each, those of `allOf` too."""
        everything = (schema, *schema.get("allOf", ()))
        return [self._rule(one, path) for one in everything if "if" in one]

    def _rule(self, schema: Schema, path: str) -> str:
        condition = " and ".join(self._facts(schema["if"], path, asked=True))
        parts = [f"if {condition}: {', '.join(self._facts(schema.get('then', {}), path))}"]
        if "else" in schema:
            parts.append(f"otherwise: {', '.join(self._facts(schema['else'], path))}")
        broken = dict.fromkeys(_requirements(schema))
        told = f" ({', '.join(map(self.requirement, broken))})" if broken else ""
        return "; ".join(parts) + told

    def _facts(self, schema: Schema, path: str, *, asked: bool = False) -> Iterator[str]:
        """What a part of a condition says of members; `asked` is true for the condition itself."""
        known(schema)
        members: dict[str, Schema] = schema.get("properties", {})
        required = schema.get("required", ())
        if target := self.follow(schema):
            yield self.link(target)
        for name in required:
            if name not in members:
                yield f"{code(path + name)} is there"
        for name, member in members.items():
            said = self.say({k: v for k, v in member.items() if k not in LAID_OUT})
            there = "there" if name in required and not asked else ""
            facts = ": ".join(filter(None, [there, "" if said == "anything" else said]))
            if facts:
                yield f"{code(path + name)} is {facts}"
            if "properties" in member:
                yield from self._facts(member, f"{path}{name}.", asked=asked)


def _requirements(schema: Any) -> Iterator[str]:
    """The requirements that a condition names, at any depth."""
    if isinstance(schema, dict):
        for key, inner in cast("Schema", schema).items():
            if key == "x-omnisession-requirement":
                yield str(inner)
            else:
                yield from _requirements(inner)


def known(schema: Schema) -> None:
    """Raise DocsError for a keyword that no page shows and nobody left out on purpose."""
    strange = schema.keys() - SAID - LAID_OUT - NOT_SHOWN.keys()
    if strange:
        raise DocsError(
            f"no page can show the keyword {', '.join(sorted(strange))}: say it in "
            "tools/docs_schema_words.py, or name it in NOT_SHOWN with the reason"
        )


def annotation(name: str) -> str:
    """What a value of the keyword x-omnisession means."""
    if name not in ANNOTATIONS:
        raise DocsError(f"x-omnisession: there are no words for '{name}'")
    return ANNOTATIONS[name]


def any_of(choices: list[str]) -> str:
    """Choices in a sentence."""
    if len(choices) < 2:
        return "".join(choices)
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def description(schema: Schema) -> str:
    """The description of a schema as Markdown."""
    return plain(str(schema.get("description", "")))


def _number(number: int) -> str:
    most = "2^53\N{MINUS SIGN}1"
    told = {_SAFE: most, -_SAFE: f"\N{MINUS SIGN}({most})"}
    return told.get(number, f"{number:,}".replace(",", " "))


def _range(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield f"{_number(least)} to {_number(most)}"
    elif least is not None:
        yield f"{_number(least)} or more"
    elif most is not None:
        yield f"at most {_number(most)}"


def _sizes(schema: Schema) -> Iterator[str]:
    for kind, noun in (("Length", "character"), ("Items", "entry")):
        least, most = schema.get(f"min{kind}"), schema.get(f"max{kind}")
        if most == 0:
            yield "empty"
        elif least is not None and most is not None:
            yield f"{_number(least)} to {_counted(most, noun)}"
        elif least is not None:
            yield "not empty" if least == 1 else f"at least {_counted(least, noun)}"
        elif most is not None:
            yield f"at most {_counted(most, noun)}"


def _counted(number: int, noun: str) -> str:
    many = {"entry": "entries"}.get(noun, f"{noun}s")
    return f"{_number(number)} {noun if number == 1 else many}"

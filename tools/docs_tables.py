"""The generated parts about the two tables of the protocol: subjects and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs_markdown import code, plain, table
from docs_registry import requirement_link
from docs_schemas import FOLDER
from omnisession_conformance.protocol.permissions import roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docs_schema_source import Library
    from omnisession_conformance.protocol.permissions import Role
    from omnisession_conformance.protocol.registry import Registry
    from omnisession_conformance.protocol.schemas import ErrorCode
    from omnisession_conformance.protocol.schemas.catalogue import Catalogue, SubjectRow

BASE = f"{FOLDER}/"


def parts(catalogue: Catalogue, library: Library, registry: Registry) -> dict[str, str]:
    """Every generated part about subjects and errors, by its name."""
    return {
        "subjects": _subjects(catalogue.subjects),
        "subject-bodies": "\n\n".join(_bodies(catalogue.subjects, library)),
        "token-limits": _token_limits(catalogue),
        "roles": _roles(roles().values()),
        "errors": _errors(catalogue.errors.values(), registry),
    }


# -- subjects ---------------------------------------------------------------------------------------


def _subjects(rows: Iterable[SubjectRow]) -> str:
    return table(
        ("Subject", "Published by", "Received by", "Profile", "What is on it"),
        [
            (
                f"[{code(row.pattern)}](#{row.id})",
                " or ".join(row.publisher),
                _receivers(row),
                code(row.profile),
                plain(row.what),
            )
            for row in rows
        ],
    )


def _roles(found: Iterable[Role]) -> str:
    return table(
        ("Role", "Publishes on", "Subscribes to", "Inboxes"),
        [
            (
                f"{code(role.name)}: {plain(role.what)}",
                "\n".join(
                    [
                        *map(code, role.publish),
                        *(f"with {code('--shared')}: {code(one)}" for one in role.shared),
                        *(f"with {code('--journal')}: {code(one)}" for one in role.journal),
                    ]
                ),
                "\n".join(
                    [*map(code, role.subscribe), *(f"not: {code(one)}" for one in role.deny)]
                ),
                "\n".join(code(f"{one}.>") for one in (role.inbox, role.session_inbox) if one),
            )
            for role in found
        ],
    )


def _receivers(row: SubjectRow) -> str:
    who = " or ".join(row.subscriber)
    return f"{who}, queue group {code(row.queue_group)}" if row.queue_group else who


def _bodies(rows: Iterable[SubjectRow], library: Library) -> Iterator[str]:
    for row in rows:
        yield f"### {code(row.pattern)}, by {' or '.join(row.publisher)} {{ #{row.id} }}"
        yield plain(row.what)
        listed = [(code(name), _link(ref, library)) for name, ref in row.definitions.items()]
        listed.append(("any other", _link(row.otherwise, library)))
        yield table((f"{code(row.dispatch)} of the body", "Definition that judges it"), listed)


def _link(ref: str, library: Library) -> str:
    some_document = next(iter(library.documents))
    target = library.follow(ref, some_document)
    page = target.document.page.removeprefix("reference/")
    anchor = f"#{target.name}" if target.name else ""
    return f"[{target.label}]({page}{anchor})"


def _token_limits(catalogue: Catalogue) -> str:
    rows = [(code(f"{{{name}}}"), f"{most} bytes") for name, most in catalogue.token_limits.items()]
    return table(("Token", "Longest, encoded"), rows)


# -- errors -----------------------------------------------------------------------------------------


def _errors(errors: Iterable[ErrorCode], registry: Registry) -> str:
    return table(
        ("Code", "What it means, and when it is sent", "Retryable", "Requirements"),
        [
            (
                f"**{e.code}**{{ #e{e.code} }}\n{code(e.name)}",
                "\n".join(_meaning(e)),
                "yes" if e.retryable else "no",
                ", ".join(requirement_link(r.id) for r in registry if str(e.code) in r.text),
            )
            for e in errors
        ],
    )


def _meaning(error: ErrorCode) -> Iterator[str]:
    yield f"{plain(error.meaning)} {plain(error.when)}"
    for detail in error.details:
        needed = "Always" if f"details.{detail.name}" in error.requires else "May have"
        yield f"{needed} {code(f'details.{detail.name}')}, {detail.type}: {plain(detail.what)}"
    for name in error.requires:
        if not name.startswith("details."):
            yield f"Always {code(name)}."
    if error.profile != "core":
        yield f"Only with the profile {code(error.profile)}."

"""Short urls as any kind: an entry with an address, which its creator alone is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.any_kind.things import kind_of_things

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.any_kind.kind import Entry


def _marker(ctx: Context) -> str:
    return f"https://example.org/{ctx.draws.text('url')}"


def _make(marker: str) -> tuple[str, Entry]:
    return "url.create", {"target_url": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return "url.update", {"url_id": id_, "changes": {"target_url": marker}}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "url.create", {"target_url": marker, "short_code": 5}


ANY_URL = kind_of_things(
    "url",
    thing="url",
    text="target_url",
    listed="urls",
    event="url.created",
    altered="url.updated",
    everybody=False,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
)

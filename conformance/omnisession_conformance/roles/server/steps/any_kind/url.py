"""Short urls as any kind: an entry with an address, which its creator alone is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context


def _marker(ctx: Context) -> str:
    return f"https://example.org/{ctx.draws.text('url')}"


def _make(marker: str) -> tuple[str, Entry]:
    return "url.create", {"target_url": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return "url.update", {"url_id": id_, "changes": {"target_url": marker}}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "url.create", {"target_url": marker, "short_code": 5}


def _texts(slice_: Mapping[str, Any]) -> list[str]:
    urls: list[Entry] = slice_.get("urls") or []
    return [str(url.get("target_url")) for url in urls]


def _told(data: Mapping[str, Any]) -> Any:
    return as_object(data.get("url")).get("target_url")


ANY_URL = AnyKind(
    name="url",
    id_member="url_id",
    list="urls",
    event="url.created",
    altered="url.updated",
    everybody=False,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
    missing=_alter,
    texts=_texts,
    told=_told,
)

"""Rules on short urls: whose they are, who may be told of them, and in which order they stand."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, member
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.roles.server.reading.attempts import attempts
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes
from omnisession_conformance.roles.server.reading.needles import Needles
from omnisession_conformance.suite.server.security.rules import addressed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace

KIND = "url"
SHORTEST_ADDRESS = 32
"""Shorter addresses may be anybody's."""


def _told(trace: Trace) -> Iterator[tuple[Lifetime, Step]]:
    for lifetime in lifetimes(trace):
        for step in lifetime.steps:
            if step.kind == KIND:
                yield lifetime, step


def _urls_in(step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the urls of a state's or event's data, with where they stand."""
    for index, entry in enumerate(as_list(step.data.get("urls")) if step.is_state else ()):
        if isinstance(entry, dict):
            yield f"/data/urls/{index}", entry
    entry: Any = None if step.is_state else step.data.get("url")
    if isinstance(entry, dict):
        yield "/data/url", entry


def _creators(trace: Trace) -> dict[str, str]:
    """The user of each url that an ack named as made; two acks that name one are no proof."""
    found: dict[str, str] = {}
    unclear: set[str] = set()
    for (user_id, _, _), attempt in attempts(trace).items():
        if attempt.action.type != "url.create" or attempt.ack is None:
            continue
        url_id = member(attempt.ack.payload.get("result"), "url_id")
        if isinstance(url_id, str) and found.setdefault(url_id, user_id) != user_id:
            unclear.add(url_id)
    return {url_id: user_id for url_id, user_id in found.items() if url_id not in unclear}


@rule("URL-001", "URL-003")
def urls_are_of_their_session(trace: Trace, sweep: Sweep) -> None:
    """Judges that every url that a session is told was made by its user, and says so."""
    creators = trace.view(_creators)
    for lifetime, step in _told(trace):
        user_id = lifetime.session.user_id
        for pointer, url in _urls_in(step):
            creator, told = creators.get(str(url.get("id"))), url.get("created_by")
            if creator == user_id:
                sweep.ok("URL-003")
                sweep.judge(
                    "URL-001",
                    told == user_id,
                    step.record,
                    expected=f"created_by {user_id!r}, who made it",
                    seen=f"created_by {told!r}",
                    pointer=f"{pointer}/created_by",
                )
                continue
            # Of a url that was made before this run only the url itself says whose it is.
            sweep.judge(
                "URL-003",
                creator is None and told == user_id,
                step.record,
                expected=f"urls of user {user_id} alone",
                seen=f"url {url.get('id')!r} of user {creator or told!r}",
                pointer=pointer,
            )
        url_id = step.data.get("url_id") if step.record.type == "url.deleted" else None
        if isinstance(url_id, str) and url_id in creators:
            sweep.judge(
                "URL-003",
                creators[url_id] == user_id,
                step.record,
                expected=f"urls of user {user_id} alone",
                seen=f"the end of url {url_id!r} of user {creators[url_id]}",
                pointer="/data/url_id",
            )


@rule("URL-003")
def addresses_stay_with_their_creator(trace: Trace, sweep: Sweep) -> None:
    """Judges that no message to a user holds a `target_url` that only other users ever sent."""
    owners: defaultdict[bytes, set[str]] = defaultdict(set)
    creators = trace.view(_creators)
    for copy in trace.copies:
        data, body = copy.request.payload, copy.request.body or {}
        changes: Any = data.get("changes")
        address = member(changes if body.get("type") == "url.update" else data, "target_url")
        long = isinstance(address, str) and len(address) >= SHORTEST_ADDRESS
        if long and copy.user_id is not None:
            # With its quotes, since an address may begin like another.
            owned = owners[f'"{address}"'.encode("utf-8", "replace")]
            owned.add(copy.user_id)
            # Whoever may not update a url and can tells its creator no secret.
            owned.add(creators.get(str(data.get("url_id")), copy.user_id))
    if not owners:
        return
    told = addressed(trace)
    good = len(told)
    found = Needles(owners).found_in([record.data for record, _, _ in told])
    for index, texts in found.items():
        record, user_id, request = told[index]
        leaked = next((text for text in texts if user_id not in owners[text]), None)
        if leaked is None:
            continue
        good -= 1
        sweep.broken(
            "URL-003",
            record,
            expected="no url of another user",
            seen=f"{leaked.decode('utf-8', 'replace')}, which only another user sent",
            also=(request,) if request is not None else (),
        )
    sweep.ok("URL-003", good)


@rule("URL-005")
def urls_are_in_order(trace: Trace, sweep: Sweep) -> None:
    """Judges that the latest created url stands first in every state, and ids decide between equals."""
    for _, step in _told(trace):
        if not step.is_state:
            continue
        listed = as_list(step.data.get("urls"))
        if len(listed) < 2:
            continue
        found = misplacement_in(KIND, "urls", listed)
        # The same entry twice is a matter of STATE-002.
        if found is None or found.same:
            sweep.ok("URL-005")
            continue
        sweep.broken(
            "URL-005",
            step.record,
            expected=f"{found.after} before {found.before} (sort keys, ascending)",
            seen=f"{found.before} before {found.after}",
            pointer=found.pointer,
        )

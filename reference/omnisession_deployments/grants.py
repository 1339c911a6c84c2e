"""What a user of the broker may do, made from the rows of `subjects.json` and `private-subjects.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

from omnisession_reference.validate import schemas_folder
from omnisession_reference.wire import tok

UNBOUNDED = -1


@dataclass(frozen=True, slots=True)
class Grant:
    """Subjects that a user may publish on and subscribe to; an empty tuple allows everything.

    `deny` is what it may not subscribe to, though it lies within what it may, `unsaid` the same of what it
    may publish on. `responses` lets it publish on the reply subject of any message that comes to it.
    """

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    responses: bool = False
    subs: int = UNBOUNDED

    def with_more(self, *, publish: str = "", subscribe: str = "") -> Self:
        """The same with one more subject in each."""
        said = (*self.publish, publish) if publish else self.publish
        heard = (*self.subscribe, subscribe) if subscribe else self.subscribe
        return replace(self, publish=said, subscribe=heard)

    def having(self, old: str, new: str) -> Self:
        """The same with another text in the place of one that has to be in it; ValueError without it."""
        told = (*self.publish, *self.subscribe, *self.deny)
        if not any(old in subject for subject in told):
            raise ValueError(f"'{old}' is in no subject of {told}")

        def changed(subjects: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(subject.replace(old, new) for subject in subjects)

        return replace(
            self,
            publish=changed(self.publish),
            subscribe=changed(self.subscribe),
            deny=changed(self.deny),
        )

    def lists(self) -> dict[str, dict[str, list[str]]]:
        """The lists as NATS has them, by direction: `publish`, `subscribe`."""
        rows = {
            "publish": {"allow": self.publish, "deny": self.unsaid},
            "subscribe": {"allow": self.subscribe, "deny": self.deny},
        }
        return {
            direction: {name: list(subjects) for name, subjects in lists.items() if subjects}
            for direction, lists in rows.items()
        }


EVERYTHING = Grant()
NOTHING = Grant(deny=(">",), unsaid=(">",))


def of_client(user: str) -> Grant:
    """What the clients of a user are to be granted."""
    return _granted("client", tok(user))


def of_role(role: str, *, journal: bool = False) -> Grant:
    """What a role is to be granted that is of no user: `server`, `kit`."""
    return _granted(role, "*", journal=journal)


def _granted(role: str, user: str, *, journal: bool = False) -> Grant:
    public, private = (rows.get(role, {}) for rows in _rows())
    ids = {"{user_id}": user, "{session_id}": "*", "{article_id}": "*"}

    def named(*subjects: str) -> tuple[str, ...]:
        return tuple(_filled(subject, ids) for subject in subjects)

    more = private.get("journal", ()) if journal else ()
    inbox = f"{public['inbox']}.>"
    return Grant(
        named(*public["publish"], *private.get("publish", ()), *more),
        named(*public["subscribe"], *private.get("subscribe", ()), inbox),
        named(*public.get("deny", ())),
        subs=public.get("subs", UNBOUNDED),
    )


def _filled(subject: str, ids: Mapping[str, str]) -> str:
    for name, token in ids.items():
        subject = subject.replace(name, token)
    return subject


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    folder = schemas_folder() / "v1"
    return tuple(
        json.loads((folder / name).read_text("utf-8"))["roles"]
        for name in ("subjects.json", "private-subjects.json")
    )

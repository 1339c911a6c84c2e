"""What a session must show of what the world holds, compared with what it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, objects, texts
from omnisession_conformance.protocol.model.compare import show
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.generation.outcome import Finding
from omnisession_conformance.roles.server.generation.world import Hole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.roles.server.generation.world import SessionM, World

ABSENT = "(absent)"


@dataclass(slots=True)
class Shown:
    """What a session shows: its slices, and the lists that were full at some time.

    Of such a list `full` has the ids of what it held then, and of what it has held since and not then.
    `aliens` are ids that were there before the program began, of users that were lent to it.
    """

    slices: Mapping[str, Mapping[str, Any]]
    full: Mapping[tuple[str, str], tuple[frozenset[str], set[str]]] = field(
        default_factory=dict[tuple[str, str], tuple[frozenset[str], set[str]]]
    )
    aliens: frozenset[str] = frozenset()
    fresh_users: bool = True
    """Whether nobody had used the users of the program before."""


@dataclass(slots=True)
class Comparison:
    """Compares one session; what fills holes is kept in the world."""

    world: World
    session: SessionM
    shown: Shown
    from_s: float
    """From when on nothing has been sent that could change anything."""
    to_s: float
    found: list[Finding] = field(default_factory=list[Finding])
    _labels: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._labels = {id_: label for label, id_ in self.world.ids.items()}

    # -- small ones --------------------------------------------------------------------------------

    def differ(
        self,
        requirement: str,
        at: str,
        expected: Any,
        seen: Any,
        why: str = "",
        *,
        eventual: bool = False,
    ) -> None:
        """Note a difference."""
        where = f"in {self.session.name}, {at}"
        self.found.append(
            Finding(
                requirement,
                f"{show(expected)} {where}",
                show(seen),
                why,
                pointer=f"/data/{at.replace(' ', '/')}",
                eventual=eventual,
            )
        )

    def same(self, expected: Any, seen: Any) -> bool:
        """Whether a value is as expected; a hole is filled by the first that is seen."""
        if not isinstance(expected, Hole):
            return _equal(expected, seen)
        if expected.key in self.world.known:
            return _equal(self.world.known[expected.key], seen)
        if expected.kind == "time" and type(seen) is not int:
            return False
        self.world.known[expected.key] = seen
        return True

    def told(self, expected: Any) -> Any:
        """An expected value as it is shown to people."""
        if not isinstance(expected, Hole):
            return expected
        return self.world.known.get(expected.key, "a value of the server")

    def user_id(self, number: int) -> str:
        """The id of a user."""
        return self.world.users[number].id

    def ours(self, user_id: Any) -> bool:
        """Whether an id is one of the program's users."""
        return any(user.id == user_id for user in self.world.users.values())

    def members(
        self,
        at: str,
        expected: Mapping[str, Any],
        seen: Mapping[str, Any],
        blame: Mapping[str, str],
        requirement: str,
    ) -> None:
        """Compare the members of an entry."""
        for name, value in expected.items():
            other = seen.get(name, ABSENT)
            if not self.same(value, other):
                self.differ(blame.get(name, requirement), f"{at} {name}", self.told(value), other)

    # -- kinds ---------------------------------------------------------------------------------------

    def run(self) -> list[Finding]:
        """Compare all kinds of the session."""
        for kind in self.session.kinds:
            compare = _KINDS.get(kind)
            slice_ = self.shown.slices.get(kind)
            if compare is not None and slice_ is not None:
                compare(self, slice_)
        return self.found

    def articles(self, slice_: Mapping[str, Any]) -> None:
        """Compare the articles that it shows, the one selected, and who edits."""
        entries = self._by_id(slice_, "articles", "author_id")
        for label, article in self.world.articles.items():
            seen = entries.pop(self.world.ids[label], None)
            if not self.world.reads(self.session, article):
                if seen is not None:
                    why = "it was deleted" if article.deleted else "it is a draft of another user"
                    requirement = "ART-013" if article.deleted else "ART-004"
                    self.differ(requirement, f"articles {label}", ABSENT, seen, why)
                continue
            if seen is None:
                if ("articles", "articles") not in self.shown.full:
                    at = "a published article" if article.published else "a draft that it may read"
                    requirement = "ART-003" if article.published else "ART-001"
                    if not article.published and article.owner != self.session.user:
                        requirement = "ART-010"
                    self.differ(requirement, f"articles {label}", at, ABSENT)
                continue
            self._article(f"articles {label}", label, seen, content=False)
        self._strangers("articles", entries, "ART-001")
        self._selection(slice_)
        self._editors(slice_)

    def _article(self, at: str, label: str, seen: Mapping[str, Any], *, content: bool) -> None:
        article = self.world.articles[label]
        place = article.revisions[-1].place
        values = dict(article.values)
        values["content"] = values["content"] if content else None
        expected = {
            "author_id": self.user_id(article.owner),
            "author": Hole((label, "author")),
            **values,
            "published_at": article.published,
            "revision": Hole((label, "revision", place), "time"),
            "struct_version": Hole((label, "struct_version", place), "time"),
        }
        blame = {
            "author_id": "ART-015",
            "published_at": "ART-005",
            "revision": "ART-006",
            "content": "ART-012" if content else "STATE-009",
        }
        requirement = "ART-002" if place > 1 else "ART-001"
        self.members(at, expected, seen, blame, requirement)
        before = self.world.known.get((label, "revision", place - 1))
        revision = seen.get("revision")
        if type(revision) is int and type(before) is int and revision <= before:
            self.differ("ART-006", f"{at} revision", f"more than {before}", revision)

    def _selection(self, slice_: Mapping[str, Any]) -> None:
        seen = slice_.get("current_article")
        label = self.session.selected
        if not label:
            if seen is not None:
                self.differ("ART-011", "current_article", None, seen, "nothing is selected")
            if slice_.get("revisions"):
                self.differ("ART-011", "revisions", [], slice_["revisions"], "nothing is selected")
            return
        current = as_object(seen)
        if current.get("id") != self.world.ids[label]:
            self.differ("ART-011", "current_article", f"the article {label}", seen)
            return
        self._article("current_article", label, current, content=True)
        self._revisions(label, objects(slice_.get("revisions")))

    def _revisions(self, label: str, seen: list[dict[str, Any]]) -> None:
        article = self.world.articles[label]
        limit = self.world.limits.get("revisions") or len(article.revisions)
        expected = [
            {
                "article_id": self.world.ids[label],
                "revision": Hole((label, "revision", revision.place), "time"),
                "author_id": revision.by
                if isinstance(revision.by, Hole)
                else self.user_id(revision.by),
                "title": revision.title,
                "timestamp": Hole((label, "made", revision.place), "time"),
            }
            for revision in reversed(article.revisions)
        ][:limit]
        if len(seen) != len(expected):
            self.differ("ART-012", "revisions", f"{len(expected)} of {label}", f"{len(seen)}")
            return
        for at, (mine, theirs) in enumerate(zip(expected, seen, strict=True)):
            self.members(f"revisions {at}", mine, theirs, {}, "ART-012")

    def _editors(self, slice_: Mapping[str, Any]) -> None:
        entries = {
            (str(entry.get("article_id")), str(entry.get("user_id"))): entry
            for entry in objects(slice_.get("editors"))
        }
        full = ("articles", "editors") in self.shown.full
        for (label, user), edit in self.world.edits.items():
            if not self.world.reads(self.session, self.world.articles[label]):
                continue
            seen = entries.pop((self.world.ids[label], self.user_id(user)), None)
            at = f"editors {label} {self.world.users[user].role} {user}"
            if seen is None:
                if not full:
                    self.differ("EDIT-002", at, "an entry", ABSENT, "the edit runs")
                continue
            since = Hole((label, "since", user, edit.number), "time")
            self.members(at, {"since": since}, seen, {}, "EDIT-003")
        for (article_id, user_id), entry in entries.items():
            label = self._labels.get(article_id)
            if label is None or not self.ours(user_id):
                continue
            article = self.world.articles[label]
            requirement = "EDIT-004"
            if article.deleted:
                requirement = "ART-013"
            elif not self.world.reads(self.session, article):
                requirement = "ART-004"
            why = "nobody edits it any more, or it may not be read"
            self.differ(requirement, f"editors {label}", ABSENT, entry, why, eventual=True)

    def chat(self, slice_: Mapping[str, Any]) -> None:
        """Compare messages, participants and who types."""
        full = ("chat", "messages") in self.shown.full
        entries = self._by_id(slice_, "messages", "user_id")
        order = [self._labels[id_] for id_ in entries if id_ in self._labels]
        expected = [
            label for label, message in reversed(self.world.messages.items()) if not message.deleted
        ]
        for label in expected:
            message = self.world.messages[label]
            seen = entries.pop(self.world.ids[label], None)
            if seen is None:
                if self._is_due(("chat", "messages"), [*self.world.messages], label):
                    self.differ("CHAT-001", f"messages {label}", "the message", ABSENT)
                continue
            edited = Hole((label, "edited", message.edited), "time") if message.edited else None
            values = {
                "user_id": self.user_id(message.user),
                "content": message.content,
                "sent_at": Hole((label, "sent_at"), "time"),
                "edited_at": edited,
            }
            blame = {"user_id": "CHAT-004", "sent_at": "CHAT-004", "edited_at": "CHAT-005"}
            requirement = "CHAT-005" if message.edited else "CHAT-001"
            self.members(f"messages {label}", values, seen, blame, requirement)
        for label, message in self.world.messages.items():
            if message.deleted and (seen := entries.pop(self.world.ids[label], None)) is not None:
                why = "it was deleted"
                self.differ("CHAT-007", f"messages {label}", ABSENT, seen, why)
        if not full:
            self._strangers("messages", entries, "CHAT-001")
        wanted = [label for label in expected if label in order]
        shown = [label for label in order if label in wanted]
        if not self.found and shown != wanted:
            self.differ("CHAT-003", "messages", wanted, shown, "newest first")
        self._participants(slice_)
        self._typing(slice_)

    def _participants(self, slice_: Mapping[str, Any]) -> None:
        entries = {str(entry.get("id")): entry for entry in objects(slice_.get("participants"))}
        full = ("chat", "participants") in self.shown.full
        for number, user in self.world.users.items():
            seen, at = entries.get(user.id), f"participants user-{number}"
            if not self.world.chats(number):
                if seen is not None:
                    why = "it has no live chat session"
                    self.differ("CHAT-011", at, ABSENT, seen, why, eventual=True)
            elif seen is None:
                if not full:
                    self.differ("CHAT-011", at, "the user", ABSENT, eventual=True)
            else:
                username = {"username": user.username}
                self.members(at, username, seen, {}, "USER-004")

    def _typing(self, slice_: Mapping[str, Any]) -> None:
        seen = texts(slice_.get("typing_indicators"))
        for number, user in self.world.users.items():
            typing = self.world.typing.get(number)
            shown, at = user.id in seen, f"typing_indicators user-{number}"
            if number == self.session.user:
                if shown:
                    self.differ("CHAT-008", at, ABSENT, "typing", "nobody is told of itself")
                continue
            if typing is None:
                if shown:
                    self.differ("CHAT-010", at, ABSENT, "typing", eventual=True)
            elif typing.maybe:
                if self.to_s < typing.sure_s and not self.same(
                    Hole(("typing", number, typing.maybe)), shown
                ):
                    self.differ("CHAT-010", at, "the same as elsewhere", shown, eventual=True)
            elif not shown and self.to_s < typing.sure_s:
                requirement = "CHAT-008" if self.from_s + 1 < typing.sure_s else "CHAT-012"
                self.differ(requirement, at, "typing", ABSENT)
            elif shown and self.from_s > typing.over_s:
                self.differ("CHAT-009", at, ABSENT, "typing", "its time is over")

    def url(self, slice_: Mapping[str, Any]) -> None:
        """Compare the short urls."""
        entries = self._by_id(slice_, "urls", None)
        own = [label for label, url in self.world.urls.items() if url.user == self.session.user]
        for label, url in self.world.urls.items():
            seen, at = entries.pop(self.world.ids[label], None), f"urls {label}"
            if url.user != self.session.user:
                if seen is not None:
                    self.differ("URL-003", at, ABSENT, seen, "it is the url of another user")
            elif url.deleted:
                if seen is not None:
                    self.differ("URL-006", at, ABSENT, seen, "it was deleted")
            elif seen is None:
                if self._is_due(("url", "urls"), own, label, self._beside(own, label)):
                    self.differ("URL-001", at, "the url", ABSENT)
            else:
                expected = {
                    "short_code": url.code,
                    "target_url": url.target,
                    "created_by": self.user_id(url.user),
                    "created_at": Hole((label, "created_at"), "time"),
                    "updated_at": Hole((label, "updated_at", url.updates), "time"),
                    "is_active": url.active,
                }
                requirement = "URL-006" if url.updates else "URL-001"
                self.members(at, expected, seen, {}, requirement)
        self._strangers("urls", entries, "URL-001")

    def user(self, slice_: Mapping[str, Any]) -> None:
        """Compare the user and its sessions."""
        user = self.world.users[self.session.user]
        seen = slice_.get("user")
        if seen is None:
            if user.none is False:
                self.differ("USER-001", "user", "the session's own user", None)
        else:
            names: dict[str, Any] = {"id": user.id, "username": user.username}
            email = self.told(user.email)
            if isinstance(user.email, Hole):
                self.same(user.email, as_object(seen).get("email", ABSENT))
            elif email is not None:
                names["email"] = email
            self.members("user", names, as_object(seen), {"id": "USER-001"}, "USER-004")
        permissions = texts(slice_.get("permissions"))
        if list(permissions) != sorted({*permissions}):
            why = "each once, by code point"
            self.differ("USER-001", "permissions", sorted({*permissions}), permissions, why)
        self._sessions(slice_)

    def _sessions(self, slice_: Mapping[str, Any]) -> None:
        entries = {str(entry.get("session_id")): entry for entry in objects(slice_.get("sessions"))}
        for session in self.world.sessions.values():
            if session.user != self.session.user:
                continue
            seen, at = entries.pop(session.id, None), f"sessions {session.name}"
            if session.life != "live":
                if seen is not None:
                    self.differ("USER-003", at, ABSENT, seen, "it is over", eventual=True)
            elif seen is None:
                self.differ("USER-003", at, "the session", ABSENT, eventual=True)
            else:
                opened = Hole((session.name, "opened_at"), "time")
                values = {"opened_at": opened, "kinds": list(session.kinds)}
                self.members(at, values, seen, {}, "USER-003")
        if self.shown.fresh_users and entries:
            self.differ("USER-003", "sessions", "no other session", list(entries), eventual=True)

    # -- lists that were full --------------------------------------------------------------------------

    def _is_due(
        self, place: tuple[str, str], made: Sequence[str], label: str, beside: int = 0
    ) -> bool:
        """Whether a list has to show something: too little was made later for it to be cut off.

        `made` are the labels of all that belongs there, in the order in which it was made; so many of
        what was made before may stand in front all the same. What others have made may, too, where the
        list was full, as far as it was not in it before something of the program came in.
        """
        limit = bound_of(*place, self.world.limits)
        if limit is None:
            return True
        early, later = self.shown.full.get(place, (frozenset[str](), set[str]()))
        at = made.index(label)
        others = [id_ for id_ in later if id_ not in self._labels]
        if not any(self.world.ids[one] in later for one in made[: at + 1]):
            others += [id_ for id_ in early if id_ not in self._labels]
        return len(made) - at - 1 + beside + len(others) < limit

    def _beside(self, made: Sequence[str], label: str) -> int:
        """How many urls that were made before may have the same time, or a later one by their clock."""
        times = [self.world.known.get((one, "created_at")) for one in made[: made.index(label)]]
        known = [time for time in times if type(time) is int]
        own = self.world.known.get((label, "created_at"), max(known, default=0))
        return len(times) - len(known) + sum(time >= own for time in known)

    # -- what was not asked for ------------------------------------------------------------------------

    def _by_id(
        self, slice_: Mapping[str, Any], name: str, by: str | None
    ) -> dict[str, dict[str, Any]]:
        """The entries of a list that the program's users made, or all of them; by id."""
        found: dict[str, dict[str, Any]] = {}
        for entry in objects(slice_.get(name)):
            id_ = str(entry.get("id"))
            mine = by is None or self.ours(entry.get(by)) or id_ in self._labels
            if mine and id_ not in self.shown.aliens:
                found[id_] = entry
        return found

    def _strangers(self, at: str, entries: Mapping[str, Any], requirement: str) -> None:
        strange: Iterable[str] = [id_ for id_ in entries if id_ not in self._labels]
        for id_ in strange:
            why = "no action that was acked has made it"
            self.differ(requirement, f"{at} {id_}", ABSENT, entries[id_], why)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


_KINDS = {
    "articles": Comparison.articles,
    "chat": Comparison.chat,
    "url": Comparison.url,
    "user": Comparison.user,
}

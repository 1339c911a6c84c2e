"""What a right server holds after the steps so far, as the kit tells it from the pages alone.

Entities are named by the labels of the actions that made them. What only a server can decide (ids, times,
numbers of revisions, names) is a hole: filled when it is first shown, and the same wherever it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.roles.server.generation.outcome import Told

LIVE, CLOSED, EXPIRED = "live", "closed", "expired"
PLAIN, ODD, BAD, HUGE = "plain", "odd", "bad", "huge"
"""What is known of a value: a server takes it, may have a rule against it, or must refuse it."""


SURELY_KEPT = 160
"""ACTION-023: the last 256 outcomes of a user are remembered at least, be they of copies."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that only the server knows; `kind` says of what type it is."""

    key: tuple[Any, ...]
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that an action gives, and what is known of it."""

    value: Any
    quality: str = PLAIN


@dataclass(frozen=True, slots=True)
class UserM:
    """A user: its role in the fixture, and its names as far as they are known."""

    id: str
    role: str
    username: str | Hole
    email: str | Hole | None
    none: bool | None = None
    """Whether the server has no user for the id; None where it has not told yet."""


@dataclass(frozen=True, slots=True)
class SessionM:
    """A session; `last` is its count of actions, `power` the right to edit everything."""

    name: str
    user: int
    id: str
    kinds: tuple[str, ...]
    features: tuple[str, ...]
    power: bool
    life: str = LIVE
    last: int = 0
    selected: str = ""
    gap_ms: int = 0
    window_ms: int = 120_000
    ended_s: float = 0.0

    @property
    def events(self) -> bool:
        """Whether changes come as events."""
        return "events" in self.features


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an article: its place in the row, who made it, and the title then."""

    place: int
    by: int | Hole
    title: Any


@dataclass(frozen=True, slots=True)
class ArticleM:
    """An article."""

    label: str
    owner: int
    values: Mapping[str, Any]
    revisions: tuple[Revision, ...]
    published: Hole | None = None
    deleted: bool = False
    hinted: int = 0
    """How many of its changes have to be hinted by now."""
    maybe_hinted: int = 0
    """How many others may be."""


@dataclass(frozen=True, slots=True)
class MessageM:
    """A message of the chat."""

    label: str
    user: int
    content: str
    edited: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class UrlM:
    """A short url; `updates` counts them."""

    label: str
    user: int
    target: str
    code: str | Hole
    active: bool = True
    updates: int = 0
    deleted: bool = False
    had: tuple[str | Hole, ...] = ()
    """The codes that it had before."""


@dataclass(frozen=True, slots=True)
class EditM:
    """A running edit: which sessions hold it, and which one of its article it is."""

    holders: frozenset[str]
    number: int


@dataclass(frozen=True, slots=True)
class TypingM:
    """A user's typing: `sure_s` until when it is shown for sure, `over_s` from when it surely is not."""

    sure_s: float
    over_s: float
    maybe: int = 0
    """Not 0 where a server may have ended it with a message: which message that was."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An action that has a final outcome: its body, where it was sent first, and what came of it."""

    body: str
    session: str
    seq: int
    told: Told
    shared: bool = False
    """Whether it came on a subject that its type has of its own."""


@dataclass(slots=True)
class World:
    """All of it. Values in it are frozen, so that a copy shares them."""

    limits: Mapping[str, int]
    actions: frozenset[str]
    users: dict[int, UserM] = field(default_factory=dict[int, UserM])
    sessions: dict[str, SessionM] = field(default_factory=dict[str, SessionM])
    articles: dict[str, ArticleM] = field(default_factory=dict[str, ArticleM])
    messages: dict[str, MessageM] = field(default_factory=dict[str, MessageM])
    """In the order of their acceptance."""
    urls: dict[str, UrlM] = field(default_factory=dict[str, UrlM])
    edits: dict[tuple[str, int], EditM] = field(default_factory=dict[tuple[str, int], EditM])
    typing: dict[int, TypingM] = field(default_factory=dict[int, TypingM])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """By label: the id that the server gave."""
    memory: dict[tuple[int, str], Remembered] = field(
        default_factory=dict[tuple[int, str], Remembered]
    )
    used: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    """By session and number: the id of the action that took it."""
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict[tuple[Any, ...], Any])
    """What fills the holes."""
    edits_begun: int = 0
    sends: int = 0

    def copy(self) -> World:
        """Another one like it, to try an order of things on."""
        return World(
            self.limits,
            self.actions,
            dict(self.users),
            dict(self.sessions),
            dict(self.articles),
            dict(self.messages),
            dict(self.urls),
            dict(self.edits),
            dict(self.typing),
            dict(self.ids),
            dict(self.memory),
            dict(self.used),
            dict(self.known),
            self.edits_begun,
            self.sends,
        )

    # -- who is there ------------------------------------------------------------------------------

    def live(self, user: int | None = None, kind: str | None = None) -> Iterator[SessionM]:
        """The live sessions, of one user or all, with a kind or any."""
        for session in self.sessions.values():
            if (
                session.life == LIVE
                and user in (None, session.user)
                and (kind is None or kind in session.kinds)
            ):
                yield session

    def chats(self, user: int) -> bool:
        """Whether a user is a participant of the chat."""
        return any(True for _ in self.live(user, "chat"))

    def reads(self, session: SessionM, article: ArticleM) -> bool:
        """Whether a session's user may read an article there."""
        return not article.deleted and (
            article.published is not None or article.owner == session.user or session.power
        )

    def floor(self, name: str) -> int:
        """A limit of the target."""
        return self.limits.get(name, 0)

    def may_be_cut(self, message: str) -> bool:
        """Whether a message may be one of those that the chat has let go."""
        later = len(self.messages) - 1 - [*self.messages].index(message)
        return later >= self.limits.get("chat_messages", later + 1)

    def remembers(self, user: int, action_id: str) -> bool:
        """Whether a server has to know an action of a user still, the copies in between included."""
        ids = [id_ for one, id_ in self.memory if one == user]
        return action_id in ids[-SURELY_KEPT:]

    # -- what ends ---------------------------------------------------------------------------------

    def end(self, name: str, life: str, at_s: float) -> None:
        """A session is over, and what ends with it."""
        session = self.sessions[name]
        self.sessions[name] = replace(session, life=life, ended_s=at_s, selected="")
        for key, edit in list(self.edits.items()):
            if name in edit.holders:
                self.let_go(key, name)
        if "chat" in session.kinds and not self.chats(session.user):
            self.typing.pop(session.user, None)

    def let_go(self, key: tuple[str, int], session: str) -> None:
        """A session holds an edit no more; it goes with its last holder."""
        edit = self.edits[key]
        holders = edit.holders - {session}
        if holders:
            self.edits[key] = replace(edit, holders=holders)
        else:
            del self.edits[key]

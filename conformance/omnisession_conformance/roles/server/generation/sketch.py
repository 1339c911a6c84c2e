"""What a program has made so far, as far as it matters to what is drawn next."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SessionS:
    """A session of the program that is being drawn."""

    name: str
    user: int
    kinds: tuple[str, ...]
    live: bool = True
    selected: bool = False
    short: bool = False


@dataclass(slots=True)
class ThingS:
    """An article, a message or a url."""

    label: str
    user: int
    published: bool = False
    gone: bool = False


@dataclass(slots=True)
class Sketch:
    """The sessions, things and actions of a program that is being drawn."""

    sessions: list[SessionS] = field(default_factory=list[SessionS])
    things: dict[str, list[ThingS]] = field(
        default_factory=lambda: {"article": [], "chat": [], "url": []}
    )
    acts: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Label, session and type of each action."""
    edited: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Articles that somebody edits, and who."""
    roles: tuple[str, ...] = ()
    """The roles of its users, by their numbers."""
    numbers: int = 0

    def label(self, letter: str) -> str:
        """A label that no other has."""
        self.numbers += 1
        return f"{letter}{self.numbers}"

    def live(self) -> list[SessionS]:
        """The live sessions."""
        return [session for session in self.sessions if session.live]

    def over(self) -> list[SessionS]:
        """The sessions that are over."""
        return [session for session in self.sessions if not session.live]

    def named(self, session: str) -> SessionS:
        """The session of a name."""
        return next(one for one in self.sessions if one.name == session)

    def user_of(self, session: str) -> int:
        """Whose a session is."""
        return self.named(session).user

    def forget(self) -> None:
        """Forget what a server may forget that is started again."""
        for some in (*self.things.values(), self.acts, self.edited):
            some.clear()
        self.sessions[:] = self.live()
        for session in self.sessions:
            session.selected = False

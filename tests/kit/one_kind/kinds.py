"""The three kinds, each served alone: short urls, a chat room, users."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
import uuid
from typing import TYPE_CHECKING

from tests.kit.one_kind.wire import Json, Refused, canonical, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.one_kind.server import Server, Session

    Do = Callable[[Json], Json | None]

LONGEST_NAME = 256


def now_ms() -> int:
    """The wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


class Kind:
    """What the server asks of its kind."""

    name = ""
    features: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    replays = False
    holds_ms = 0
    """For how long a state may be held back that is due because of somebody else."""

    def join(self, server: Server) -> None:
        """Take note of the server."""
        self.server = server
        self.numbers = itertools.count(1)
        self.born = now_ms()

    def sessions(self) -> list[Session]:
        """All live sessions."""
        return [*self.server.live.values()]

    def slice(self, session: Session) -> Json:
        """What a session shows."""
        raise NotImplementedError

    def judged(self, session: Session, type_: str, data: Json) -> Do:
        """What an action does, once nothing speaks against it; else Refused."""
        raise NotImplementedError

    def begins(self, session: Session) -> None:
        """A session was opened, and not told anything yet."""

    def ends(self, session: Session) -> None:
        """A session has ended, and is told nothing any more."""

    def due(self, now: float) -> None:
        """Some time has passed."""

    def digest(self, slice_: Json) -> str:
        """The digest of a slice."""
        return hashlib.sha256(canonical(slice_)).hexdigest()

    def told_to(self, user: str) -> None:
        """Tell the sessions of a user what is new, if they show it."""
        for session in self.sessions():
            if session.user == user:
                self.server.changed(session)


class Urls(Kind):
    """Short urls, with ids that no subject could carry."""

    name = "url"
    actions = ("url.delete", "url.update", "url.create")

    def join(self, server: Server) -> None:
        super().join(server)
        self.urls: dict[str, Json] = {}

    def slice(self, session: Session) -> Json:
        mine = [url for url in self.urls.values() if url["created_by"] == session.user]
        mine.sort(key=lambda url: (-url["created_at"], url["id"]))
        return {"type": "url", "urls": [{**url} for url in mine[:20]]}

    def judged(self, session: Session, type_: str, data: Json) -> Do:
        user, url, changes = session.user, None, dict(data)
        if type_ != "url.create":
            url = self.urls.get(data["url_id"])
            if url is None or url["created_by"] != user:
                raise Refused(4040, "There is no such url.")
            changes = data.get("changes", {})
        code = changes.get("short_code")
        other = next((u for u in self.urls.values() if u["short_code"] == code), None)
        if code is not None and other not in (None, url):
            raise Refused(4220, "The code is taken.")
        if size(changes.get("target_url", "")) > 512:
            raise Refused(4130, "The address is too long.")

        def create(_: Json) -> Json:
            id_, now = f"№ {next(self.numbers)} of {self.born}", now_ms()
            self.urls[id_] = {
                "id": id_,
                "short_code": code or secrets.token_urlsafe(9),
                "target_url": changes["target_url"],
                "created_by": user,
                "created_at": now,
                "updated_at": now,
                "access_count": 0,
                "is_active": True,
            }
            self.told_to(user)
            return {"url_id": id_}

        def update(_: Json) -> None:
            names = ("target_url", "short_code", "is_active")
            new = {n: changes[n] for n in names if n in changes}
            self.urls[data["url_id"]].update(**new, updated_at=now_ms())
            self.told_to(user)

        def delete(_: Json) -> None:
            del self.urls[data["url_id"]]
            self.told_to(user)

        return {"url.create": create, "url.update": update, "url.delete": delete}[type_]


class Chat(Kind):
    """The room, with events where they are asked for."""

    name = "chat"
    holds_ms = 100
    features = ("events",)
    actions = ("chat.send", "chat.edit", "chat.delete", "chat.typing")

    def join(self, server: Server) -> None:
        super().join(server)
        self.messages: list[Json] = []
        self.names: dict[str, str] = {}
        self.typing: dict[str, float] = {}

    def present(self) -> list[str]:
        """Who is there, in order."""
        return sorted({session.user for session in self.sessions()})

    def slice(self, session: Session) -> Json:
        people = [{"id": id_, "username": self.names[id_]} for id_ in self.present()]
        return {
            "type": "chat",
            "messages": [{**message} for message in self.messages[:20]],
            "participants": people[:20],
            "typing_indicators": sorted(id_ for id_ in self.typing if id_ != session.user),
        }

    def tell(
        self, type_: str, data: Json, *, by: str | None, cause: Json | None, but: str | None = None
    ) -> None:
        """Tell everybody a change, but a user."""
        id_ = str(uuid.uuid4())
        for session in self.sessions():
            if session.user != but:
                own = cause if session.user == by else None
                self.server.event(session, type_, id_, data, by, own)
                self.server.changed(session)

    def begins(self, session: Session) -> None:
        if session.user not in self.names:
            self.names[session.user] = name_of(session)
        if sum(other.user == session.user for other in self.sessions()) == 1:
            user = {"id": session.user, "username": self.names[session.user]}
            data = {"user": user}
            self.tell("chat.participant_joined", data, by=None, cause=None, but=session.user)

    def ends(self, session: Session) -> None:
        user = session.user
        if all(other.user != user for other in self.sessions()):
            self.types(user, active=False, by=None)
            self.tell("chat.participant_left", {"user_id": user}, by=None, cause=None, but=user)

    def types(self, user: str, *, active: bool, by: str | None, ttl_s: float = 0) -> None:
        """Switch typing on or off, and tell the others if that changes anything."""
        before = user in self.typing
        if active:
            self.typing[user] = time.monotonic() + ttl_s
        else:
            self.typing.pop(user, None)
        if before != active:
            data = {"user_id": user, "active": active}
            self.tell("chat.typing_changed", data, by=by, cause=None, but=user)

    def due(self, now: float) -> None:
        for user in [user for user, until in self.typing.items() if until < now]:
            self.types(user, active=False, by=None)

    def judged(self, session: Session, type_: str, data: Json) -> Do:
        user = session.user
        if type_ == "chat.typing":
            return lambda _: self._type(user, data)
        found = None
        if type_ != "chat.send":
            found = next((m for m in self.messages if m["id"] == data["message_id"]), None)
            if found is None:
                raise Refused(4040, "There is no such message.")
            if found["user_id"] != user:
                raise Refused(4030, "The message is somebody else's.")
        if size(data.get("content", "")) > 512:
            raise Refused(4130, "The message is too long.")
        if found is None:
            return lambda cause: self._send(user, data, cause)
        if type_ == "chat.edit":
            return lambda cause: self._edit(user, found, data, cause)
        return lambda cause: self._delete(user, found, cause)

    def _type(self, user: str, data: Json) -> None:
        there = user in self.present()
        crowd = len(self.typing) >= 20 and user not in self.typing
        if not data["active"]:
            self.types(user, active=False, by=user)
        elif there and not crowd:
            ttl_ms = min(max(data.get("ttl_ms", 6_000), 200), 6_000)
            self.types(user, active=True, by=user, ttl_s=ttl_ms / 1_000)

    def _send(self, user: str, data: Json, cause: Json) -> Json:
        made = {
            "id": f"{self.born}/{next(self.numbers)}",
            "user_id": user,
            "content": data["content"],
        }
        message = {**made, "sent_at": now_ms(), "edited_at": None}
        self.messages.insert(0, message)
        self.tell("chat.message_added", {"message": message}, by=user, cause=cause)
        return {"message_id": message["id"]}

    def _edit(self, user: str, old: Json, data: Json, cause: Json) -> None:
        new = {**old, "content": data["content"], "edited_at": now_ms()}
        self.messages[self.messages.index(old)] = new
        self.tell("chat.message_edited", {"message": new}, by=user, cause=cause)

    def _delete(self, user: str, old: Json, cause: Json) -> None:
        self.messages.remove(old)
        self.tell("chat.message_deleted", {"message_id": old["id"]}, by=user, cause=cause)


class Users(Kind):
    """Users, who are told digests if they like, and replays of their last messages."""

    name = "user"
    features = ("digests",)
    actions = ("user.update",)
    replays = True

    def join(self, server: Server) -> None:
        super().join(server)
        self.users: dict[str, Json] = {}

    def slice(self, session: Session) -> Json:
        mine = [other for other in self.sessions() if other.user == session.user]
        mine.sort(key=lambda other: (other.opened_at, other.id))
        rights: list[str] = session.claims["perm"]
        return {
            "type": "user",
            "user": {**self.users[session.user]},
            "permissions": sorted({*rights}),
            "sessions": [
                {"session_id": other.id, "opened_at": other.opened_at, "kinds": ["user"]}
                for other in mine
            ],
        }

    def begins(self, session: Session) -> None:
        if session.user not in self.users:
            user = {"id": session.user, "username": name_of(session)}
            email = session.claims.get("email")
            self.users[session.user] = {**user, "email": email} if email else user
        for other in self.sessions():
            if other.user == session.user and other is not session:
                self.server.changed(other)

    def ends(self, session: Session) -> None:
        self.told_to(session.user)

    def judged(self, session: Session, type_: str, data: Json) -> Do:
        del type_
        new = {n: data["changes"][n] for n in ("username", "email") if n in data["changes"]}
        if any(size(value) > LONGEST_NAME for value in new.values()):
            raise Refused(4130, "A name or an email is too long.")

        def update(_: Json) -> None:
            self.users[session.user].update(new)
            self.told_to(session.user)

        return update


def name_of(session: Session) -> str:
    """The name of a user, as its token has it, cut to its limit."""
    name: str = session.claims.get("name") or session.user
    while size(name) > LONGEST_NAME:
        name = name[:-1]
    return name


KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in (Urls, Chat, Users)}

"""The kind url: short codes for long addresses, each its creator's alone."""

from collections.abc import Collection, Iterable, Mapping

from omnisession_reference.action import Action, Effects, Handler
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.protocol import LIMITS
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject, size

# What creators may write; everything else of a url is the server's.
MEMBERS = ("target_url", "short_code", "is_active")


class Urls:
    """Everybody may make urls; nobody sees those of others."""

    name = "url"

    def __init__(self, services: Services) -> None:
        self.services = services

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions of the kind by type."""
        return {"url.create": self.create, "url.update": self.update, "url.delete": self.delete}

    def build(self, session: Session) -> UrlsSlice:
        """Make the slice of a session that is being opened."""
        return self.services.parts.of(UrlsSlice)(self.services.store.urls_of(session.user_id))

    def joined(self, _session: Session) -> Iterable[Change]:
        """Nobody sees who is there."""
        return ()

    def left(self, _session: Session) -> Iterable[Change]:
        """Urls outlive sessions."""
        return ()

    def audience(self, action: Action) -> Collection[Session]:
        """Return the sessions that changes of the acting user's urls reach."""
        return self.services.sessions.of_user(action.user_id).values()

    def find(self, action: Action) -> JsonObject:
        """Return the url that an action names, if it is its user's own."""
        url = self.services.store.url(action.data["url_id"])
        if url is None or url["created_by"] != action.user_id:
            raise Refusal(4040, "There is no such url.")
        return url

    def check(self, url: JsonObject) -> None:
        """Refuse a url whose code another has, or whose target is too long."""
        if self.is_taken(url):
            raise Refusal(4220, "This short_code is taken; choose another.")
        if size(url["target_url"]) > LIMITS["target_url"]:
            raise Refusal(4130, f"A target_url is at most {LIMITS['target_url']} bytes long.")

    def is_taken(self, url: JsonObject) -> bool:
        """Say whether another url, whoever made it, has the code of this one."""
        other = self.services.store.url_with(url["short_code"])
        return other is not None and other["id"] != url["id"]

    def free_code(self) -> str:
        """Make a code that no url has."""
        while self.services.store.url_with(code := self.services.ids.code()) is not None:
            pass
        return code

    def create(self, action: Action) -> Effects:
        """Make a url of the acting user."""
        now = self.services.clock.now_ms()
        url: JsonObject = {
            "id": self.services.ids.new(),
            "short_code": action.data.get("short_code") or self.free_code(),
            "target_url": action.data["target_url"],
            "created_by": action.user_id,
            "created_at": now,
            "updated_at": now,
            "access_count": 0,
            "is_active": True,
        }
        self.check(url)
        return Effects([self.put(action, "url.created", url)], {"url_id": url["id"]})

    def update(self, action: Action) -> Effects:
        """Change the members named."""
        url = self.updated(self.find(action), action.data["changes"])
        self.check(url)
        return Effects([self.put(action, "url.updated", url)])

    def updated(self, url: JsonObject, changes: JsonObject) -> JsonObject:
        """Make a url with some members changed."""
        named = {member: changes[member] for member in MEMBERS if member in changes}
        return {**url, **named, "updated_at": self.services.clock.now_ms()}

    def delete(self, action: Action) -> Effects:
        """Remove a url; its code is free again."""
        url_id = self.find(action)["id"]
        self.services.store.delete_url(url_id)
        return Effects(
            [Change(self.name, "url.deleted", {"url_id": url_id}, self.audience(action))]
        )

    def put(self, action: Action, change_type: str, url: JsonObject) -> Change:
        """Store a url and tell its creator."""
        self.services.store.put_url(url)
        return Change(self.name, change_type, {"url": url}, self.audience(action))

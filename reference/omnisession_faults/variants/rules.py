"""Rules of a server's own, where the protocol leaves room for them; clocks that are off."""

import json
import re

from omnisession_faults.variants.registry import Variant, enter, variant
from omnisession_reference import actions, control, wire
from omnisession_reference.action import Action, Effects
from omnisession_reference.clock import LoopClock
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.wire import JsonObject

OFF_MS = 7_000

_ADDRESS = re.compile(r"https?://[^\s/]+")
_CODE = re.compile(r"[A-Za-z0-9_-]+")


class _StrictChat(Chat):
    """Messages hold something that can be read."""

    def check_size(self, action: Action) -> None:
        super().check_size(action)
        if not action.data["content"]:
            raise Refusal(4220, "Write something.")


class _StrictUsers(Users):
    """Names are not empty."""

    def check_sizes(self, user: JsonObject) -> None:
        super().check_sizes(user)
        if not user["username"]:
            raise Refusal(4220, "A name is not empty.")


@variant("strict-rules", _StrictChat, _StrictUsers)
class StrictUrls(Urls):
    """Addresses are of the web, codes are plain, and no text that needs one is empty."""

    def check(self, url: JsonObject) -> None:
        """Look at the schemes and characters first."""
        if not _ADDRESS.match(url["target_url"]):
            raise Refusal(4220, "An address begins with http:// or https://.")
        if not _CODE.fullmatch(url["short_code"]):
            raise Refusal(4220, "A code is made of letters, digits, _ and -.")
        super().check(url)


@variant("slugs-used-once")
class SlugsUsedOnce(Articles):
    """A slug that another article has is refused."""

    def create(self, action: Action) -> Effects:
        """Look through all articles."""
        slug = action.data.get("slug")
        if slug and any(a["slug"] == slug for a in self.services.store.articles()):
            raise Refusal(4220, "This slug is taken; choose another.")
        return super().create(action)


def _lenient(data: bytes) -> JsonObject:
    """Read a name that stands twice as the last one; everything else as ever."""
    try:
        return wire.decode(data)
    except wire.WireError as error:
        if "stands twice" not in str(error):
            raise
        return wire.decode(wire.encode(json.loads(data)))


def _read_twice() -> None:
    for module in (actions, control):
        vars(module)["decode"] = _lenient


def _set_back() -> None:
    right = LoopClock.now_ms

    def late(clock: LoopClock) -> int:
        return right(clock) - OFF_MS

    type.__setattr__(LoopClock, "now_ms", late)


enter(
    Variant(
        "names-twice-are-read",
        "A body with a member that stands twice is read: the last one counts.",
        prepare=_read_twice,
    )
)
enter(
    Variant(
        "clock-is-off",
        "The clock of the server is seven seconds slow.",
        prepare=_set_back,
    )
)

"""The kinds of the protocol: what a slice of each holds, and what states and events make of it."""

from omnisession_client.kinds import articles, chat, url, user
from omnisession_client.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (articles.KIND, chat.KIND, url.KIND, user.KIND)
}

# The part of an event's type before the dot tells its kind.
BY_PREFIX = {kind.prefix: kind for kind in KINDS.values()}

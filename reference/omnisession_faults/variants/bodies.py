"""Other bytes for the same bodies, and members that the protocol does not name."""

import json
from typing import Any

from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action
from omnisession_reference.change import Change
from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.out import Out
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject

# White space and escapes take room, so what may be sent is larger and what is taken is smaller.
ROOMY = {"article_content": 20_000, "articles": 60, "urls": 60, "chat_messages": 40}
# These letters stand in strings alone, so all of them can be replaced in a whole text.
_ESCAPES = {"/": "\\/", "Z": "\\u005A", "x": "\\u0078"}


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, list):
        return [_reversed(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


@variant("json-spaced", limits=ROOMY)
class Spaced(Out):
    """Bodies are indented, with their members in another order."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        """Publish it over several lines."""
        text = json.dumps(_reversed(body), ensure_ascii=False, indent=1)
        payload = f"\r\n\t{text}\n".encode()
        self._send(subject, payload, self.trace)
        return payload


@variant("json-escaped", limits=ROOMY)
class Escaped(Out):
    """Strings are written with escapes that they do not need."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        """Publish it in ASCII, with a few letters as escapes too."""
        text = json.dumps(body)
        for letter, escape in _ESCAPES.items():
            text = text.replace(letter, escape)
        payload = text.encode()
        self._send(subject, payload, self.trace)
        return payload


class _MoreEnvelope(Out):
    """Bodies have members of the server's own."""

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        """Add what an operator wants to see."""
        body = super().envelope(type_name, user_id, session_id)
        return {"x_node": {"name": "eu-1", "load": [0.5, 1]}, **body, "x_null": None}


class _MoreErrors(Errors):
    """Errors have members of the server's own."""

    def body(self, refusal: Refusal) -> JsonObject:
        """Add a link for people."""
        return {**super().body(refusal), "x_see": "https://example.org/errors"}


@variant("more-members", _MoreEnvelope, _MoreErrors)
class MoreMembers(Session):
    """Every body has members that the protocol does not name, at several depths."""

    def body(self, type_name: str, data: JsonObject) -> JsonObject:
        """Add one to the data of every control body."""
        return super().body(type_name, {**data, "x_more": [1, {"deep": True}]})

    def position(self) -> JsonObject:
        """Add one to every position."""
        return {**super().position(), "x_shard": 3}

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        """Add one to the data and the cause of every event."""
        cause = None if cause is None else {**cause, "x_by": "user"}
        super().publish_event(change, {**data, "x_more": None}, actor, cause)

    def state_data(self, kind: str) -> JsonObject:
        """Add one to the data of every state, digests included."""
        return {**super().state_data(kind), "x_total": 0}


@variant("ext-members")
class ExtMembers(Session):
    """States and events have the member `ext`."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        """Add it, with another value each time."""
        super().publish(suffix, {**body, "ext": {"x-acme": {"n": body["seq"]}, "none": None}})


class _MoreOfMessages(Chat):
    def message(self, action: Action) -> JsonObject:
        return {**super().message(action), "x_language": "en"}


class _MoreOfUrls(Urls):
    def put(self, action: Action, change_type: str, url: JsonObject) -> Change:
        return super().put(action, change_type, {**url, "x_host": "short.example"})


class _MoreOfUsers(Users):
    def info(self, session: Session) -> JsonObject:
        return {**super().info(session), "x_device": None}


@variant("more-members-of-entities", _MoreOfMessages, _MoreOfUrls, _MoreOfUsers)
class MoreOfArticles(MemoryStore):
    """Articles, messages, urls and sessions have members that the protocol does not name."""

    def put_article(self, article: JsonObject, revision: JsonObject) -> None:
        """Add one before anybody sees the article."""
        article["x_views"] = 0
        revision["x_words"] = len(article["content"].split())
        super().put_article(article, revision)


@variant("other-error-texts")
class OtherTexts(Errors):
    """Errors say less to people, and more in their details."""

    def body(self, refusal: Refusal) -> JsonObject:
        """Write texts in another language."""
        error = super().body(refusal)
        details = {**error.get("details", {}), "x_help": ["§ 7"]}
        return {**error, "message": "Das ging nicht.", "details": details}


@variant("no-pointers", warns=("ERR-004",))
class NoPointers(Errors):
    """A 4001 does not say where the fault is."""

    def body(self, refusal: Refusal) -> JsonObject:
        """Leave out every pointer."""
        refusal.details.pop("pointer", None)
        return super().body(refusal)


@variant("no-trace", warns=("ENV-009",))
class NoTrace(Out):
    """The trace context of an action is not passed on."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        """Publish without it."""
        self.trace = None
        return super().post(subject, body)


@variant("new-spans")
class NewSpans(Out):
    """What an action causes names a new span of its trace."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        """Publish with another span id."""
        kept, self.trace = self.trace, _respanned(self.trace)
        payload = super().post(subject, body)
        self.trace = kept
        return payload


def _respanned(trace: str | None) -> str | None:
    if trace is None:
        return None
    version, trace_id, _, flags = trace.split("-")
    return f"{version}-{trace_id}-00000000000000a7-{flags}"

"""Faults of what bodies have in them: their form, their times, their ids, their strings."""
# ruff: noqa: D102  an override means what it overrides

import html
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles import MEMBERS, Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.kinds.users import Users
from omnisession_reference.out import Out
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import Incoming, JsonObject, decode, tok

REQUEST_MEMBERS = {"v", "type", "user_id", "session_id", "timestamp", "data"}


def _each(members: JsonObject, change: Callable[[str], str]) -> JsonObject:
    return {name: change(v) if isinstance(v, str) else v for name, v in members.items()}


@fault("no-version-in-heartbeats", breaks="ENV-002")
class NoVersionInHeartbeats(Out):
    """Heartbeats lack `v`."""

    def control(self, prefix: str, body: JsonObject) -> None:
        if body["type"] == "session.heartbeat":
            body = {name: value for name, value in body.items() if name != "v"}
        super().control(prefix, body)


@fault("count-is-a-string", breaks="ENV-002")
class CountIsAString(UrlsSlice):
    """The `access_count` of a url is written as a string."""

    def data(self) -> JsonObject:
        data = super().data()
        shown = [{**url, "access_count": str(url["access_count"])} for url in data["urls"]]
        return {**data, "urls": shown}


@fault("push-of-its-own", breaks="ENV-002")
class PushOfItsOwn(Clockwork):
    """The server pushes a type that it made up."""

    def beat(self) -> None:
        super().beat()
        self.session.push("session.alive", {})


@fault("timestamp-in-seconds", breaks="ENV-003")
class TimestampInSeconds(Out):
    """Timestamps of bodies are in seconds."""

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        body = super().envelope(type_name, user_id, session_id)
        return {**body, "timestamp": body["timestamp"] // 1_000}


@fault("microseconds-in-chat", breaks="ENV-003")
class MicrosecondsInChat(Chat):
    """The times of chat messages are in microseconds."""

    def message(self, action: Action) -> JsonObject:
        message = super().message(action)
        return {**message, "sent_at": message["sent_at"] * 1_000}


@fault("timestamp-in-words", breaks="ENV-003")
class TimestampInWords(Out):
    """Timestamps of bodies are strings such as `2026-01-31T12:00:00+00:00`."""

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        body = super().envelope(type_name, user_id, session_id)
        written = datetime.fromtimestamp(body["timestamp"] / 1_000, UTC).isoformat()
        return {**body, "timestamp": written}


@fault("none-left-out", breaks="ENV-006")
class NoneLeftOut(ArticlesSlice):
    """A state has no `current_article` where nothing is selected."""

    def data(self) -> JsonObject:
        data = super().data()
        return {name: value for name, value in data.items() if value is not None}


@fault("cause-left-out", breaks="ENV-006")
class CauseLeftOut(Session):
    """Events without a cause to tell lack the member."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        if body.get("cause", "") is None:
            body = {name: value for name, value in body.items() if name != "cause"}
        super().publish(suffix, body)


@fault("zero-for-unpublished", breaks="ENV-006")
class ZeroForUnpublished(ArticlesSlice):
    """The `published_at` of a draft is 0."""

    def data(self) -> JsonObject:
        data = super().data()
        shown = [{**a, "published_at": a["published_at"] or 0} for a in data["articles"]]
        return {**data, "articles": shown}


@fault("closed-requests", breaks="ENV-007")
class ClosedRequests(Control):
    """A control request with a member that is not known is refused."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if unknown := decode(message.data).keys() - REQUEST_MEMBERS:
            raise Refusal(4001, "A member is unknown.", pointer=f"/{min(unknown)}")
        super().receive(message, user_id, session_id)


@fault("closed-updates", breaks="ENV-007")
class ClosedUpdates(Articles):
    """An update of an article with a member that is not known is refused."""

    def update(self, action: Action) -> Effects:
        if unknown := action.data["changes"].keys() - set(MEMBERS):
            pointer = f"/data/changes/{min(unknown)}"
            raise Refusal(4001, "A member is unknown.", pointer=pointer)
        return super().update(action)


@fault("encoded-ids-in-bodies", breaks="ENV-008")
class EncodedIdsInBodies(Out):
    """Bodies have the user id as it stands in subjects."""

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        return super().envelope(type_name, user_id and tok(user_id), session_id)


@fault("ids-of-the-actor", breaks="ENV-008")
class IdsOfTheActor(Fanout):
    """An event names the session that acted in place of the one that it is in."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        own = session.session_id
        session.session_id = own if action is None else action.session.session_id
        super().tell(session, change, data, action)
        session.session_id = own


@fault("no-trace-context", breaks="ENV-009")
class NoTraceContext(Out):
    """What an action causes has no `traceparent`."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        self.trace = None
        return super().post(subject, body)


@fault("held-back-without-trace", breaks="ENV-009")
class HeldBackWithoutTrace(Session):
    """A state that was held back has no `traceparent`."""

    def hold_back(self, kind: str) -> None:
        super().hold_back(kind)
        self.held_back[kind] = None


@fault("trace-of-what-was-held-back", breaks="ENV-009")
class TraceOfWhatWasHeldBack(Session):
    """What an action causes has the trace of the states that had to come before it."""

    def flush(self) -> None:
        traces = list(self.held_back.values())
        super().flush()
        if traces:
            self._out.trace = traces[-1]


@fault("another-trace", breaks="ENV-009")
class AnotherTrace(Actions):
    """What an action causes is in a trace that the server began."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        return replace(action, trace=action.trace and trace)


@fault("html-in-chat", breaks="ENV-010")
class HtmlInChat(Chat):
    """What is said in the chat is escaped for HTML."""

    def message(self, action: Action) -> JsonObject:
        message = super().message(action)
        return {**message, "content": html.escape(message["content"])}


@fault("trimmed-articles", breaks="ENV-010")
class TrimmedArticles(Articles):
    """White space at the ends of a new article's texts is lost."""

    def create(self, action: Action) -> Effects:
        return super().create(replace(action, data=_each(action.data, str.strip)))


@fault("normalised-names", breaks="ENV-010")
class NormalisedNames(Users):
    """What users write of themselves is normalised to Unicode's form C."""

    def named(self, changes: JsonObject) -> JsonObject:
        return _each(super().named(changes), lambda text: unicodedata.normalize("NFC", text))

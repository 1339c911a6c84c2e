"""Everything that the server publishes passes here, in the order in which it is to be seen."""

from collections.abc import Callable

from omnisession_reference.clock import Clock
from omnisession_reference.protocol import VERSION
from omnisession_reference.wire import JsonObject, encode, tok

# Takes subject, payload and trace context; must keep the order of its calls.
Send = Callable[[str, bytes, str | None], None]


class Out:
    """Makes envelopes and hands bodies to the connection."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock
        # The trace context of the action at work: its effects and outcome carry it.
        self.trace: str | None = None

    def post(self, subject: str, body: JsonObject) -> bytes:
        """Publish a body and return its bytes."""
        payload = encode(body)
        self._send(subject, payload, self.trace)
        return payload

    def envelope(self, type_name: str, user_id: str | None, session_id: str | None) -> JsonObject:
        """Make the members that every body of a session has."""
        return {
            "v": VERSION,
            "type": type_name,
            "user_id": user_id,
            "session_id": session_id,
            "timestamp": self._clock.now_ms(),
        }

    def answer(self, reply: str, body: JsonObject) -> None:
        """Answer a request on its reply subject; nobody is told if it has none."""
        if reply:
            self.post(reply, body)

    def control(self, prefix: str, body: JsonObject) -> None:
        """Push a body on the `.control` subject of a session."""
        self.post(f"{prefix}.control", body)

    def hint(self, article_id: str, type_name: str, event_id: str, data: JsonObject) -> None:
        """Tell readers that a published article changed, outside of any session."""
        body: JsonObject = {
            "v": VERSION,
            "type": type_name,
            "event_id": event_id,
            "article_id": article_id,
            "timestamp": self._clock.now_ms(),
            "data": data,
        }
        self.post(f"article.{tok(article_id)}.updates", body)

"""WebSocket below NATS, for a client that can do nothing else. Knows bytes alone: neither socket nor clock.

It ends at the gate, so that all that is counted, cut and said otherwise is the same as over plain TCP.
Frames may end anywhere in NATS, and NATS anywhere in frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

if TYPE_CHECKING:
    from wsproto.events import Event

_NO_FRAME = 1002


class WebSocket:
    """The server's side of one connection; it takes no extension, so nothing is compressed."""

    def __init__(self) -> None:
        self.over = False
        """Whether the client has said its last, be that a close frame or what is no WebSocket."""
        self._connection = WSConnection(ConnectionType.SERVER)
        self._early: list[bytes] = []
        """What a broker says first of all, and who connects cannot read before its handshake is over."""

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """See `Framing`."""
        if self.over:
            return b"", b""
        said: list[bytes] = []
        answers: list[bytes] = []
        try:
            self._connection.receive_data(data)
            for event in self._connection.events():
                self._take(event, said, answers)
        except RemoteProtocolError as error:
            self.over = True
            answers.append(self._refusal(error.event_hint))
        except UnicodeError:
            # Headers of a handshake.
            self.over = True
            answers.append(self._refusal(None))
        return b"".join(said), b"".join(answers)

    def send(self, data: bytes) -> bytes:
        """See `Framing`; what is said too early follows the answer to the handshake."""
        state = self._connection.state
        if self.over or state is ConnectionState.CLOSED:
            return b""
        if state is ConnectionState.CONNECTING:
            self._early.append(data)
            return b""
        return self._connection.send(BytesMessage(data=data))

    def _take(self, event: Event, said: list[bytes], answers: list[bytes]) -> None:
        if isinstance(event, BytesMessage):
            said.append(bytes(event.data))
        elif isinstance(event, TextMessage):
            # A broker takes it as well.
            said.append(event.data.encode())
        elif isinstance(event, Request):
            answers.append(self._connection.send(AcceptConnection()))
            answers += [self._connection.send(BytesMessage(data=early)) for early in self._early]
            self._early.clear()
        elif isinstance(event, Ping):
            answers.append(self._connection.send(event.response()))
        elif isinstance(event, CloseConnection):
            answers.append(self._connection.send(event.response()))
            self.over = True

    def _refusal(self, hint: Event | None) -> bytes:
        """What is said to a client that speaks something else."""
        if self._connection.state is ConnectionState.CONNECTING:
            return self._connection.send(hint or RejectConnection())
        return self._connection.send(hint or CloseConnection(code=_NO_FRAME))

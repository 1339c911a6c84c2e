"""Puts the server together; knows nothing of the broker."""

from collections.abc import Mapping

from omnisession_reference.action import Handler
from omnisession_reference.actions import Actions, noop
from omnisession_reference.auth import Auth
from omnisession_reference.clock import Clock
from omnisession_reference.control import Control
from omnisession_reference.errors import Errors
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds import KINDS, Kind, Needs
from omnisession_reference.log import Log
from omnisession_reference.out import Out, Send
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import Versions
from omnisession_reference.router import Router
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import MemoryStore
from omnisession_reference.timers import Clockwork
from omnisession_reference.validate import Schemas, schemas_folder


class Core:
    """The whole server but for its connection: messages go in, messages come out."""

    def __init__(
        self, *, send: Send, clock: Clock, secret: str, log: Log, parts: Parts | None = None
    ) -> None:
        parts = parts or Parts()
        folder = schemas_folder()
        schemas = Schemas(folder)
        errors = parts.of(Errors)(folder)
        versions = parts.of(Versions)()
        store = parts.of(MemoryStore)()
        out = parts.of(Out)(send, clock)
        fanout = parts.of(Fanout)(out)
        self.sessions = parts.of(Sessions)(clock)
        needs = Needs(store, self.sessions, clock, fanout, parts)
        kinds: dict[str, Kind] = {kind.name: parts.of(kind)(needs) for kind in KINDS}
        actions = parts.of(Actions)(
            handlers=_handlers(kinds),
            sessions=self.sessions,
            store=store,
            fanout=fanout,
            out=out,
            schemas=schemas,
            errors=errors,
            versions=versions,
            clock=clock,
            log=log,
        )
        self.control = parts.of(Control)(
            auth=parts.of(Auth)(secret),
            sessions=self.sessions,
            kinds=kinds,
            actions=actions,
            fanout=fanout,
            out=out,
            schemas=schemas,
            versions=versions,
            clock=clock,
            log=log,
            session_type=parts.of(Session),
            clockwork_type=parts.of(Clockwork),
        )
        self.router = parts.of(Router)(
            control=self.control, actions=actions, errors=errors, out=out, log=log
        )


def _handlers(kinds: Mapping[str, Kind]) -> dict[str, Handler]:
    handlers: dict[str, Handler] = {"session.noop": noop}
    for kind in kinds.values():
        handlers.update(kind.handlers())
    return handlers

"""Puts the server together; knows nothing of the broker."""

from dataclasses import dataclass

from omnisession_reference.actions import Actions, noop
from omnisession_reference.auth import Auth
from omnisession_reference.clock import Clock
from omnisession_reference.control import Control
from omnisession_reference.discovery import Discovery
from omnisession_reference.errors import Errors
from omnisession_reference.fanout import Fanout
from omnisession_reference.ids import Ids
from omnisession_reference.kinds import KIND_NAMES, KINDS, Kind
from omnisession_reference.log import Log
from omnisession_reference.out import Out, Send
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import Versions
from omnisession_reference.rate import Rate
from omnisession_reference.router import Router
from omnisession_reference.services import Services
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import MemoryStore, Store
from omnisession_reference.token_keys import ANY_TOKENS, Ring, TokenRules
from omnisession_reference.validate import schemas_folder, schemas_of


@dataclass(slots=True)
class Settings:
    """What its operator decides: the kinds served, and how many actions a second a session may send.

    A `secure` one takes replies below the inbox prefix of the user alone. `tokens` are told what they are
    verified by besides the secret, and where `end_with_token` a session ends with its token. One that is
    `durable` says that what it has acked outlives it.
    """

    kinds: tuple[str, ...] = KIND_NAMES
    rate: int | None = None
    secure: bool = False
    tokens: TokenRules = ANY_TOKENS
    end_with_token: bool = False
    durable: bool = False


class Core:
    """The whole server but for its connection: messages go in, messages come out.

    The keys are given: a process has them once, however many cores it makes.
    """

    def __init__(
        self,
        *,
        send: Send,
        clock: Clock,
        ring: Ring,
        log: Log,
        parts: Parts | None = None,
        settings: Settings | None = None,
        ids: Ids | None = None,
        store: Store | None = None,
    ) -> None:
        parts = parts or Parts()
        settings = settings or Settings()
        folder = schemas_folder()
        out = parts.of(Out)(send, clock)
        ids = ids or parts.of(Ids)()
        if store is None:
            store = parts.of(MemoryStore)()
        else:
            store.end_all_edits()  # of a core before this one, whose sessions are gone with it
        services = Services(
            clock=clock,
            errors=parts.of(Errors)(folder),
            fanout=parts.of(Fanout)(out, log, ids),
            ids=ids,
            log=log,
            out=out,
            parts=parts,
            schemas=schemas_of(folder),
            sessions=parts.of(Sessions)(clock),
            store=store,
            versions=parts.of(Versions)(),
        )
        kinds: dict[str, Kind] = {
            kind.name: parts.of(kind)(services) for kind in KINDS if kind.name in settings.kinds
        }
        handlers = {"session.noop": noop}
        for kind in kinds.values():
            handlers |= kind.handlers()
        actions = parts.of(Actions)(services, handlers, parts.of(Rate)(clock, settings.rate))
        auth = parts.of(Auth)(ring, clock.wall_ms, settings.tokens)
        self.sessions = services.sessions
        self.control = parts.of(Control)(services, auth, kinds, actions)
        if settings.end_with_token:
            self.control.ends_with_token = True
        if settings.tokens.revocations is not None:
            self.control.watch_revocations()
        if settings.secure:
            self.control.profiles.append("secure")
        if settings.durable:
            self.control.profiles.append("durable")
        self.discovery = parts.of(Discovery)(services, self.control.profiles)
        self.router = parts.of(Router)(services, self.control, actions)
        self.router.secure = settings.secure

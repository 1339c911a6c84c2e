"""Faults of what a server does when its connection to the broker was lost."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import clockwork_of, outcomes_of
from omnisession_reference.access import Access
from omnisession_reference.buffer import ResumeBuffer
from omnisession_reference.connection import Connection
from omnisession_reference.control import Control

# -- it is not taken up again, or not with everything ----------------------------------------------------


@fault("ends-with-its-connection", breaks="CTRL-023")
class EndsWithItsConnection(Connection):
    """A lost connection is not taken up again, and the process ends."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **{**settings, "allow_reconnect": False})


@fault("connects-again-later", breaks="CTRL-023")
class ConnectsAgainLater(Connection):
    """A lost connection is taken up again after a quarter of a minute."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **{**settings, "reconnect_time_wait": 15})


def _deaf_to(connection: Connection, settings: Mapping[str, Any], begin: str) -> dict[str, Any]:
    """Settings by which subjects that begin so are left when the connection is there again."""
    told: Callable[[], Awaitable[None]] = settings["reconnected_cb"]

    async def reconnected() -> None:
        for subscription in list(vars(connection)["_subs"].values()):
            if subscription.subject.startswith(begin):
                await subscription.unsubscribe()
        await told()

    return {**settings, "reconnected_cb": reconnected}


@fault("comes-back-without-control", breaks="CTRL-023")
class ComesBackWithoutControl(Connection):
    """Control requests are not received any more when a lost connection is there again."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **_deaf_to(self, settings, "session."))


@fault("comes-back-without-actions", breaks="CTRL-023")
class ComesBackWithoutActions(Connection):
    """Actions of users are not received any more when a lost connection is there again."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **_deaf_to(self, settings, "user.actions."))


@fault("comes-back-without-the-chat", breaks="CTRL-023")
class ComesBackWithoutTheChat(Connection):
    """`chat.messages` is not received any more when a lost connection is there again."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **_deaf_to(self, settings, "chat."))


@fault("comes-back-without-edits", breaks="CTRL-023")
class ComesBackWithoutEdits(Connection):
    """`article.edit.start` is not received any more when a lost connection is there again."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **_deaf_to(self, settings, "article."))


@fault("comes-back-without-its-service", breaks="CTRL-023")
class ComesBackWithoutItsService(Connection):
    """Nobody finds the micro-service any more when a lost connection is there again."""

    async def reach(self, access: Access, **settings: Any) -> None:
        await super().reach(access, **_deaf_to(self, settings, "$SRV."))


# -- it ends or undoes something -------------------------------------------------------------------------


@fault("connection-ends-sessions", breaks="CTRL-024")
class ConnectionEndsSessions(Control):
    """A lost connection ends all sessions."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            self.end(session, "lost")


@fault("connection-ends-all-but-the-last", breaks="CTRL-024")
class ConnectionEndsAllButTheLast(Control):
    """A lost connection ends all sessions of a user but one."""

    def reconnected(self) -> None:
        super().reconnected()
        users = {session.user_id for session in self.services.sessions.all()}
        for user in users:
            for session in list(self.services.sessions.of_user(user).values())[:-1]:
                self.end(session, "lost")


@fault("connection-ends-edits", breaks="CTRL-024")
class ConnectionEndsEdits(Control):
    """A lost connection ends all edits."""

    def reconnected(self) -> None:
        super().reconnected()
        articles = self._kinds.get("articles")
        if articles is not None:
            for session in self.services.sessions.all():
                self.services.fanout.apply(articles.left(session))


@fault("connection-ends-selections", breaks="CTRL-024")
class ConnectionEndsSelections(Control):
    """A lost connection makes sessions forget the article that they have selected."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            if "articles" in session.slices:
                session.slices["articles"] = self._kinds["articles"].build(session)
        super().reconnected()


@fault("connection-forgets-outcomes", breaks="CTRL-024")
class ConnectionForgetsOutcomes(Control):
    """A lost connection makes the server forget the outcomes of actions."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            self.services.store.forget_outcomes(session.user_id)
        super().reconnected()


@fault("connection-forgets-the-last-outcome", breaks="CTRL-024")
class ConnectionForgetsTheLastOutcome(Control):
    """A lost connection makes the server forget the last outcome of each user, sent or not."""

    def reconnected(self) -> None:
        for known in outcomes_of(self.services.store).values():
            if known:
                known.popitem()
        super().reconnected()


@fault("connection-forgets-numbers", breaks="CTRL-024")
class ConnectionForgetsNumbers(Control):
    """A lost connection makes sessions count their actions from the beginning."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            session.last_action_seq = 0
        super().reconnected()


@fault("connection-begins-streams-anew", breaks="CTRL-024")
class ConnectionBeginsStreamsAnew(Control):
    """A lost connection makes streams begin anew in their epoch."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            session.seq, session.buffer = 0, ResumeBuffer()
        super().reconnected()


@fault("connection-takes-the-last-back", breaks="CTRL-024")
class ConnectionTakesTheLastBack(Control):
    """A lost connection undoes what was made last of each kind."""

    def reconnected(self) -> None:
        store = self.services.store
        for article in list(store.articles())[-1:]:
            store.delete_article(article["id"])
        for message in list(store.messages())[:1]:
            store.delete_message(message["id"])
        for user in {session.user_id for session in self.services.sessions.all()}:
            for url in list(store.urls_of(user))[-1:]:
                store.delete_url(url["id"])
        for session in self.services.sessions.all():
            for kind in session.terms.kinds:
                session.slices[kind] = self._kinds[kind].build(session)
        super().reconnected()


@fault("connection-ends-heartbeats", breaks="CTRL-024")
class ConnectionEndsHeartbeats(Control):
    """After a lost connection sessions that were live before have no heartbeats."""

    def reconnected(self) -> None:
        super().reconnected()
        for session in self.services.sessions.all():
            clockwork_of(session)["_heartbeat"].cancel()


@fault("connection-forgets-rights", breaks="CTRL-024")
class ConnectionForgetsRights(Control):
    """A lost connection makes sessions forget what they may do."""

    def reconnected(self) -> None:
        for session in self.services.sessions.all():
            session.grant = replace(session.grant, permissions=frozenset())
        super().reconnected()

"""Plays the script on one server and writes down what its clients are shown."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.go.normal import Names, current, digest, needed
from tests.go.script import Act, Ask, Close, Open, Session, Step
from tests.reference.bench import Body, control, envelope, token
from tests.reference.broker import PATIENCE_S, Peer

if TYPE_CHECKING:
    from collections.abc import Iterable

Page = dict[str, Any]
"""What one step led to: its outcome, and for each live session its events and slices."""

TIMERS = {"heartbeat_ms": 15_000, "resume_window_ms": 120_000, "coalesce_ms": 0, "gap_ms": 0}

EVENT = ("type", "actor", "cause", "data")


class Play:
    """The script on one server."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._names = Names()
        self._kept: dict[str, str] = {}
        self._live: dict[str, Session] = {}
        self._numbers: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        self._current: dict[str, str | None] = {}

    async def step(self, step: Step) -> Page:
        """Take one step, and look at all live sessions afterwards."""
        match step:
            case Open():
                outcome = await self._open(step.session)
            case Close():
                outcome = await self._ask(step.session, "session.close", {})
                self._live.pop(step.session.id)
            case Ask():
                outcome = await self._ask(step.session, step.type, step.data)
            case Act():
                outcome = await self._act(step)
        slices = await self._settled(isinstance(step, Open | Close))
        events = await self._events()
        self._current = {id_: current(shown) for id_, shown in slices.items()}
        return {"outcome": outcome, "events": events, "slices": slices}

    async def _open(self, session: Session) -> Body:
        claims = token(session.user, *session.permissions)
        answer = await self._peer.request(
            session.user,
            session.id,
            "session.open",
            protocol=["1.0"],
            kinds=list(session.kinds),
            features=list(session.features),
            auth={"scheme": "bearer", "token": claims},
            client={"name": "play", "version": "1"},
            timers=TIMERS,
        )
        if answer["type"] == "session.opened":
            self._live[session.id] = session
        told = self._answer(answer, "protocol", "kinds", "features", "limits", "timers")
        return told | {"profiles": sorted(answer["data"].get("profiles", []))}

    async def _ask(self, session: Session, type_: str, data: Body) -> Body:
        body = control(type_, session.user, session.id, **data)
        subject = f"session.{session.user}.{session.id}.control"
        return self._answer(await self._peer.ask(subject, body), "kinds", "mode")

    async def _act(self, act: Act) -> Body:
        session = act.session
        number = act.number or self._numbers[session.id] + 1
        data = {name: self._filled(value) for name, value in act.data.items()}
        body = envelope(act.type, session.user, session.id) | {
            "action_id": act.action_id or f"{session.id}-{number}",
            "client_seq": number,
        }
        body |= data if act.shared else {"data": data}
        if act.expect is not None:
            body["expect"] = {"revision": act.expect}
        answer = await self._peer.ask(act.shared or f"user.actions.{session.user}", body)
        if "position" in answer["data"]:
            self._numbers[session.id] = answer["data"]["position"]["last_action_seq"]
        result = answer["data"].get("result", {})
        self._names.learn(result)
        if act.keeps:
            [self._kept[act.keeps]] = result.values()
        return self._answer(answer, "status", "result")

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("{"):
            return self._kept[value[1:-1]]
        return value

    def _answer(self, answer: Body, *members: str) -> Body:
        """Keep what is no server's own of an answer; `message` is for people."""
        data = answer["data"]
        told: Body = {name: data[name] for name in members if name in data}
        if "error" in data:
            told["error"] = {name: v for name, v in data["error"].items() if name != "message"}
        if "position" in data:
            told["last_action_seq"] = data["position"]["last_action_seq"]
        return {"type": answer["type"], **self._names.normal(told)}

    async def _events(self) -> Page:
        """Return the events of each session since the step before."""
        told: Page = {}
        for session in self._live.values():
            stream = await self._peer.stream(session.user, session.id)
            new = [body for body in stream[self._read[session.id] :] if "event_id" in body]
            self._read[session.id] = len(stream)
            events = [
                needed(
                    self._names.normal({name: body[name] for name in EVENT}),
                    self._current.get(session.id),
                )
                for body in new
            ]
            told[session.id] = [event for event in events if event is not None]
        return told

    async def _settled(self, others_may_lag: bool) -> Page:
        """Return all slices; what an open or an end changes may take a while to be told."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                told = {session.id: await self._slices(session) for session in self._live.values()}
                if not others_may_lag or self._all_told(told.values()):
                    return told

    async def _slices(self, session: Session) -> Page:
        """Ask for the states of a session, and hold their digests against their data."""
        before = len(await self._peer.stream(session.user, session.id))
        await self._peer.request(session.user, session.id, "session.sync")
        told: Page = {}
        for body in (await self._peer.stream(session.user, session.id))[before:]:
            if body.get("reason") != "sync":
                continue
            data = body["data"]
            assert body.get("digest") == (digest(data) if "digests" in session.features else None)
            shown = self._names.normal(data)
            told[data["type"]] = {"data": shown, "digest": digest(shown)}
        assert list(told) == list(session.kinds)
        return told

    def _all_told(self, sessions: Iterable[Page]) -> bool:
        live = self._live.values()
        users = {session.user for session in live}
        room = sorted({session.user for session in live if "chat" in session.kinds})
        for slices in sessions:
            kinds: Page = {kind: told["data"] for kind, told in slices.items()}
            if "chat" in kinds and [p["id"] for p in kinds["chat"]["participants"]] != room:
                return False
            if "chat" in kinds and not users.issuperset(kinds["chat"]["typing_indicators"]):
                return False
            if "articles" in kinds and not users.issuperset(
                entry["user_id"] for entry in kinds["articles"]["editors"]
            ):
                return False
            if "user" in kinds and {s["session_id"] for s in kinds["user"]["sessions"]} != {
                session.id for session in live if session.user == kinds["user"]["user"]["id"]
            }:
                return False
        return True

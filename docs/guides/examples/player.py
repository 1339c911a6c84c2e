"""Plays a trace to the core of a client: no broker, no clock, and no chance.

What it needs of a core is `Core`: whoever writes another one wraps it in such a class.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

# [core]
Json = dict[str, Any]
ACTION = ("type", "data", "expect")
RECOVERIES = ("session.resume", "session.sync")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a core publishes; `reply` names a request that waits for its answer."""

    body: bytes
    reply: Any = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a core holds and shows. `view` and `pending` are None where it has none."""

    place: tuple[int, int] | None
    slices: Json
    view: Json | None
    pending: list[str] | None
    failed: list[tuple[str, int | str]]
    closed: bool


class Core(Protocol):
    """A core on a clock that is moved for it, from 0 on when the trace begins."""

    now_ms: int
    sent: list[Sent]

    def connected(self, max_payload: int) -> None: ...
    def lost(self) -> None: ...
    def heard(self, subject: str, data: bytes) -> None: ...
    def answered(self, reply: Any, data: bytes | None) -> None: ...
    def dispatched(
        self, type_: str, data: Json, expect: Json | None
    ) -> tuple[str, str | None]: ...
    def due_ms(self) -> int | None: ...
    def ring(self) -> None: ...
    def report(self) -> Report: ...


# [end]


@dataclass
class Player:
    """A core, and what it has sent."""

    core: Core
    header: Json
    random: int
    session: int = 0
    sessions: list[str] = field(default_factory=list[str])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    refused: str | None = None
    bytes_of: dict[tuple[str, str], bytes] = field(
        default_factory=dict[tuple[str, str], bytes]
    )
    asked: dict[str, list[tuple[str, Any]]] = field(
        default_factory=dict[str, list[tuple[str, Any]]]
    )
    given_up: dict[str, list[tuple[str, Any]]] = field(
        default_factory=dict[str, list[tuple[str, Any]]]
    )
    dispatched: dict[str, Json] = field(default_factory=dict[str, Json])
    requests: list[Json] = field(default_factory=list[Json])
    actions: list[Json] = field(default_factory=list[Json])
    copies: list[str] = field(default_factory=list[str])

    # [comes]
    def play(self, line: Json) -> None:
        """Do what a line says, and look at what holds then."""
        getattr(self, f"on_{line['in']}")(line)
        self.collect()
        for name, expected in line.get("then", {}).items():
            getattr(self, f"see_{name}")(json.loads(self.filled(expected)))

    def filled(self, value: Any) -> str:
        """A value as JSON, with ids in their places."""
        text = json.dumps(value, ensure_ascii=False)
        if self.sessions:
            text = text.replace("${session}", self.sessions[self.session])
        for number, session in enumerate(self.sessions, 1):
            text = text.replace(f"${{session:{number}}}", session)
        for label, action_id in self.labels.items():
            text = text.replace(f"${{{label}}}", action_id)
        return text

    def on_connected(self, line: Json) -> None:
        self.core.connected(line.get("max_payload", 1_048_576))

    def on_lost(self, _line: Json) -> None:
        self.asked.clear()
        self.core.lost()

    def on_message(self, line: Json) -> None:
        number: int = line.get("session", self.session + 1)
        session = self.sessions[number - 1]
        subject = f"session.{self.header['user_id']}.{session}.{line['on']}"
        self.core.heard(subject, self.bytes_in(line))

    def bytes_in(self, line: Json) -> bytes:
        return (
            base64.b64decode(line["raw"])
            if "raw" in line
            else self.filled(line["body"]).encode()
        )

    def on_answer(self, line: Json) -> None:
        to = line["to"]
        self.wait(line.get("within_ms", 0), lambda: bool(self.asked.get(to)))
        waiting = self.asked.get(to, [])
        if not waiting and "none" in line:
            return self.tell(line["none"])
        if line.get("late"):
            waiting = self.given_up.get(to, []) + waiting[:-1]
        assert waiting, f"no {to} is under way"
        type_, reply = waiting[-1]
        self.given_up[to] = waiting[:-1]
        self.asked[to] = []
        if "none" in line:
            self.requests.pop()
        branch = line.get(type_.removeprefix("session."), line)
        is_nobody = branch.get("body", 0) is None
        self.core.answered(reply, None if is_nobody else self.bytes_in(branch))
        return self.tell(branch)

    def tell(self, branch: Json) -> None:
        for message in branch.get("messages", ()):
            self.collect()
            self.on_message(message)

    def on_new_session(self, _line: Json) -> None:
        self.session += 1
        assert self.session < len(self.sessions), "no session with a new id is opened"

    def on_dispatch(self, line: Json) -> None:
        told = json.loads(self.filled({name: line.get(name) for name in ACTION}))
        action_id, self.refused = self.core.dispatched(*told.values())
        self.labels[line["as"]] = action_id
        self.dispatched[action_id] = told
        if "refused" not in line.get("then", {}):
            assert self.refused is None, f"{line['as']} is refused: {self.refused}"

    def on_time(self, line: Json) -> None:
        until = line.get("until")
        if until is None:
            return self.wait(line["ms"], lambda: False)
        self.wait(line["ms"], lambda: self.is_there(until))
        assert self.is_there(until), f"no {until} within {line['ms']} ms"
        return None

    def is_there(self, what: str) -> bool:
        if what == "session.ping":
            return bool(self.asked.get(what))
        wanted = RECOVERIES if what == "recovery" else (what,)
        asked = any(body["type"] in wanted for body in self.requests)
        named = self.labels.get(what)
        sent = [body["action_id"] for body in self.actions] + self.copies
        return asked or named in sent

    def wait(self, ms: int, is_over: Any) -> None:
        """Let timers ring, those that are due at the same time as they were set."""
        end = self.core.now_ms + ms
        while not is_over():
            due = self.core.due_ms()
            if due is None or due > end:
                self.core.now_ms = end
                return
            self.core.now_ms = max(self.core.now_ms, due)
            self.core.ring()
            self.collect()

    # [end]

    # [sent]
    def collect(self) -> None:
        """Take what the core has sent since, each on its list."""
        sent, self.core.sent = self.core.sent, []
        for one in sent:
            self.took(one, json.loads(one.body))

    def took(self, sent: Sent, body: Json) -> None:
        type_ = body["type"]
        if type_ == "session.open" and body["session_id"] not in self.sessions:
            self.sessions.append(body["session_id"])
        if "action_id" in body:
            return self.took_action(sent, body)
        if type_ == "session.close":
            return None
        to = "recovery" if type_ in RECOVERIES else type_
        self.asked.setdefault(to, []).append((type_, sent.reply))
        if type_ != "session.ping":
            self.requests.append(body)
        return None

    def took_action(self, sent: Sent, body: Json) -> None:
        key = body["session_id"], body["action_id"]
        if key in self.bytes_of:
            assert self.bytes_of[key] == sent.body, "a copy has other bytes"
            self.copies.append(body["action_id"])
            return
        self.bytes_of[key] = sent.body
        self.actions.append(body)
        # On a subject of its own a type has its members elsewhere.
        if "data" in body:
            told = {name: body.get(name) for name in ACTION}
            same("action", self.dispatched.get(body["action_id"]), told)

    # [end]

    # [expected]
    def see_requests(self, expected: list[Json]) -> None:
        told = [body["type"] for body in self.requests]
        assert len(expected) == len(told), f"requests: expected {expected}, seen {told}"
        for wanted, body in zip(expected, self.requests, strict=True):
            if wanted["type"] != "recovery" or body["type"] == "session.open":
                same("request", wanted["type"], body["type"])
            elif body["type"] == "session.resume":
                same("resume from", wanted["from"], body["data"])
            else:
                kinds = body["data"].get("kinds") or self.header["kinds"]
                same("sync of", sorted(self.header["kinds"]), sorted(kinds))
        self.requests = []

    def see_actions(self, expected: list[Any]) -> None:
        names = {action_id: label for label, action_id in self.labels.items()}
        told = [
            [names.get(body["action_id"]), body["client_seq"]] for body in self.actions
        ]
        same("actions", expected, told)
        self.actions = []

    def see_again(self, expected: list[str]) -> None:
        wanted = [self.labels[label] for label in expected]
        seen = list(dict.fromkeys(one for one in self.copies if one in wanted))
        same("sent again", wanted, seen)
        self.copies = []

    def see_still(self, expected: list[str]) -> None:
        for label in expected:
            assert self.labels[label] not in self.copies, f"{label} was sent again"
        self.copies = []

    def see_position(self, expected: Json | None) -> None:
        place = self.core.report().place
        same("position", expected, place and {"epoch": place[0], "seq": place[1]})

    def see_slices(self, expected: Json) -> None:
        same("slices", expected, self.core.report().slices)

    def see_views(self, expected: list[Json]) -> None:
        view = self.core.report().view
        if view is not None and not any(
            unlike("view", one, view) is None for one in expected
        ):
            same("view", expected[0], view)

    def see_pending(self, expected: list[str]) -> None:
        pending = self.core.report().pending
        if pending is not None:
            same("pending", [self.labels[label] for label in expected], pending)

    def see_failed(self, expected: list[Any]) -> None:
        wanted = sorted([self.labels[label], str(why)] for label, why in expected)
        same(
            "failed",
            wanted,
            sorted([one, str(why)] for one, why in self.core.report().failed),
        )

    def see_refused(self, expected: list[str | None]) -> None:
        assert self.refused in expected, (
            f"refused: expected {expected}, seen {self.refused}"
        )

    def see_closed(self, expected: bool) -> None:
        same("closed", expected, self.core.report().closed)

    def see_clock_ms(self, expected: int) -> None:
        assert self.random == 0 or self.core.now_ms >= expected, (
            f"only {self.core.now_ms} ms"
        )


# [end]


# [compared]
def same(what: str, expected: Any, seen: Any) -> None:
    """Fail where something is unlike what is expected."""
    where = unlike(what, expected, seen)
    assert where is None, where


def unlike(where: str, expected: Any, seen: Any) -> str | None:
    """Where a value differs first; of an object what is expected is looked at."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        pairs = [
            (f"{where}/{name}", expected[name], seen.get(name, "absent"))
            for name in expected
        ]
    elif (
        isinstance(expected, list)
        and isinstance(seen, list)
        and len(expected) == len(seen)
    ):
        sides = zip(expected, seen, strict=True)
        pairs = [(f"{where}/{at}", one, other) for at, (one, other) in enumerate(sides)]
    elif type(expected) is type(seen) and expected == seen:
        return None
    else:
        return f"{where}: expected {json.dumps(expected)}, seen {json.dumps(seen)}"
    return next((found for pair in pairs if (found := unlike(*pair))), None)


# [end]


# [all]
def lines_of(path: Path) -> tuple[Json, list[Json]]:
    """The header of a trace, and its inputs."""
    header, *inputs = map(json.loads, path.read_text("utf-8").splitlines())
    return header, inputs


def play(core: Core, header: Json, inputs: list[Json], random: int) -> None:
    """Play a trace; AssertionError tells the line, and what is unlike there."""
    player = Player(core, header, random)
    for number, line in enumerate(inputs, 2):
        try:
            player.play(line)
        except Exception as error:
            why = str(error) if isinstance(error, AssertionError) else repr(error)
            raise AssertionError(f"{header['name']}, line {number}: {why}") from error


# [end]

"""What is tried on a deployment, as data: by clients, by a server's user, and out of another account."""

from __future__ import annotations

from dataclasses import dataclass

from omnisession_conformance.roles.deployment.attempt import (
    GROUP,
    OWN,
    THEIRS,
    Attempt,
    answer,
    hear,
    say,
    trace,
)

SESSIONS: tuple[Attempt, ...] = (
    hear(f"{THEIRS}.state"),
    hear(f"{THEIRS}.events"),
    hear(f"{THEIRS}.control"),
    hear(f"{THEIRS}.*", f"{THEIRS}.events"),
    hear(f"{THEIRS}.>", f"{THEIRS}.control"),
    hear("session.{v}.*.*", f"{THEIRS}.state"),
    hear("session.{v}.>", f"{THEIRS}.events"),
    hear("session.*.*.*", f"{THEIRS}.state"),
    hear("session.*.*.state", f"{THEIRS}.state"),
    hear("session.*.{t}.events", f"{THEIRS}.events"),
    hear("session.*.{t}.>", f"{THEIRS}.control"),
    hear("session.>", f"{THEIRS}.state"),
    hear("*.{v}.*.state", f"{THEIRS}.state"),
    hear("*.*.*.events", f"{THEIRS}.events"),
    hear("*.>", f"{THEIRS}.state"),
    hear(">", f"{THEIRS}.state"),
)
INBOXES: tuple[Attempt, ...] = (
    hear("{j}.{w}.1"),
    hear("{j}.>", "{j}.{w}.1"),
    hear("{j}.*", "{j}.{w}"),
    hear("{j}.~b.>", "{j}.~b.{w}.1"),
    hear("_INBOX.>", "{j}.{w}.2"),
    hear("_INBOX.*.>", "{j}.{w}.3"),
    hear("_INBOX.*.*.*", "{j}.{w}.4"),
    hear("_INBOX.*", "_INBOX.{w}"),
    hear("_INBOX.{w}.>", "_INBOX.{w}.1"),
    hear("_INBOX.~server.>", "_INBOX.~server.{w}"),
    hear("_INBOX.~audit.>", "_INBOX.~audit.{w}"),
    hear("_INBOX.~bridge.>", "_INBOX.~bridge.{w}"),
    hear("_INBOX.~kit.>", "_INBOX.~kit.{w}"),
    hear("_R_.>", "_R_.{w}.1"),
)
ACTIONS: tuple[Attempt, ...] = (
    hear("user.actions.{v}"),
    hear("user.actions.{u}"),
    hear("user.actions.*", "user.actions.{v}"),
    hear("user.>", "user.actions.{v}"),
    hear("*.actions.*", "user.actions.{v}"),
    hear("chat.messages"),
    hear("chat.>", "chat.messages"),
    hear("article.edit.start"),
    hear("article.>", "article.edit.start"),
    hear("article.*.*", "article.edit.start"),
)
GROUPS: tuple[Attempt, ...] = (
    hear(f"{OWN}.control", queue=GROUP),
    hear("session.{u}.*.control", f"{OWN}.control", GROUP),
    hear(f"{THEIRS}.control", queue=GROUP),
    hear("user.actions.{u}", queue=GROUP),
    hear("user.actions.{v}", queue=GROUP),
    *(hear(f"{OWN}.state", queue=queue) for queue in ("another", "a.b", "a.b.c", "*", ">", "a..b")),
    hear("{i}.>", "{i}.{w}.1", "another"),
    hear("{i}.>", "{i}.{w}.2", "a.b"),
    hear("article.{w}.updates", queue="another"),
)
REQUESTS: tuple[Attempt, ...] = (
    say(f"{THEIRS}.control"),
    say("session.{v}.{s}.control"),
    say("user.actions.{v}"),
    say("user.actions"),
    say("user.actions.{u}.{v}"),
)
OF_SERVERS: tuple[Attempt, ...] = (
    say(f"{OWN}.state"),
    say(f"{OWN}.events"),
    say(f"{THEIRS}.state"),
    say(f"{THEIRS}.events"),
    say("article.{w}.updates"),
)
REPLIES: tuple[Attempt, ...] = (
    say("{j}.{w}.1"),
    say("{i}.{w}.1"),
    say("_INBOX.{w}"),
    say("_INBOX.{w}.1"),
    say("_INBOX.~server.{w}"),
    say("_INBOX.~bridge.{w}"),
    say("_R_.{w}.1"),
)
ANSWERS: tuple[Attempt, ...] = (
    answer("{j}.{w}.9"),
    answer(f"{THEIRS}.state"),
    answer("_INBOX.{w}.9"),
)
TRACES: tuple[Attempt, ...] = (
    trace(f"{THEIRS}.state"),
    trace("{j}.{w}.8"),
)
PRIVATE: tuple[Attempt, ...] = (
    say("$SRV.PING.{w}"),
    say("$SRV.INFO.omnisession"),
    say("$JS.API.INFO"),
    say("$JS.API.STREAM.NAMES"),
    say("$JS.API.STREAM.INFO.{w}"),
    say("$JS.API.STREAM.DELETE.{w}"),
    say("$JS.API.CONSUMER.CREATE.{w}"),
    say("$JS.API.CONSUMER.MSG.NEXT.{w}.{w}"),
    say("$JS.API.DIRECT.GET.{w}"),
    say("$JS.ACK.{w}"),
    say("$JS.FC.{w}.1"),
    say("$KV.{w}.key"),
    say("$O.{w}.key"),
    say("$SYS.REQ.USER.INFO"),
    say("$SYS.{w}"),
    say("$MQTT.{w}"),
    say("omni.{w}"),
    hear("$SRV.>", "$SRV.PING.{w}"),
    hear("$SRV.PING.{w}"),
)
SHARED: tuple[Attempt, ...] = (say("chat.messages"), say("article.edit.start"))
"""A client may none of these."""
AS_SERVER: tuple[Attempt, ...] = (
    hear("_INBOX.>", "{j}.{w}.1"),
    hear("{j}.>", "{j}.{w}.2"),
    hear(f"{THEIRS}.control"),
    hear(f"{THEIRS}.state"),
    hear("session.>", f"{THEIRS}.events"),
    hear("user.actions.{v}"),
    hear(">", f"{THEIRS}.state"),
    hear(f"{THEIRS}.control", queue="another"),
    say("user.actions.{v}"),
    say("chat.messages"),
    say("article.edit.start"),
    say("$JS.API.STREAM.DELETE.{w}"),
)
"""A server's user may none of these."""
RIGHT_OF_SERVERS: tuple[Attempt, ...] = (
    hear(f"{THEIRS}.control", queue=GROUP),
    hear("user.actions.{v}", queue=GROUP),
    hear("$SRV.PING", "$SRV.PING"),
    say(f"{THEIRS}.events"),
    say("{j}.{w}.3"),
)
"""What it has to be able to do."""
FROM_ELSEWHERE: tuple[Attempt, ...] = (
    hear(f"{OWN}.state"),
    hear(f"{OWN}.*", f"{OWN}.events"),
    hear(f"{THEIRS}.state"),
    hear("session.>", f"{THEIRS}.control"),
    hear(">", f"{THEIRS}.events"),
    hear("{j}.>", "{j}.{w}.1"),
    say(f"{OWN}.control"),
    say("user.actions.{u}"),
    say(f"{THEIRS}.control"),
    say("user.actions.{v}"),
)
"""A client of another tenant may none of these."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Attempts of one kind, which a requirement forbids; `what` are words behind "may"."""

    requirement: str
    what: str
    attempts: tuple[Attempt, ...]


OF_CLIENTS: tuple[Kind, ...] = (
    Kind("SECU-001", "hear sessions of others", SESSIONS),
    Kind("SECU-002", "speak for others", REQUESTS),
    Kind("SECU-003", "speak as a server", OF_SERVERS),
    Kind("SECU-004", "hear inboxes of others", INBOXES),
    Kind("SECU-005", "write inboxes", REPLIES),
    Kind("SECU-005", "answer messages", ANSWERS),
    Kind("SECU-006", "hear actions", ACTIONS),
    Kind("SECU-007", "join queue groups", GROUPS),
    Kind("SECU-008", "reach NATS itself", PRIVATE),
    Kind("SECU-009", "write what all share", SHARED),
)
"""All but traces, which not every broker has."""
OF_SERVERS_USER = Kind("SECU-015", "do more than a server needs", AS_SERVER)
ACROSS_TENANTS = Kind("SECU-014", "reach another tenant", FROM_ELSEWHERE)

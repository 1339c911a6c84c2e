"""What a client writes in one place of several: members, numbers, subjects and ids."""

import json
import secrets
import unicodedata
from typing import Any

from omnisession_client import bodies, shell
from omnisession_client.effects import Publish, Step
from omnisession_client.values import State
from omnisession_client_faults import memory, shells
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject, tok


@fault("resumes-from-a-number-with-a-point", breaks="CLI-034", replaces="bodies.request")
def with_a_point(original: Any, state: State, type_: str, data: Any) -> bytes:
    """A resume writes its seq as a number with a point."""
    if type_ != "session.resume":
        return original(state, type_, data)
    return original(state, type_, {**data, "seq": float(data["seq"])})


@fault("opens-with-null-for-no-features", breaks="CLI-034", replaces="bodies.open_data")
def null_for_none(original: Any, state: State) -> JsonObject:
    """An open without features has null in place of an empty list."""
    data = original(state)
    return {**data, "features": data["features"] or None}


@fault("names-its-program-in-one-text", breaks="CLI-034", replaces="bodies.open_data")
def in_one_text(original: Any, state: State) -> JsonObject:
    """An open has its program as a text instead of name and version."""
    return {**original(state), "client": "omnisession-client 1.0"}


@fault("closes-with-null", breaks="CLI-034", replaces="bodies.request")
def closes_with_null(original: Any, state: State, type_: str, data: Any) -> bytes:
    """The close of a session has null for its data."""
    return original(state, type_, None if type_ == "session.close" else data)


@fault("syncs-with-null-kinds", breaks="CLI-034", replaces="bodies.request")
def syncs_with_null(original: Any, state: State, type_: str, data: Any) -> bytes:
    """A sync of all kinds has null for them."""
    return original(state, type_, {"kinds": None} if type_ == "session.sync" else data)


@fault("expects-null", breaks="CLI-034", replaces="bodies.action")
def expects_null(
    original: Any, state: State, action_id: str, type_: str, data: Any, expect: Any
) -> bytes | None:
    """An action that expects nothing has null for that."""
    written = original(state, action_id, type_, data, expect)
    if written is None or expect is not None:
        return written
    return json.dumps({**json.loads(written), "expect": None}).encode()


@fault("writes-a-member-twice", breaks="CLI-034", replaces="bodies.request")
def a_member_twice(original: Any, state: State, type_: str, data: Any) -> bytes:
    """A ping has its type twice: one is of a class, the other of its base."""
    written = original(state, type_, data)
    return b'{"type":"session.ping",' + written[1:] if type_ == "session.ping" else written


@fault("says-what-it-has-read", breaks="CLI-034", replaces="stream.next_one")
def says_what_it_has_read(original: Any, state: State, body: JsonObject, place: Any) -> Step:
    """Each third message of the stream is confirmed on the subject that it came on."""
    after, effects = original(state, body, place)
    if memory.count(state, "read") % 3:
        return after, effects
    subject = bodies.stream_subject(after, "state" if "reason" in body else "events")
    return after, (*effects, Publish(subject, b"+ACK"))


@fault("writes-ids-encoded-twice", breaks="CLI-033", replaces="bodies.tok")
def encoded_twice(_original: Any, name: str) -> str:
    """Ids stand in subjects as the token of their token."""
    return tok(tok(name))


@fault("writes-ids-in-small-letters", breaks="CLI-033", replaces="bodies.tok")
def in_small_letters(_original: Any, name: str) -> str:
    """Ids stand in subjects in small letters."""
    return tok(name.lower())


@fault("writes-ids-composed", breaks="CLI-033", replaces="bodies.tok")
def composed(_original: Any, name: str) -> str:
    """Ids are normalised before they are written into subjects."""
    return tok(unicodedata.normalize("NFC", name))


@fault("draws-half-an-id", breaks="CLI-032", replaces="shell.Shell._begin")
def half_an_id(_original: Any, self: shell.Shell) -> None:
    """Ids of sessions have a half that is drawn, and one that is that of the program."""
    shells.begin(self, "6f6d6e6973657373" + secrets.token_hex(8))


@fault("draws-ids-of-digits", breaks="CLI-032", replaces="shell.Shell._begin")
def of_digits(_original: Any, self: shell.Shell) -> None:
    """Ids of sessions are numbers of 20 digits."""
    shells.begin(self, str(secrets.randbelow(9 * 10**19) + 10**19))


@fault("has-ids-that-are-too-long", breaks="CLI-032", replaces="shell.Shell._begin")
def too_long(_original: Any, self: shell.Shell) -> None:
    """Ids of sessions have 72 characters."""
    shells.begin(self, secrets.token_hex(36))

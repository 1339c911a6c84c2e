"""Session ids, and ids in subjects."""

import random
import secrets
import time
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import quote

from omnisession_client.values import State
from omnisession_client_faults import shells
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import tok

_NUMBERS = count(1)
_CHANCE = random.Random(1)  # noqa: S311 that it is no secret is the fault
_ONE = secrets.token_hex(16)


@fault("has-one-id-for-all", breaks="CLI-032", replaces="shell.Shell._begin")
def one_for_all(_original: Any, shell: Any) -> None:
    """All sessions of the process have one id."""
    shells.begin(shell, _ONE)


@fault("keeps-its-id", breaks="CLI-032", replaces="shell.Shell._begin")
def keeps(_original: Any, shell: Any) -> None:
    """All sessions of a client have the id of its first."""
    shell.own_id = getattr(shell, "own_id", secrets.token_hex(16))
    shells.begin(shell, shell.own_id)


@fault("has-short-ids", breaks="CLI-032", replaces="shell.Shell._begin")
def short(_original: Any, shell: Any) -> None:
    """Session ids have 15 characters, less than 122 random bits need."""
    shells.begin(shell, secrets.token_urlsafe(12)[:15])


@fault("counts-its-sessions", breaks="CLI-032", replaces="shell.Shell._begin")
def counts(_original: Any, shell: Any) -> None:
    """Session ids are counted, so each process makes those of the one before."""
    shells.begin(shell, f"session-{next(_NUMBERS):024}")


@fault("draws-the-same-ids", breaks="CLI-032", replaces="shell.Shell._begin")
def draws_the_same(_original: Any, shell: Any) -> None:
    """Session ids are drawn from a source that each process begins alike."""
    shells.begin(shell, f"{_CHANCE.getrandbits(128):032x}")


@fault("has-the-id-of-its-user", breaks="CLI-032", replaces="shell.Shell._begin")
def of_its_user(_original: Any, shell: Any) -> None:
    """A session id is made from that of its user."""
    shells.begin(shell, sha256(shell.state.config.user_id.encode()).hexdigest()[:32])


@fault("has-the-id-of-its-time", breaks="CLI-032", replaces="shell.Shell._begin")
def of_its_time(_original: Any, shell: Any) -> None:
    """A session id is made from the second in which it begins."""
    shells.begin(shell, sha256(str(time.time_ns() // 10**9).encode()).hexdigest()[:32])


@fault("writes-ids-raw", breaks="CLI-033", replaces="bodies.tok")
def raw(_original: Any, text: str) -> str:
    """Ids stand in subjects as they are."""
    return text


@fault("writes-ids-as-in-urls", breaks="CLI-033", replaces="bodies.tok")
def as_in_urls(_original: Any, text: str) -> str:
    """Ids stand in subjects as in an address of the web."""
    return quote(text, safe="").replace(".", "%2E")


@fault("writes-ids-by-characters", breaks="CLI-033", replaces="bodies.tok")
def by_characters(original: Any, text: str) -> str:
    """A character beyond ASCII is encoded by its number, not by its bytes."""
    return "".join(f"={ord(c):02x}" if ord(c) > 127 else original(c) for c in text)


@fault("writes-ids-in-capitals", breaks="CLI-033", replaces="bodies.tok")
def in_capitals(original: Any, text: str) -> str:
    """Bytes of an id are encoded by capital digits."""
    return "".join(tok(c) if c.isalnum() and c.isascii() else original(c).upper() for c in text)


@fault("writes-ids-with-their-signs", breaks="CLI-033", replaces="bodies.tok")
def with_signs(original: Any, text: str) -> str:
    """Signs of an id such as a colon or a tilde stand in subjects as they are."""
    return "".join(c if c in ":~@+!$,;=" else original(c) for c in text)


@fault("drops-signs-of-ids", breaks="CLI-033", replaces="bodies.tok")
def drops_signs(_original: Any, text: str) -> str:
    """What of an id cannot stand in a subject is left out there."""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "_-")) or "_"


@fault("writes-ids-raw-in-actions", breaks="CLI-033", replaces="bodies.actions_subject")
def raw_in_actions(_original: Any, state: State) -> str:
    """The user's id stands in the subject of actions as it is."""
    return f"user.actions.{state.config.user_id}"

"""What a client may call things: every form that its ids may have, and names that clients and people have.

A run draws from here by its seed, so that nothing a server is sent is the same in every run, and so tells
the kit from other clients. Ids that a subject has to encode are the business of cases of their own: here
stand those that are a token as they are, so that one broken encoder does not spoil every other verdict.
"""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, MAX_USER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ACTION_CHARACTERS = 128
SESSION_BITS = 122
"""What a session id holds at least, as a random UUID does."""
USER_BITS, ACTION_BITS, SLUG_BITS, MARK_BITS = 64, 72, 48, 72
LONGEST_SLUG = 40
LEAST_DRAWN = 12
"""The fewest characters that are drawn for an id: no other text has them by chance."""

_ALPHABETS = {
    "decimal": string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "crockford": "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    "base36": string.digits + string.ascii_lowercase,
    "letters": string.ascii_lowercase,
    "LETTERS": string.ascii_uppercase,
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base62": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "base64url": string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_",
}
_IN_BODIES_ONLY = {
    "urn": string.digits + string.ascii_lowercase + ":",
    "path": string.digits + string.ascii_lowercase + "/.",
    "base64": string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/",
    "signs": string.ascii_letters + string.digits + "!#$%()*,;=?[]^{|}~ ",
    "umlauts": "abcdefghijklmnopqrstuvwxyzäöüßéèñøåç",
}
"""Alphabets of ids that never stand in a subject."""
_SLUGS = {name: _ALPHABETS[name] for name in ("hex", "base36", "letters")}
UUID = (8, 4, 4, 4, 12)


@dataclass(frozen=True, slots=True)
class Form:
    """How ids are made: so many characters of an alphabet behind a beginning, or in groups of a UUID."""

    name: str
    alphabet: str
    shortest: int
    longest: int
    before: str = ""
    groups: tuple[int, ...] = ()


def _lengths(alphabet: str, bits: int, longest: int) -> tuple[int, int]:
    return max(LEAST_DRAWN, math.ceil(bits / math.log2(len(alphabet)))), longest


def _forms(
    alphabets: dict[str, str], bits: int, longest: int, prefixes: tuple[str, ...]
) -> Iterator[Form]:
    for name, alphabet in alphabets.items():
        least, most = _lengths(alphabet, bits, longest)
        yield Form(name, alphabet, least, most)
        for before in prefixes:
            yield Form(f"{before}{name}", alphabet, least, most - len(before), before)


def _uuids(prefixes: tuple[str, ...]) -> Iterator[Form]:
    for name in ("hex", "HEX"):
        for before in ("", *prefixes):
            yield Form(f"{before}uuid-{name}", _ALPHABETS[name], 32, 32, before, UUID)


SESSION_IDS = (
    *_forms(_ALPHABETS, SESSION_BITS, MAX_SESSION_BYTES, ("s-", "s_", "sess_", "tab-", "web-")),
    *_uuids(("s-", "tab-")),
)
USER_IDS = (
    *_forms(_ALPHABETS, USER_BITS, MAX_USER_BYTES - 4, ("u-", "usr_", "user-", "acct-", "cus_")),
    *_uuids(("user-",)),
)
"""Four bytes are left for what cases put behind an id."""
ACTION_IDS = (
    *_forms(
        {**_ALPHABETS, **_IN_BODIES_ONLY},
        ACTION_BITS,
        MAX_ACTION_CHARACTERS,
        ("a-", "op_", "cmd:", "tx-", "req_"),
    ),
    *_uuids(("a-", "urn:uuid:")),
)
SLUGS = tuple(_forms(_SLUGS, SLUG_BITS, LONGEST_SLUG, ("a-", "post-", "go-")))
"""Slugs of articles and codes of short addresses: a server may have rules of its own for them."""
MARKS = tuple(_forms(_SLUGS, MARK_BITS, 24, ()))
"""What makes a text one that nobody else has."""
NUID = Form("nuid", _ALPHABETS["base62"], 22, 22)
INBOXES = (
    (NUID, NUID),
    (NUID, Form("token", _ALPHABETS["base62"], 8, 8)),
    (Form("hex", _ALPHABETS["hex"], 24, 32), Form("hex", _ALPHABETS["hex"], 12, 16)),
    (Form("uuid", _ALPHABETS["hex"], 32, 32, groups=UUID), NUID),
    (NUID,),
    (Form("base36", _ALPHABETS["base36"], 16, 26),),
)
"""Tokens behind `_INBOX.`; where there are two, the first stays for a client."""

KIT_NAME = "omnisession-conformance"
"""By which operators of a shared broker know the kit."""
PRODUCTS = (
    *("web", "desktop", "mobile", "ios", "android", "editor", "admin", "console", "studio", "desk"),
    *(
        "newsroom",
        "portal",
        "dashboard",
        "backoffice",
        "kiosk",
        "sync",
        "agent",
        "worker",
        "bridge",
    ),
)
MAKERS = (
    *("acme", "north", "harbor", "lumen", "cedar", "atlas", "quill", "ember", "delta", "orbit"),
    *("maple", "pixel", "river", "slate", "tango", "vela", "willow", "zenith", "birch", "cobalt"),
)
FIRST_NAMES = (
    *(
        "Ann",
        "Bea",
        "Carl",
        "Dana",
        "Elif",
        "Femi",
        "Grace",
        "Hugo",
        "Inga",
        "Jonas",
        "Kim",
        "Lena",
    ),
    *(
        "Milan",
        "Nora",
        "Omar",
        "Petra",
        "Quinn",
        "Rosa",
        "Sven",
        "Tariq",
        "Uma",
        "Vera",
        "Wei",
        "Yara",
    ),
)
LAST_NAMES = (
    *("Abel", "Brandt", "Costa", "Diaz", "Eriksen", "Fischer", "Gupta", "Haas", "Ito", "Jansen"),
    *("Kaya", "Lopez", "Moreau", "Novak", "Okafor", "Petrov", "Rossi", "Silva", "Tanaka", "Weber"),
)
DOMAINS = ("example.com", "example.net", "example.org")
"""Domains that nobody has; names are put before them."""
WORDS = {
    "title": ("title", "headline", "heading", "story", "notice", "update"),
    "subtitle": ("subtitle", "deck", "second line", "summary"),
    "leading": ("leading", "teaser", "intro", "abstract"),
    "content": ("content", "text", "body", "paragraph", "copy"),
    "message": ("message", "hello", "note", "hi all", "question"),
    "change": ("change", "draft", "edit", "revision", "plan"),
    "marker": ("marker", "sketch", "outline", "idea"),
    "draft": ("draft", "memo", "notes", "work"),
    "url": ("url", "page", "article", "item", "p"),
    "target": ("target", "landing", "docs", "wiki"),
}
"""Words that texts begin with, and others that may take their place."""

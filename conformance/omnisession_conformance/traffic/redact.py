"""Keeps credentials out of everything that the kit writes: results, transcripts, terminal, logs.

Two nets: the secrets that the run was given, in each form that they take on the wire, and whatever
looks like a credential, since a faulty target may show one that the kit never knew.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import string
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, quote_plus, unquote

from omnisession_conformance.environment.secrets import SECRET_FLAG, hides
from omnisession_conformance.protocol.json import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MASK = "[redacted]"

LEAST = 2
"""A secret of one character is hidden where its place tells of it, and not looked for: it is a word."""
_WHOLE_WORD_BELOW = 6
"""Shorter secrets are replaced as whole words only: a secret `a` would wipe out every text."""
_PARTIAL_FROM = 16
"""Of secrets this long the first three quarters are enough: texts may have been cut within one."""
_START = 6
"""Secrets that begin alike are looked for only where that beginning stands."""
_TOKEN_FROM = 8
"""`token` is also the word for a part of a subject: its shorter values are kept."""

_TOKEN_BYTES = frozenset(string.ascii_letters.encode() + string.digits.encode() + b"_-")

_ALWAYS = "password|passwd|secret|authorization|credentials?|private_key"
_LONG_ONES = "token|access_token|refresh_token|id_token|api_?key|jwt|nkey|seed"
_ALWAYS_HIDDEN = re.compile(rf"(?:{_ALWAYS})", re.IGNORECASE)
_HIDDEN_IF_LONG = re.compile(rf"(?:{_LONG_ONES})", re.IGNORECASE)

# A JWT's header begins with `{"`, which is `eyJ` in base64; the rest may have been cut off.
_JWT = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){0,4}")

# The seed of an nkey: S, the kind of its owner, 56 letters of base32, and no more: a long id of
# capitals holds something like it now and then.
# A pattern that begins with a certain character is looked for much faster than any other.
_NKEY_SEED = re.compile(r"(?<![A-Z0-9])S[ACNOUX][A-Z2-7]{56}(?![A-Z0-9])")
_LIKE_A_SEED = re.compile(r"S[ACNOUX][A-Z2-7]{56}")

# Each pattern stands behind words without which it cannot match: a search for a word is a hundred
# times as fast as the pattern, and a transcript has ten thousand bodies.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("eyj",), _JWT, MASK),
    (("://",), re.compile(r"(://)[^/\s@\"'<>]+(?=@)"), rf"\1{MASK}"),
    (
        ("bearer", "basic", "token", "jwt", "key"),
        re.compile(
            r"(?i)\b(bearer|basic|token|jwt|apikey)(:|=|%3A)(?!//)[\w.~+/=-]{8,}",
        ),
        rf"\1\2{MASK}",
    ),
    (
        ("bearer", "basic"),
        # After a space it is a credential only if it has a digit, else it is English.
        re.compile(r"(?i)\b(bearer|basic)(\s+)(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}"),
        rf"\1\2{MASK}",
    ),
    (
        ("pass", "secret", "authorization", "credential", "key"),
        re.compile(
            rf"(?i)(\"(?:{_ALWAYS})\\*\"\s*:\s*\\*\")(?!\[redacted\])[^\"\\]+",
        ),
        rf"\1{MASK}",
    ),
    (
        ("token", "key", "jwt", "seed"),
        re.compile(
            rf"(?i)(\"(?:{_LONG_ONES})\\*\"\s*:\s*\\*\")(?!\[redacted\])[^\"\\]{{8,}}",
        ),
        rf"\1{MASK}",
    ),
)
_PATTERNS_OF_WORD = {
    word: tuple(n for n, (words, _, _) in enumerate(_PATTERNS) if word in words)
    for word in sorted({word for words, _, _ in _PATTERNS for word in words})
}


_LONG_TEXT = 2_000
_BETWEEN_ENTRIES = "},{"
"""Where long texts are cut into parts; no word has any of it."""
_MOST_CLEAN = 50_000


class Redactor:
    """Replaces every known secret, and what looks like one, by `[redacted]`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._given: set[str] = set()
        self._names: dict[str, str] = {}
        self._known: dict[str, list[tuple[str, str]]] = {}
        self._short: re.Pattern[str] | None = None
        self._clean: set[str] = set()
        """Parts of long texts that have none of the words."""
        self.learn(secrets)

    @property
    def secrets(self) -> frozenset[str]:
        """All that it was given."""
        return frozenset(self._given)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these secrets too from now on: tokens are made while a run goes on."""
        self._given |= {s for s in secrets if s}
        self._names.clear()
        found = (secret for secret in self._given if len(secret) >= LEAST)
        forms = {form for secret in found for form in _forms(secret) if form}
        # A JWT is hidden by its pattern: a run makes hundreds, and looking for each is slow.
        long = {f for f in forms if len(f) >= _WHOLE_WORD_BELOW and not _JWT.fullmatch(f)}
        self._known = {}
        for form in sorted(long, key=len, reverse=True):
            self._known.setdefault(form[:_START], []).append((_head(form), form))
        short = sorted((f for f in forms if len(f) < _WHOLE_WORD_BELOW), key=len, reverse=True)
        words = "|".join(re.escape(form) for form in short)
        self._short = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if short else None

    def name(self, name: str) -> str:
        """A subject or another short text that comes again and again, without credentials."""
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = self.text(name)
        return known

    def known(self, text: str) -> str:
        """A text without the secrets that the run was given, and with whatever else is in it."""
        for start, group in self._known.items():
            if start in text:
                for head, secret in group:
                    text = _replace(text, head, secret)
        return text if self._short is None else self._short.sub(MASK, text)

    def text(self, text: str) -> str:
        """A text without credentials."""
        text = self.known(text)
        if words := self._words_in(text):
            for number in sorted({n for word in words for n in _PATTERNS_OF_WORD[word]}):
                _, pattern, mask = _PATTERNS[number]
                text = pattern.sub(mask, text)
        return _NKEY_SEED.sub(MASK, text) if _LIKE_A_SEED.search(text) else text

    def _words_in(self, text: str) -> list[str]:
        """The words in a text behind which a pattern stands.

        A long text is a state, most of whose entries stood in another state before.
        """
        if len(text) < _LONG_TEXT:
            return _words_in(text)
        new = [part for part in text.split(_BETWEEN_ENTRIES) if part not in self._clean]
        found = _words_in(_BETWEEN_ENTRIES.join(new))
        if not found and len(self._clean) < _MOST_CLEAN:
            self._clean.update(new)
        return found

    def data(self, data: bytes) -> bytes:
        """Bytes without credentials; bytes that are no UTF-8 otherwise stay what they are."""
        try:
            return self.text(data.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            # Every byte is one character of Latin-1, so nothing else changes on the way.
            return self.text(data.decode("latin-1")).encode("latin-1")

    def value(self, value: Any) -> Any:
        """A JSON value without credentials, in its strings, its member names and its members."""
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            return {self.text(k): self._member(k, v) for k, v in _members(value)}
        if isinstance(value, (list, tuple)):
            return [self.value(v) for v in cast("Sequence[Any]", value)]
        return value

    def _member(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and value:
            if _ALWAYS_HIDDEN.fullmatch(name):
                return MASK
            if _HIDDEN_IF_LONG.fullmatch(name) and len(value) >= _TOKEN_FROM:
                return MASK
        return self.value(value)

    def command(self, arguments: Sequence[str]) -> str:
        """A command line fit to be shown: the values of secret options are masked too."""
        shown: list[str] = []
        option = ""
        for argument in arguments:
            name, equals, value = argument.partition("=")
            if option and hides(option, argument):
                shown.append(MASK)
            elif equals and hides(name, value):
                shown.append(f"{name}={MASK}")
            else:
                shown.append(self.text(argument))
            option = argument if not option and SECRET_FLAG.fullmatch(argument) else ""
        return shlex.join(shown).replace(f"'{MASK}'", MASK)


def _words_in(text: str) -> list[str]:
    lower = text.lower()
    return [word for word in _PATTERNS_OF_WORD if word in lower]


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text: raw, in JSON, a URL, HTML, a shell, a subject, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield raw.decode("latin-1")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    yield unquote(secret)
    for special in (secret, json.dumps(secret)[1:-1]):
        yield html.escape(special)
        # XML, and the words of a template, write quotes in another way.
        yield html.escape(special, quote=False)
        yield html.escape(special).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield secret.replace("'", "'\"'\"'")
    yield repr(secret)[1:-1]
    yield " ".join(secret.split())
    yield "".join(chr(b) if b in _TOKEN_BYTES else f"={b:02x}" for b in raw)
    if len(raw) >= _TOKEN_FROM:
        yield base64.b64encode(raw).decode().rstrip("=")
        yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _head(secret: str) -> str:
    return secret if len(secret) < _PARTIAL_FROM else secret[: len(secret) * 3 // 4]


def _replace(text: str, head: str, secret: str) -> str:
    parts: list[str] = []
    done = 0
    while (at := text.find(head, done)) >= 0:
        end = at + len(head)
        while end < len(text) and end - at < len(secret) and text[end] == secret[end - at]:
            end += 1
        parts += (text[done:at], MASK)
        done = end
    return "".join((*parts, text[done:]))


def _members(value: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in value.items():
        yield str(name), member

"""What states and events say of entries, taken by half of what they say, or for more."""

import json
import re
from hashlib import sha256
from typing import Any

from omnisession_client import reading
from omnisession_client.kinds import KINDS
from omnisession_client.lists import Key, Order
from omnisession_client.values import State
from omnisession_client_faults.faults import fault
from omnisession_client_faults.faults.reducers import REDUCE
from omnisession_reference.wire import JsonObject

TYPES = sorted((name for kind in KINDS.values() for name in kind.reducers), key=len, reverse=True)
OF_OBJECTS = ("__proto__", "constructor", "hasOwnProperty", "toString", "valueOf")
HALF = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_SEEN: dict[str, int] = {}


# -- types


@fault("reads-types-by-their-start", breaks="CLI-010", replaces=REDUCE)
def by_their_start(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> Any:
    """An event whose type begins as one that is known is taken for that."""
    event = next((name for name in TYPES if event.startswith(name)), event)
    return original(kind, held, event, data, limits)


@fault("reads-types-by-their-end", breaks="CLI-010", replaces="stream.applied")
def by_their_end(original: Any, state: State, body: JsonObject) -> Any:
    """An event whose type ends as one that is known is taken for that, whoever's it is."""
    type_ = str(body.get("type"))
    known = next((name for name in TYPES if type_.endswith(f".{name}")), type_)
    return original(state, {**body, "type": known})


# -- entries


@fault("cuts-editors-as-articles", breaks="CLI-025", replaces=REDUCE)
def as_articles(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> Any:
    """The list of editors is cut to as many entries as that of articles may have."""
    limits = {**limits, "editors": limits.get("articles")}
    return original(kind, held, event, data, limits)


@fault("keeps-since-when-it-knows-an-edit", breaks="CLI-025", replaces=REDUCE)
def keeps_since(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> Any:
    """An edit that has begun already and begins anew keeps its time."""
    if event == "article.edit_started":
        named = [data.get("article_id"), data.get("user_id")]
        if any([one["article_id"], one["user_id"]] == named for one in held["editors"]):
            return held
    return original(kind, held, event, data, limits)


@fault("updates-what-it-has-alone", breaks="CLI-025", replaces=REDUCE)
def what_it_has(
    original: Any, kind: Any, held: JsonObject, event: str, data: JsonObject, limits: Any
) -> Any:
    """An update of an entry that the list lacks adds none."""
    names = {"article.updated": ("article", "articles"), "url.updated": ("url", "urls")}
    if event in names:
        name, entries = names[event]
        entry = reading.mapping(data.get(name)) or {}
        if all(one["id"] != entry.get("id") for one in held[entries]):
            return held
    return original(kind, held, event, data, limits)


@fault("takes-names-of-objects-for-what-is-there", breaks="CLI-025", replaces="lists.upsert")
def of_objects(
    original: Any, entries: list[JsonObject], entry: JsonObject, key: Key, order: Order, limit: Any
) -> Any:
    """An entry whose id is the name of a member that every object has is taken for one that is there."""
    keys: Any = key(entry)
    names: list[Any] = list(keys) if isinstance(keys, tuple) else [keys]  # pyright: ignore[reportUnknownArgumentType]
    return entries if set(names) & set(OF_OBJECTS) else original(entries, entry, key, order, limit)


def _natural(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_natural(one) for one in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if not isinstance(value, str):
        return value
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", value)
    ]


@fault("sorts-digits-as-numbers", breaks="CLI-025", replaces="lists.upsert")
def as_numbers(
    original: Any, entries: list[JsonObject], entry: JsonObject, key: Key, order: Order, limit: Any
) -> Any:
    """Digits in ids are sorted as the numbers that they are: 9 is before 10."""

    def as_they_come(_one: JsonObject) -> int:
        return 0

    put = original(entries, entry, key, as_they_come, None)
    return sorted(put, key=lambda one: _natural(order(one)))[:limit]


@fault("keeps-what-becomes-empty", breaks="CLI-025", replaces="lists.upsert")
def becomes_empty(
    original: Any, entries: list[JsonObject], entry: JsonObject, key: Key, order: Order, limit: Any
) -> Any:
    """A text, list or number of an entry that becomes empty, or 0, stays as it was."""
    nothing: JsonObject = {}
    old = next((one for one in entries if key(one) == key(entry)), nothing)
    kept = {n: old[n] for n, v in entry.items() if v in ("", 0, []) and old.get(n)}
    return original(entries, {**entry, **kept}, key, order, limit)


def _with(change: Any, value: Any) -> Any:
    members, items = reading.mapping(value), reading.items(value)
    if members is not None:
        return {name: _with(change, one) for name, one in members.items()}
    return change(value if items is None else [_with(change, one) for one in items])


@fault("trims-what-it-reads", breaks="CLI-004", replaces="stream.applied")
def trims(original: Any, state: State, body: JsonObject) -> Any:
    """Texts are held without the spaces at their ends."""

    def trimmed(value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    return original(state, {**body, "data": _with(trimmed, body.get("data"))})


@fault("has-each-tag-once", breaks="CLI-004", replaces="stream.applied")
def each_once(original: Any, state: State, body: JsonObject) -> Any:
    """A tag that stands twice in an article is held once."""

    def once(value: Any) -> Any:
        texts = isinstance(value, list) and all(isinstance(one, str) for one in value)  # pyright: ignore[reportUnknownVariableType]
        return list(dict.fromkeys(value)) if texts else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

    return original(state, {**body, "data": _with(once, body.get("data"))})


@fault("sorts-what-states-list", breaks="CLI-004", replaces="stream.shown")
def sorts_states(original: Any, slices: Any, data: JsonObject) -> Any:
    """Lists of participants and editors in a state are sorted anew, whatever case their ids have."""
    data = dict(data)
    for name, by in (("participants", ("id",)), ("editors", ("article_id", "user_id"))):
        found = reading.items(data.get(name))
        if found:
            data[name] = sorted(found, key=lambda one, by=by: [str(one[n]).casefold() for n in by])
    return original(slices, data)


# -- events


@fault("passes-over-its-own-events", breaks="CLI-025", replaces="stream.applied")
def its_own(original: Any, state: State, body: JsonObject) -> Any:
    """An event that an own action caused is taken for an echo of what is there."""
    cause = reading.mapping(body.get("cause")) or {}
    own = cause.get("session_id") == state.session_id
    return dict(state.slices) if own else original(state, body)


@fault("passes-over-events-of-nobody", breaks="CLI-025", replaces="stream.applied")
def of_nobody(original: Any, state: State, body: JsonObject) -> Any:
    """An event that no user has caused changes nothing."""
    nobody = "event_id" in body and body.get("actor") is None
    return dict(state.slices) if nobody else original(state, body)


@fault("knows-the-events-of-its-other-sessions", breaks="CLI-025", replaces="stream.applied")
def of_others(original: Any, state: State, body: JsonObject) -> Any:
    """An event that another session of the process has had is taken for a copy."""
    name = body.get("event_id")
    if isinstance(name, str) and _SEEN.setdefault(name, id(state.config)) != id(state.config):
        return dict(state.slices)
    return original(state, body)


# -- digests and bytes


def _sha(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@fault("hashes-members-by-code-point", breaks="CLI-014", replaces="digests.digest")
def by_code_point(original: Any, data: JsonObject) -> str | None:
    """A digest is made of JSON whose members are sorted by character, and not by UTF-16 unit."""
    right = original(data)
    mine = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    theirs = json.dumps(_by_unit(data), separators=(",", ":"), ensure_ascii=False)
    return right if mine == theirs else _sha(mine)


def _by_unit(value: Any) -> Any:
    members, items = reading.mapping(value), reading.items(value)
    if members is not None:
        names = sorted(members, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _by_unit(members[name]) for name in names}
    return value if items is None else [_by_unit(one) for one in items]


@fault("hashes-numbers-as-they-are-written-here", breaks="CLI-014", replaces="digests.digest")
def numbers(original: Any, data: JsonObject) -> str | None:
    """A digest is made of JSON in which a number such as 1e-7 is written as 1e-07."""
    del original
    return _sha(json.dumps(_by_unit(data), separators=(",", ":"), ensure_ascii=False))


@fault("fails-at-half-a-character", breaks="CLI-029", replaces="reading.body")
def half(original: Any, data: bytes) -> Any:
    """Half of a surrogate pair in any text breaks the client."""
    if HALF.search(data):
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
    return original(data)

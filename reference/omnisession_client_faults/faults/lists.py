"""Lists of a slice: their order, what is in them once, and where they are cut."""

from typing import Any, cast

from omnisession_client.kinds.kind import Limits
from omnisession_client_faults.faults import Fault, enter, fault
from omnisession_client_faults.places import Replacement
from omnisession_reference.wire import JsonObject

Entries = list[JsonObject]
REDUCE = "kinds.kind.Kind.reduce"
UPSERT = "lists.upsert"


@fault("appends-instead-of-sorting", breaks="CLI-025", replaces=UPSERT)
def appends(
    _original: Any, entries: Entries, entry: JsonObject, key: Any, _order: Any, limit: int | None
) -> Entries:
    """An entry is put at the end of its list."""
    return [*(old for old in entries if key(old) != key(entry)), entry][:limit]


@fault("puts-new-entries-first", breaks="CLI-025", replaces=UPSERT)
def puts_first(
    _original: Any, entries: Entries, entry: JsonObject, key: Any, _order: Any, limit: int | None
) -> Entries:
    """An entry is put at the begin of its list."""
    return [entry, *(old for old in entries if key(old) != key(entry))][:limit]


@fault("changes-entries-in-their-place", breaks="CLI-025", replaces=UPSERT)
def in_place(
    original: Any, entries: Entries, entry: JsonObject, key: Any, order: Any, limit: int | None
) -> Entries:
    """An entry that changes stays where it is, wherever its order puts it."""
    if any(key(old) == key(entry) for old in entries):
        return [entry if key(old) == key(entry) else old for old in entries]
    return original(entries, entry, key, order, limit)


@fault("has-entries-twice", breaks="CLI-025", replaces=UPSERT)
def twice(
    original: Any, entries: Entries, entry: JsonObject, _key: Any, order: Any, limit: int | None
) -> Entries:
    """An entry that changes is added beside the one that was there."""
    return original(entries, entry, id, order, limit)


@fault("merges-entries", breaks="CLI-025", replaces=UPSERT)
def merges(
    original: Any, entries: Entries, entry: JsonObject, key: Any, order: Any, limit: int | None
) -> Entries:
    """A member that is null in an entry that changes keeps what it was."""
    none: JsonObject = {}
    before = next((old for old in entries if key(old) == key(entry)), none)
    there = {name: value for name, value in entry.items() if value is not None}
    return original(entries, {**entry, **before, **there}, key, order, limit)


def _utf_16(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_utf_16(item) for item in cast("tuple[Any, ...]", value))
    return value.encode("utf-16-be") if isinstance(value, str) else value


@fault("sorts-by-utf-16", breaks="CLI-025", replaces=UPSERT)
def by_utf_16(
    original: Any, entries: Entries, entry: JsonObject, key: Any, order: Any, limit: int | None
) -> Entries:
    """Ids are sorted by UTF-16 units, not by characters."""

    def by_units(item: JsonObject) -> Any:
        return _utf_16(order(item))

    return original(entries, entry, key, by_units, limit)


def _no_case(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_no_case(item) for item in cast("tuple[Any, ...]", value))
    return value.lower() if isinstance(value, str) else value


@fault("sorts-whatever-case", breaks="CLI-025", replaces=UPSERT)
def whatever_case(
    original: Any, entries: Entries, entry: JsonObject, key: Any, order: Any, limit: int | None
) -> Entries:
    """Ids are sorted whatever case their letters have."""

    def in_lower_case(item: JsonObject) -> Any:
        return _no_case(order(item))

    return original(entries, entry, key, in_lower_case, limit)


@fault("sorts-by-the-first-key", breaks="CLI-025", replaces=UPSERT)
def by_the_first_key(
    original: Any, entries: Entries, entry: JsonObject, key: Any, order: Any, limit: int | None
) -> Entries:
    """Entries of one time are in the order in which they came."""

    def coarse(item: JsonObject) -> Any:
        found: tuple[Any, ...] | str = order(item)
        return found[:-1] if isinstance(found, tuple) and len(found) > 1 else found

    return original(entries, entry, key, coarse, limit)


@fault("deletes-by-the-start-of-an-id", breaks="CLI-025", replaces="lists.without")
def by_the_start(_original: Any, entries: Entries, key: Any, gone: Any) -> Entries:
    """An entry that goes takes along those whose ids begin alike."""

    def alike(entry: JsonObject) -> bool:
        found = key(entry)
        whole = not isinstance(found, str) or not isinstance(gone, str)
        return found == gone if whole else found.startswith(gone)

    return [entry for entry in entries if not alike(entry)]


@fault("deletes-the-first-alone", breaks="CLI-025", replaces="lists.without")
def the_first(original: Any, entries: Entries, key: Any, gone: Any) -> Entries:
    """An entry goes only where it is the first of its list."""
    return original(entries[:1], key, gone) + entries[1:]


@fault("cuts-no-lists", breaks="CLI-025", replaces=REDUCE)
def cuts_none(original: Any, kind: Any, held: Any, event: str, data: Any, _limits: Limits) -> Any:
    """Lists grow beyond the limits of the session."""
    return original(kind, held, event, data, {})


@fault("cuts-one-too-late", breaks="CLI-025", replaces=REDUCE)
def one_too_late(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """Lists have one entry more than the limits of the session."""
    return original(kind, held, event, data, {name: most + 1 for name, most in limits.items()})


@fault("cuts-one-too-soon", breaks="CLI-025", replaces=REDUCE)
def one_too_soon(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """Lists have one entry less than the limits of the session."""
    return original(kind, held, event, data, {name: most - 1 for name, most in limits.items()})


@fault("cuts-at-usual-limits", breaks="CLI-025", replaces=REDUCE)
def usual_limits(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """Lists are cut at a hundred entries, whatever the limits of the session."""
    return original(kind, held, event, data, dict.fromkeys(limits, 100))


@fault("cuts-at-the-begin", breaks="CLI-025", replaces=REDUCE)
def at_the_begin(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
    """What is above a limit goes at the begin of its list."""
    whole: JsonObject | None = original(kind, held, event, data, {})
    cut: JsonObject | None = original(kind, held, event, data, limits)
    if whole is None or cut is None:
        return cut
    return {name: _end(value, cut[name]) for name, value in whole.items()}


def _end(value: Any, cut: Any) -> Any:
    """The end of a list, of the length of another."""
    if not isinstance(value, list):
        return value
    entries = cast("list[Any]", value)
    return entries[len(entries) - len(cut) :]


def _cuts_all_but(limit: str) -> None:
    """Enter the fault of a client that forgets one limit."""

    def cuts(original: Any, kind: Any, held: Any, event: str, data: Any, limits: Limits) -> Any:
        others = {name: most for name, most in limits.items() if name != limit}
        return original(kind, held, event, data, others)

    name, sentence = limit.replace("_", "-"), f"The limit {limit} cuts no list."
    enter(Fault(f"cuts-no-{name}", "CLI-025", sentence, (Replacement(REDUCE, cuts),)))


for _limit in ("articles", "revisions", "editors", "chat_messages", "participants", "urls"):
    _cuts_all_but(_limit)

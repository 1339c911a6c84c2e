"""Faults of errors that tell what a language, a store or a machine says when something fails."""

from omnisession_faults.faults.registry import fault
from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.wire import JsonObject

TEXTS = {
    "dotnet": (
        "of .NET",
        "Object reference not set.   at Acme.Hub.Open(Request r) in Hub.cs:line 42",
    ),
    "node": (
        "of Node",
        "Cannot read properties of undefined (reading 'id') at s.mjs:10:5",
    ),
    "erlang": (
        "of Elixir",
        "** (FunctionClauseError) no function clause matching in Acme.Session.open/2",
    ),
    "postgres": (
        "of Postgres",
        'duplicate key value violates unique constraint "urls_short_code_key"',
    ),
    "mongo": ("of MongoDB", "E11000 duplicate key error collection: omni.urls"),
    "query": ("of a query", "select * from urls where short_code = $1"),
    "address": ("of where a store is", "no answer of redis://:secret@10.0.3.7:6379/0"),
}
"""By name whose text it is, and the text."""
CODES = (4040, 4220, 4030, 4090)
"""Where a store may fail."""


def _leak(text: str) -> type[Errors]:
    class Leaking(Errors):
        def body(self, refusal: Refusal) -> JsonObject:
            told = super().body(refusal)
            return {**told, "message": text} if refusal.code in CODES else told

    return Leaking


for _name, (_whose, _text) in TEXTS.items():
    _part = _leak(_text)
    _part.__doc__ = f"A refusal tells a text {_whose}."
    fault(f"error-text-of-{_name}", breaks="ERR-006")(_part)

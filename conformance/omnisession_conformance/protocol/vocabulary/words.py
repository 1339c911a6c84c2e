"""Words that mean something to a language, a store or a program, and are ids and names as any other."""

from __future__ import annotations

OF_OBJECTS = (
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__class__",
    "__init__",
    "__dict__",
    "__defineGetter__",
    "length",
    "id",
    "self",
    "this",
    "then",
)
"""Members that objects have before anybody gave them one."""
OF_VALUES = (
    "null",
    "undefined",
    "None",
    "nil",
    "NaN",
    "true",
    "false",
    "default",
    "0",
    "-1",
)
"""What stands for nothing, or for everything, in some language."""
OF_STORES = (
    "$where",
    "$ne",
    "..",
    ".",
    "*",
    "%00",
    "CON",
    "' OR '1'='1",
    "DROP TABLE",
    "{{7*7}}",
    "${x}",
    "<script>",
    "\\",
    "\n",
    " ",
)
"""What stores, shells, files and pages read as their own."""
WORDS = (*OF_OBJECTS, *OF_VALUES, *OF_STORES)
FEW = (*OF_OBJECTS[:6], *OF_VALUES[:9], *OF_STORES[:3])
"""Some of all, where every word costs much."""
NAMES = (
    "constructor",
    "prototype",
    "length",
    "id",
    "self",
    "this",
    "then",
    "null",
    "undefined",
    "nil",
    "true",
    "default",
)
"""Those that may be names of kinds, features and profiles."""
OF_TYPES = (
    "__proto__",
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__class__",
    "then",
)
"""Those that a table of types has in some languages, though nobody put them there."""

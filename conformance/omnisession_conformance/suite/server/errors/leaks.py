"""What a text gives away of the inside of a server, in whatever language and on whatever store it runs.

Each pattern begins where nothing like it stands before, so that no text is searched anew from each
place in it. What a person may be told is none: names of members, pointers, positions in a body, words
of the catalogue, addresses of pages.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE, FAILURE = "a stack trace", "an inner failure"
QUERY, PATH = "a query", "a file path"
PLACE = "an address or setting of the server"

_SOURCES = (
    "go|py|pyx|[mc]?jsx?|[mc]?tsx?|vue|rs|java|kts?|scala|groovy|clj|gleam|[eh]rl|exs?|cs|fs|vb|rb|php"
    "|c|cc|cpp|cxx|h|hpp|hh|mm|swift|dart|lua|pl|pm|hs|ml|zig|nim|jl|cr"
)
"""How the names of files with programs end."""
_FOLDERS = (
    "usr|home|var|opt|etc|tmp|root|srv|app|proc|mnt|Users|media|run|lib(?:64)?|s?bin"
    "|dev|sys|nix|workspaces?|build|snap|Applications"
)
_STORES = (
    r"postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|nats|jdbc:\w+|sqlserver"
    r"|oracle|kafka|ldaps?|sqlite3?|memcached|cassandra|etcd"
)
"""Folders of machines, and how addresses of stores begin."""
_CALLS = r"[\w$<>`+\[\],~]+"
_RUNTIMES = (
    *("TypeError", "ReferenceError", "KeyError", "AttributeError", "NameError", "IndexError"),
    *("ValueError", "ZeroDivisionError", "RecursionError", "NoMethodError", "ArgumentError"),
    *("FunctionClauseError", "CaseClauseError", "MatchError", "StackOverflowError"),
    *("OutOfMemoryError", r"\w*IntegrityError", r"\w*OperationalError", r"\w*QueryException"),
    *("KotlinNullPointerException", "NullPointerException", "NullReferenceException"),
    *("ClassCastException", "IllegalStateException", "IllegalArgumentException"),
    *("ArgumentNullException", "InvalidOperationException", "KeyNotFoundException"),
    *("[A-Za-z]{0,40}SQL[A-Za-z]{0,40}Exception", r"Mongo\w*Error", r"Sequelize\w*Error"),
)
"""Errors that languages and stores have names for: no server makes them up for its clients."""
_PARTS = "ActiveRecord|PG|Mysql2|Ecto|Illuminate|org\\.hibernate|sqlalchemy|psycopg2?"

_PATTERNS: tuple[tuple[str, str, str], ...] = (
    # What it is, words of which one stands in every such text, in small letters, and the text.
    (
        TRACE,
        "traceback|tack trace|tacktrace|callstack",
        r"Traceback \(most|\bStack ?trace:|CallStack \(",
    ),
    (TRACE, "caused by", r"\bCaused by: [\w.$]+(?:Exception|Error)\b"),
    (TRACE, "line ", r'File "[^"]{1,300}", line \d+'),
    (TRACE, "at ", r"\bat (?:async |new )?[\w.$<>]+ ?\([^()]*:\d+\)"),
    (TRACE, "at ", rf"\bat (?:async |new )?(?:[A-Z]{_CALLS}\.)+{_CALLS}(?:\(| \()"),
    (TRACE, "at ", rf"\bat (?:{_CALLS}[./]){{2,}}{_CALLS}\((?!s\))"),
    (
        TRACE,
        "goroutine|panic",
        r"\bgoroutine \d+ \[|\bpanicked at\b|(?<!\w)panic: (?:[a-z]+ error|\w+\.)",
    ),
    (TRACE, ":|(", rf"(?<![\w-])[\w-]+\.(?:{_SOURCES})(?::|\()\d+"),
    (TRACE, "line ", rf"(?<![\w-])[\w-]+\.(?:{_SOURCES})(?::|, | on | at | |\()line \d+"),
    (
        TRACE,
        "<module>|<anonymous>|method)|source)",
        r"\bin <module>|<anonymous>|\((?:Native M|Unknown S)",
    ),
    (
        TRACE,
        " more|.dart|:in |at native",
        r"\.\.\. \d+ more\b|\.dart \d+:\d+|:in [`'][\w ]{1,60}'|\bat native\b",
    ),
    (TRACE, "** (|#pid|<0.", r"\*\* \((?:\w+Error|EXIT|exit|stop|throw)|#PID<\d|<0\.\d+\.\d+>"),
    (TRACE, ") lib/", r"\(\w+ \d+\.\d+\.\d+\) lib/"),
    (FAILURE, "error|exception", rf"(?<![\w.])(?:{'|'.join(_RUNTIMES)})\b"),
    (
        FAILURE,
        "error|exception",
        r"(?<![\w.:\\])(?:[A-Za-z_]\w*(?:\.|::|\\))+\w*(?:Exception|[a-z]Error)\b",
    ),
    (
        FAILURE,
        "property|properties|undefined|nonetype",
        r"\b(?:Cannot|can't) read proper(?:ty|ties)\b|\bundefined is not |NoneType\b",
    ),
    (
        FAILURE,
        "undefined method|runtime error|sigsegv",
        r"\bundefined method\b|\bruntime error: |\bSIGSEGV\b",
    ),
    (
        FAILURE,
        "pointer|core dumped|fault",
        r"\b(?:nil|null) pointer\b|\bcore dumped\b|\bSegmentation fault\b",
    ),
    (
        FAILURE,
        "terminate|what():|std::|::",
        r"\bterminate called\b|\bwhat\(\): |\bstd::|`(?:Option|Result)::\w+",
    ),
    (
        FAILURE,
        "found nil|fatal error: |uncaught ",
        r"\bUnexpectedly found nil\b|\bFatal error: |\bUncaught \w",
    ),
    (
        FAILURE,
        "clause|bad|noproc",
        r"\bno function clause\b|\b(?:function_clause|case_clause|bad(?:arg|match|_alloc)|noproc)\b",
    ),
    (FAILURE, "0x|<class", r"\bobject at 0x|<class '|\(0x[0-9a-f]{6,16}[,)]|\+0x[0-9a-f]+\b"),
    (
        FAILURE,
        "object reference|execute statement|deadlock",
        r"\bObject reference not set|\bcould not execute statement|\bdeadlock detected",
    ),
    (FAILURE, "::|.|\\", rf"\b(?:{_PARTS})(?:::|\.|\\)\w"),
    (
        FAILURE,
        "prisma|rejection|exc_bad",
        r"\bPrismaClient\w*|\bUnhandledPromiseRejection|\bEXC_BAD_ACCESS",
    ),
    (
        FAILURE,
        "constraint|violation",
        r"(?i:\bconstraint failed\b|\bviolates [\w -]{1,40}constraint|\bviolation of \w+ key\b)",
    ),
    (
        FAILURE,
        "sqlstate|ora-|sqlite_|er_|e11000",
        r"\bSQLSTATE\b|\bORA-\d{5}\b|\bSQLITE_[A-Z]+\b|\bER_[A-Z_]{4,}\b|\bE11000\b",
    ),
    (
        FAILURE,
        "relation |key (|varying",
        r'\brelation "\w+" does not exist|\bKey \(\w+\)=\(|\btype character varying\b',
    ),
    (
        FAILURE,
        "in column|input syntax|locked",
        r"\bnull value in column\b|\binvalid input syntax for type\b|\bdatabase is locked\b",
    ),
    (
        FAILURE,
        "entry|column|table",
        r"\bDuplicate entry '|\bUnknown column '|\bfor column '|\bno such (?:table|column): ",
    ),
    (
        FAILURE,
        "sql syntax|dup key|binary data",
        r"\berror in your SQL syntax\b|\bdup key: |\bbinary data would be",
    ),
    (
        FAILURE,
        "wrongtype|noauth|misconf|level ",
        r"\bWRONGTYPE Operation\b|\bNOAUTH Auth|\bMISCONF Redis\b|\bMsg \d+, Level \d+",
    ),
    (
        FAILURE,
        "econn|enoent|eacces|etimed|enotf|epipe|emfile|again|eaddr|ehost",
        r"\bE(?:CONN[A-Z]+|NOENT|ACC(?:ES)|TIMEDOUT|NOTFOUND|PIPE|MFILE|AI_AGAIN|ADDRINUSE|HOSTUNREACH)\b",
    ),
    (
        FAILURE,
        "dial tcp|[errno|such file",
        r"\bdial tcp\b|\[Errno \d+\]|\bno such file or directory\b",
    ),
    (QUERY, "select", r"\bSELECT\b(?:(?!\bSELECT\b).)+\bFROM\b"),
    (QUERY, "delete from|insert into", r"\bDELETE FROM\b|\bINSERT INTO\b"),
    (QUERY, "update", r"\bUPDATE\b(?:(?!\bUPDATE\b).)+\bSET\b"),
    (QUERY, " where ", r"(?i:\bfrom \S{1,80} where \S{1,80} ?(?:=|<|>|like|in) ?[\"'$?:(\d%])"),
    (
        QUERY,
        "insert into|update ",
        r"(?i:\binsert into \S{1,80} ?\([^()]*\) ?values\b|\bupdate \S{1,80} set \S{1,80} ?=)",
    ),
    (
        QUERY,
        "db.|$",
        r"\bdb\.\w+\.(?:find|insert|update|delete|aggregate)\w*\(|\{ ?\"?\$(?:set|match|ne|in|where)\"? ?:",
    ),
    (PATH, "/", rf"(?<![\w/.])/(?:{_FOLDERS})/[\w.@-]+"),
    (PATH, ":\\|:/|\\\\", r"\b[A-Z]:[\\/](?!/)[\w.-]+|(?<!\\)\\\\[\w.-]+\\[\w$]+|\bfile:///"),
    (
        PATH,
        "_modules|-packages|webpack|.asar",
        r"\b(?:node_modules|(?:site|dist)-packages)/|\bwebpack(?:-internal)?://|\bapp\.asar\b",
    ),
    (PLACE, "://", rf"\b(?:{_STORES})://[^\s'\"]+"),
    (PLACE, ";", r"(?i:\b(?:password|pwd|user id|uid|data source|initial catalog)=[^;\s]{1,200};)"),
    (PLACE, "host=", r"\bhost=\S{1,200} (?:port|dbname|user|password)="),
    (
        PLACE,
        ":",
        r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}:\d{2,5}\b|\[[0-9a-f:]{2,39}\]:\d{2,5}\b|\blocalhost:\d{2,5}\b",
    ),
    (
        PLACE,
        "127.|10.|192.168|172.",
        r"(?<![\d.])(?:127\.\d{1,3}|10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}(?![\d.])",
    ),
    (
        PLACE,
        "=",
        r"\b[A-Z][A-Z0-9_]*(?:SECRET|PASSWORD|PASSWD|TOKEN|KEY|URL|DSN|HOST|PATH|HOME)=\S+",
    ),
    (
        PLACE,
        "_ur|secret|aws_",
        r"\b(?:(?:DATABASE|NATS|REDIS|MONGO(?:DB)?)_UR[LI]|OMNISESSION_SECRET|JWT_SECRET|AWS_[A-Z_]+)\b",
    ),
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Few are ever needed, and all of them take their time.
    return re.compile(pattern, re.DOTALL)


@cache
def _words() -> tuple[tuple[str, tuple[str, ...], str], ...]:
    return tuple((what, tuple(words.split("|")), pattern) for what, words, pattern in _PATTERNS)


@lru_cache(maxsize=4096)
def leaks(text: str) -> tuple[tuple[str, str], ...]:
    """What a text gives away: what it is, and the words that tell it."""
    return tuple(_leaks(text))


def _leaks(text: str) -> Iterator[tuple[str, str]]:
    small = text.lower()
    for what, words, pattern in _words():
        if any(word in small for word in words):
            for found in dict.fromkeys(match[0] for match in _compiled(pattern).finditer(text)):
                yield what, found

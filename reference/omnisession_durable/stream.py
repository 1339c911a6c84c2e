"""How the stream of a journal has to be kept, and how many copies of it are asked for."""

import json
from collections.abc import Mapping
from typing import Any

from omnisession_reference.wire import JsonObject

STREAM = "OMNI_JOURNAL"
ENTRIES = "omni.j.0"
BEATS = "omni.j.beat"
CONFIG: JsonObject = {
    "name": STREAM,
    "subjects": ["omni.j.*"],
    "storage": "file",
    "retention": "limits",
    "discard": "new",
    "max_age": 0,
    "max_msg_size": 917_504,
    "deny_delete": True,
    "deny_purge": True,
    "allow_direct": True,
    "allow_msg_ttl": True,
    "metadata": {"omni.journal": "1"},
}

NEEDED: Mapping[str, Any] = {
    **{
        name: CONFIG[name]
        for name in ("subjects", "storage", "retention", "discard", "max_age", "allow_msg_ttl")
    },
    # More of one subject would drive out the oldest entries.
    "max_msgs_per_subject": -1,
}
"""Without these, entries vanish, or are never stored. The rest is its operator's choice."""
ABSENT: Mapping[str, Any] = {"max_age": 0, "allow_msg_ttl": False, "max_msgs_per_subject": -1}
"""What a setting is that the broker does not tell."""

COPIES = 3


def wrong_setting(config: JsonObject) -> str:
    """Say what is wrong with the settings of a stream; empty if nothing is."""
    for name, needed in NEEDED.items():
        found = config.get(name, ABSENT.get(name))
        if found != needed:
            hint = " (NATS 2.11 or later has it)" if name == "allow_msg_ttl" else ""
            return (
                f"the stream {STREAM} has {name} {json.dumps(found)}, and a journal needs "
                f"{json.dumps(needed)}{hint}: change that, or remove the stream"
            )
    return ""


def copies(info: JsonObject) -> int:
    """How many copies to ask for, by what a broker says of itself: three where it has the nodes."""
    nodes = len(info.get("connect_urls") or ()) if info.get("cluster") else 1
    return COPIES if nodes >= COPIES else 1

"""Faults of limits that are too low for what the protocol asks to be seen there."""

from omnisession_faults.faults.registry import Fault, enter
from omnisession_faults.floors import FLOOR_OF_RATE, FLOORS

for _name, _floor in FLOORS.items():
    enter(
        Fault(
            f"low-{_name.replace('_', '-')}",
            "LIMIT-005",
            f"The limit {_name} is one below its floor.",
            limits={_name: _floor - 1},
        )
    )
enter(
    Fault(
        "lists-of-one",
        "LIMIT-005",
        "Every list is cut after its first entry.",
        limits=dict.fromkeys(
            ("articles", "revisions", "editors", "urls", "chat_messages", "participants"), 1
        ),
    )
)
enter(
    Fault(
        "short-lists",
        "LIMIT-005",
        "Lists are cut after a few entries.",
        limits={"articles": 5, "revisions": 2, "editors": 2, "urls": 4, "chat_messages": 3},
    )
)
enter(Fault("one-session", "LIMIT-005", "A user has one live session.", limits={"sessions": 1}))
enter(
    Fault(
        "small-texts",
        "LIMIT-005",
        "Texts and actions may be a few hundred bytes long.",
        limits={
            "action": 6_000,
            "article_content": 1_500,
            "chat_content": 300,
            "target_url": 250,
        },
    )
)
enter(
    Fault(
        "nineteen-actions-a-second",
        "LIMIT-006",
        "A session may send one action a second less than the least.",
        rate=FLOOR_OF_RATE - 1,
    )
)

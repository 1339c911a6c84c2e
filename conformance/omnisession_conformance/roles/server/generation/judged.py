"""The requirements that generated traffic may show to be broken, and how long its cases may take."""

from __future__ import annotations

LONGEST_MS = 60_000
"""With a find that is tried again and made short; what a busy target asks for comes on top."""
OF_SESSIONS = (
    *(
        "CTRL-001",
        "CTRL-003",
        "CTRL-004",
        "CTRL-005",
        "CTRL-006",
        "CTRL-007",
        "CTRL-011",
        "CTRL-012",
    ),
    *(
        "CTRL-013",
        "CTRL-016",
        "CTRL-018",
        "CTRL-019",
        "VER-002",
        "VER-003",
        "ENV-007",
        "ERR-002",
        "ERR-003",
        "SEC-003",
        "SEC-006",
    ),
    *(
        "SEC-008",
        "STATE-002",
        "STATE-005",
        "STATE-006",
        "STATE-013",
        "STATE-014",
        "EVENT-001",
        "EVENT-002",
        "ORDER-005",
    ),
    *("RESUME-001", "RESUME-002", "RESUME-005", "RESUME-006"),
)
OF_ACTIONS = (
    *(
        "ACTION-001",
        "ACTION-005",
        "ACTION-006",
        "ACTION-007",
        "ACTION-008",
        "ACTION-009",
        "ACTION-010",
    ),
    *(
        "ACTION-012",
        "ACTION-013",
        "ACTION-014",
        "ACTION-015",
        "ACTION-016",
        "ACTION-017",
        "ACTION-018",
        "ACTION-019",
    ),
    *("ACTION-020", "ACTION-021", "ACTION-024", "ACTION-025", "ACTION-027", "LIMIT-003"),
)
OF_KINDS = (
    *("STATE-009", "ART-001", "ART-002", "ART-003", "ART-004", "ART-005", "ART-006", "ART-007"),
    *("ART-008", "ART-009", "ART-010", "ART-011", "ART-012", "ART-013", "ART-014", "ART-015"),
    *("EDIT-001", "EDIT-002", "EDIT-003", "EDIT-004"),
    *("CHAT-001", "CHAT-002", "CHAT-003", "CHAT-004", "CHAT-005", "CHAT-006", "CHAT-007"),
    *("CHAT-008", "CHAT-009", "CHAT-010", "CHAT-011", "CHAT-012"),
    *("URL-001", "URL-002", "URL-003", "URL-004", "URL-006", "USER-001", "USER-003", "USER-004"),
)
OF_CONNECTIONS = ("CTRL-023", "CTRL-024")
"""Those of programs in which connections fail."""
JUDGED = (*OF_SESSIONS, *OF_ACTIONS, *OF_KINDS)

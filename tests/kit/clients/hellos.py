"""What an adapter says first, in tests."""

from __future__ import annotations

from typing import Any

HELLO: dict[str, Any] = {
    "contract": 1,
    "client": {"name": "one", "version": ""},
    "profiles": ["states"],
}

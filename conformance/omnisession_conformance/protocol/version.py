"""The version of the protocol that this kit speaks and judges."""

from __future__ import annotations

from typing import Final

PROTOCOL: Final = "1.0"
"""As bodies say it in `v`, as an open offers it, and as the folder of the requirements is named."""

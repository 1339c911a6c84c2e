"""What all cases of long lists go by."""

from __future__ import annotations

MOST = 250
"""Of longer lists so many entries are made and must be there; they are not filled up."""
CUT = "STATE-012"

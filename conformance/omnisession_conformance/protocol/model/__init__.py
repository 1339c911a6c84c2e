"""The kit's own model of what a right client holds: slices, reducers, order, limits and digests.

Written from the protocol page alone, so that it can judge any server. Nothing here changes a value
that it was given: slices share their entries with the messages that they came from.
"""

from __future__ import annotations

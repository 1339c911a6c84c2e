"""Faults of what keeps users apart and bounds what they may send."""

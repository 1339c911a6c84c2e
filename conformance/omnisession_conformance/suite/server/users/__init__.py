"""The kind user: cases and rules."""

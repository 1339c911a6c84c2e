"""Discovery: cases and rules."""

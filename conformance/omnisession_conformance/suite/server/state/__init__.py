"""States: cases and rules."""

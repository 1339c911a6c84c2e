"""Events: cases and rules."""

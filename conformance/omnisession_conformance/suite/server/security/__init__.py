"""Security: cases and rules."""

"""Actions and their outcomes: cases and rules."""

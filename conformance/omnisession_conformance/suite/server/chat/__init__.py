"""The kind chat: cases and rules."""

"""The kind url: cases and rules."""

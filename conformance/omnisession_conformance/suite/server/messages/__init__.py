"""The envelope of every message: cases and rules."""

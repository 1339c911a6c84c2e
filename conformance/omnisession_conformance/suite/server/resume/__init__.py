"""Resuming after a gap: cases and rules."""

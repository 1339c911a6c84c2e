"""Limits, sizes and lists: cases and rules."""

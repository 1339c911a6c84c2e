"""Errors and malformed messages: cases and rules."""

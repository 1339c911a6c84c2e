"""Subjects and their tokens: cases and rules."""

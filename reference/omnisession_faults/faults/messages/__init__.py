"""Faults of single messages: subjects and their tokens, bytes, envelopes, errors."""

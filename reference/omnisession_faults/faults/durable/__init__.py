"""Faults of what outlives an instance: they are of the server on a journal."""

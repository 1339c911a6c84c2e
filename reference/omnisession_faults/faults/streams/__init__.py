"""Faults of what is published in a session: states, events, and their order."""

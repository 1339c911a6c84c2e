"""Faults in the life of a session: how it is found, opened, asked, resumed and ended."""

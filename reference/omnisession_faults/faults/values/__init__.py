"""Faults of how values are compared, kept and told."""

"""Faults in how actions are taken: forms, numbers, copies and outcomes."""

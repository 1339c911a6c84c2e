"""Sessions in a journal: what instances make of it, and who of them may speak."""

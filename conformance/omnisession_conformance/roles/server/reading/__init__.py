"""A finished log read as sessions, their lives, attempts at actions, and who caused what."""

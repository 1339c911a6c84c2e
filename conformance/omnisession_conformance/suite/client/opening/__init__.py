"""Opening a session: what comes before its first states."""

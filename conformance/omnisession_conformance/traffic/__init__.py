"""Messages as the kit sends and hears them: connections, the tap, the log, and what is kept of each."""

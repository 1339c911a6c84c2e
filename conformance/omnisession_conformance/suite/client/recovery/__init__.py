"""What is missing, and how a client gets it."""

"""The server that a client under test meets: truthful, but for what a case overrides."""

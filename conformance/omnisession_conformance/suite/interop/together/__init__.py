"""Scenarios of a server and a client."""

"""Clients under test: how one is started and asked, what stands in its way, the server it meets."""

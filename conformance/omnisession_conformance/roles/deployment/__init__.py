"""A deployment under test: a broker with its users, of which the kit is given some."""

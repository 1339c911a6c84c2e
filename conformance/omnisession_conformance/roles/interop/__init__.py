"""A server and a client under test together: the kit listens, lets them meet, and asks both."""

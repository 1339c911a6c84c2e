"""States and events: what a client makes of them."""

"""A wire between a client and the broker that can be watched, and that can fail: see `proxy`."""

"""Traffic that was drawn, or saved when it had found something: see `roles.server.generation`."""

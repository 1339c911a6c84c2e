"""Short programs that once found something: played in every run."""

"""What a target may be: how each role is started, asked and read."""

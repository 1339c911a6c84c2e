"""What no server says, and a client bears."""

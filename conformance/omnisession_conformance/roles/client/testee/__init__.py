"""The contract with an adapter: its lines, what they say, and the process that writes them."""

"""What several cases for clients do, in steps that read like a story."""

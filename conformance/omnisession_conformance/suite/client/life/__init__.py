"""Signs of life, lost connections, ends and new sessions."""

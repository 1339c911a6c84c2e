"""What scenarios do again and again."""

"""What runs cases and settles verdicts, whatever the role of the target."""

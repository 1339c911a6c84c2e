"""Order and positions: cases and rules."""

"""What an optimistic client shows: its pending actions on top of the slices."""

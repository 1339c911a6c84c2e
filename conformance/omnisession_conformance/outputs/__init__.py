"""What follows a run while it goes on: the results stream, the transcript, the line of progress."""

"""What clients keep pending: until when, over cuts, and into new sessions."""

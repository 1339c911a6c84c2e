"""What a client sends: ids, numbers, copies and outcomes."""

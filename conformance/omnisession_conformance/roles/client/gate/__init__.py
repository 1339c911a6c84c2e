"""What stands between a client and the broker: it sees, counts, cuts, and never speaks unasked."""

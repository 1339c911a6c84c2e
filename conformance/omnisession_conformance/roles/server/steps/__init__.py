"""What cases do and build on, shared by areas."""

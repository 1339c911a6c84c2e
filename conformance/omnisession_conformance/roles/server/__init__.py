"""The role `server`: sessions as a client sees them, and what a case is handed."""

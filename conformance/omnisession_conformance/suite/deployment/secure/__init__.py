"""Who may hear and say what on a broker."""

"""Where pytest shows the sweeps: requirements that the rules judge on every message of a run."""

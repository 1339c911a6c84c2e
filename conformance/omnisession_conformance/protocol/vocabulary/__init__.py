"""Values that a run draws from: forms of ids, names, and what is hard to compare, to keep or to look up."""

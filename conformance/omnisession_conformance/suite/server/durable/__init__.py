"""DUR: what outlives the end of an instance, and of all of them; these cases end, freeze and start some."""

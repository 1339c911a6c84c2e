"""The traces of `schemas/vectors/`, and what plays them to a core."""

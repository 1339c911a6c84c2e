"""The programs behind the null targets of both roles: `python -m omnisession_conformance.nulls NAME`."""

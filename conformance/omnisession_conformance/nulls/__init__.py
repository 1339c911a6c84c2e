"""The programs behind the null targets of servers: `python -m omnisession_conformance.nulls NAME`."""

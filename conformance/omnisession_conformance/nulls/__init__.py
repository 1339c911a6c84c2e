"""The programs behind the null targets of servers and clients: `python -m omnisession_conformance.nulls NAME`."""

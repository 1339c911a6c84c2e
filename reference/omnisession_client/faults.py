"""The wrong clients by name, as they are known here; they stand in a package of their own."""

from omnisession_client_faults.faults import FAULTS, Fault
from omnisession_client_faults.places import Replacement, put

__all__ = ["FAULTS", "Fault", "Replacement", "put"]

"""The faulty servers by name, as they are known here; they stand in a package of their own."""

from omnisession_faults.faults import FAULTS, Fault, fault

__all__ = ["FAULTS", "Fault", "fault"]

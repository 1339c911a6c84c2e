"""The unusual clients by name, as they are known here; they stand in a package of their own."""

from omnisession_client_faults.variants import VARIANTS, Variant

__all__ = ["VARIANTS", "Variant"]

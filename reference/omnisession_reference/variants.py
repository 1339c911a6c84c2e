"""The unusual servers by name, as they are known here; they stand in a package of their own."""

from omnisession_faults.variants import VARIANTS, Variant, enter, variant

__all__ = ["VARIANTS", "Variant", "enter", "variant"]

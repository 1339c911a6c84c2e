"""The kinds of state that this server serves, one module each.

To add a kind, write a module with a class of the interface in `kind.py` and name it here.
"""

from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.kind import Kind

KINDS = (Articles,)

__all__ = ["KINDS", "Kind"]

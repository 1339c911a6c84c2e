"""The kinds of state that this server serves, one module each.

To add a kind, write a module with a class of the interface in `kind.py` and name it here.
"""

from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.kind import Kind
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users

KINDS = (Articles, Chat, Urls, Users)
KIND_NAMES = tuple(kind.name for kind in KINDS)

__all__ = ["KINDS", "KIND_NAMES", "Kind"]

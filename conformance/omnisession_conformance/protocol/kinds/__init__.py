"""The kinds of the protocol, each declared in a module of its own; `tables` looks things up in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.articles import ARTICLES
from omnisession_conformance.protocol.kinds.chat import CHAT
from omnisession_conformance.protocol.kinds.url import URL
from omnisession_conformance.protocol.kinds.user import USER

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.kind import Kind

KINDS: tuple[Kind, ...] = (ARTICLES, CHAT, URL, USER)

"""Generated traffic: programs of steps that are drawn, run on a live server, judged by a model, and shrunk.

All but `run` and `machine` is pure: steps are values, the world is the kit's own account of what a right
server holds, and what it is compared with are slices that were folded of what was heard.
"""

from __future__ import annotations

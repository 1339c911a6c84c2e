"""Reports, made from a results stream and nothing else: for the terminal, for people, for programs.

`files` writes them all; each imports what it is made with, so that a name of a file costs nothing.
"""

from omnisession_conformance.report.names import (
    BADGE_FILE,
    ENDPOINT_FILE,
    FILES,
    HTML_FILE,
    JUNIT_FILE,
    MARKDOWN_FILE,
    REPORTS,
    SUMMARY_FILE,
    TEXT_FILE,
)

__all__ = [
    "BADGE_FILE",
    "ENDPOINT_FILE",
    "FILES",
    "HTML_FILE",
    "JUNIT_FILE",
    "MARKDOWN_FILE",
    "REPORTS",
    "SUMMARY_FILE",
    "TEXT_FILE",
]

"""The names of the files in a report folder."""

from __future__ import annotations

HTML_FILE = "report.html"
TEXT_FILE = "report.txt"
JUNIT_FILE = "junit.xml"
SUMMARY_FILE = "summary.json"
MARKDOWN_FILE = "summary.md"
BADGE_FILE = "badge.svg"
ENDPOINT_FILE = "badge.json"

REPORTS = (HTML_FILE, TEXT_FILE, JUNIT_FILE, MARKDOWN_FILE, SUMMARY_FILE, BADGE_FILE, ENDPOINT_FILE)
"""What is made from the results stream; a run of a part has no badge."""
RESULTS_FILE = "results.jsonl"
TRANSCRIPT_FILE = "transcript.jsonl"
FILES = (*REPORTS, RESULTS_FILE, TRANSCRIPT_FILE)
"""All that a report folder holds: the reports, and the two files that a run writes itself."""
FOR_PEOPLE = (HTML_FILE, TEXT_FILE, JUNIT_FILE, MARKDOWN_FILE)

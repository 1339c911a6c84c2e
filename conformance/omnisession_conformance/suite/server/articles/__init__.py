"""The kind articles, its drafts and its editing: cases and rules."""

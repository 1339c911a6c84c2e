"""Faults of one kind of state each: articles, chat, urls, users."""

"""Requests, answers, timers and the life of sessions: cases and rules."""

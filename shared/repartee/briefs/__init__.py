"""Briefs and reminders: what is due, what is written of it, and how it reaches the person
(docs/briefs.md)."""

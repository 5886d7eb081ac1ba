"""Finds personal data in text, and replaces it by placeholders before a model sees it."""

"""Telegram: updates by webhook in, Bot API out."""

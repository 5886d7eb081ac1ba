"""Outgoing webhooks: the events of a desk's conversations, on their way to the receivers."""

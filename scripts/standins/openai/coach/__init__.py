"""Stand-in for the coach's small model, by rules."""

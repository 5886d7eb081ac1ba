"""What stands in for the coach's small model, and what its library and people are on one machine."""

"""The function that sends events to this machine."""

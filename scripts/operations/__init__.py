"""Commands for the person on call: looking at a deployed stack, and repairing it."""

"""Takes in verified requests of the channels: stores messages and wakes the worker of their chat."""

"""The knowledge of training that takes no call: units, what is plausible, progress, and its picture."""

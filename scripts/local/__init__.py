"""The local stack: everything that Repartee talks to, on one machine, without a key.

What stands in for a service says so in its name.
"""

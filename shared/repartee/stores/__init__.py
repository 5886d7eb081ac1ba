"""Where things are kept: one module a database, each held to the contract of its port."""

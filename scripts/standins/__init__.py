"""Stand-ins: local servers that enforce the rules of the services Repartee talks to. See README.md."""

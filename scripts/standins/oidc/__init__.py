"""Stand-in of an OpenID Connect provider: keys and tokens."""

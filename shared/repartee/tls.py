"""Loads the trusted certificates once, for every TLS client of the process."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx2


@lru_cache
def system_ssl_context() -> ssl.SSLContext:
    """Returns the system's authorities. Reading them takes 30 ms; a restored process has them already."""
    return httpx2.create_ssl_context()

"""Limits of Pinecone's data plane, from its reference of 2026-07."""

from __future__ import annotations

MAX_UPSERT_BYTES = 2 * 1024 * 1024
MAX_UPSERT_RECORDS = 1_000
MAX_METADATA_BYTES = 40 * 1024
"""Of one record."""
MAX_RESULT_BYTES = 4 * 1024 * 1024
MAX_ID_CHARS = 512
MAX_MATCHES = 10_000
MAX_CALLS_PER_SECOND = 100
"""Calls to one namespace."""

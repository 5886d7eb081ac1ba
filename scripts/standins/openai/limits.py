"""Limits of OpenAI's API, from its reference and guides."""

from __future__ import annotations

MAX_EMBEDDED_TEXTS = 2_048
MAX_EMBEDDED_TOKENS = 8_192
"""Of one text."""
MAX_EMBEDDED_TOKENS_TOGETHER = 300_000
MIN_CACHED_TOKENS = 1_024
"""Prompts from this length on are cached, in steps of CACHE_STEP_TOKENS."""
CACHE_STEP_TOKENS = 128
MAX_RECORDING_BYTES = 25 * 1024 * 1024
MIN_RECORDING_BYTES = 200
"""A recording of a tenth of a second has at least these; shorter ones are refused."""
MIN_IMAGE_BYTES = 30
"""An image of fewer is damaged, whatever its format."""

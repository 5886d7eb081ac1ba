"""How many random examples a property is tried on, where each of them takes a while.

The mutated payloads of all channels together are 110,000 with HYPOTHESIS_PROFILE=thorough.
"""

from __future__ import annotations

import os

from hypothesis import settings

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def example_count(few: int, thorough: int) -> settings:
    """So few in every run of the tests, and more of them with HYPOTHESIS_PROFILE=thorough."""
    return settings(max_examples=thorough if IS_THOROUGH else few)

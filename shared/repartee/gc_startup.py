"""To be imported first: until `wiring.start` has made the parts, nothing is looked through for garbage.

What a start imports and makes stays, so that collecting it again and again is in vain: a tenth of a start's
processor time. https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc

gc.disable()


def freeze_startup_objects() -> None:
    """Excludes the objects that exist by now from garbage collection; later ones are collected as usual."""
    gc.freeze()
    gc.enable()

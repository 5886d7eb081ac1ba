"""To be imported first: until `wiring.start_process` has made the parts, nothing is looked through for
garbage, and the libraries that every function needs are imported with room for their frames.

What a start imports and makes stays, so that collecting it again and again is in vain: a tenth of a start's
processor time. https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc

from repartee.frame_stack import call_with_stack_room
from repartee.library_imports import import_libraries

gc.disable()


call_with_stack_room(import_libraries)


def freeze_startup_objects() -> None:
    """Excludes the objects that exist by now from garbage collection; later ones are collected as usual."""
    gc.freeze()
    gc.enable()
